//! What a member of a report may be: enough to check what comes from outside, to show what is stored, and to
//! describe both.

use serde_json::{Map, Value};

use crate::time::Timestamp;
use crate::violation::Violation;

/// Longest text of a query or of a provider's answer, in bytes.
pub const TEXT_BYTES_MAX: usize = 8 * 1024;
/// Most items of a list.
pub const ITEMS_MAX: usize = 1000;

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A text.
    Text,
    /// A date like `1990-12-31`.
    Date,
    /// Two letters, such as `US` (ISO 3166-1).
    Country,
    /// `123-45-6789`.
    SocialSecurityNumber,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Any number of the same.
    List(&'static Self),
    /// An object with these members and no others.
    Object(&'static [Member]),
    /// An object of the same by any names.
    Map(&'static Self),
    /// An object with any members.
    Open,
    /// The same, or null.
    OrNull(&'static Self),
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its name, in kebab case as a rule.
    pub name: &'static str,
    /// What it may be.
    pub shape: Shape,
    /// Whether it may be null. One that may not is left out where it is not known.
    pub null: Null,
}

/// Whether a member may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// It may.
    Allowed,
    /// It may not.
    Never,
}

/// Writes a shape, each as one tree of tokens: `text`, `[text]`, `{ "name": text, "url"? text }`. A member after `?`
/// may be null.
macro_rules! shape {
    (text) => { $crate::report::shape::Shape::Text };
    (date) => { $crate::report::shape::Shape::Date };
    (country) => { $crate::report::shape::Shape::Country };
    (ssn) => { $crate::report::shape::Shape::SocialSecurityNumber };
    (integer) => { $crate::report::shape::Shape::Integer };
    (number) => { $crate::report::shape::Shape::Number };
    (boolean) => { $crate::report::shape::Shape::Boolean };
    (open) => { $crate::report::shape::Shape::Open };
    ([$item:tt]) => { $crate::report::shape::Shape::List(&$crate::report::shape::shape!($item)) };
    ((map $item:tt)) => { $crate::report::shape::Shape::Map(&$crate::report::shape::shape!($item)) };
    ((nullable $item:tt)) => { $crate::report::shape::Shape::OrNull(&$crate::report::shape::shape!($item)) };
    ({ $($members:tt)* }) => {
        $crate::report::shape::Shape::Object($crate::report::shape::members!($($members)*))
    };
}

/// Writes the members of an object; see [`shape`].
macro_rules! members {
    ($($name:literal $null:tt $shape:tt),* $(,)?) => {
        &[$($crate::report::shape::Member {
            name: $name,
            shape: $crate::report::shape::shape!($shape),
            null: $crate::report::shape::null!($null),
        }),*]
    };
}

/// Whether a member may be null: `?` or `:`.
macro_rules! null {
    (?) => {
        $crate::report::shape::Null::Allowed
    };
    (:) => {
        $crate::report::shape::Null::Never
    };
}

pub(super) use {members, null, shape};

impl Shape {
    /// The value as far as it has this shape: members that are not known are left out, and so is null where it is
    /// not allowed.
    ///
    /// # Errors
    /// Lists what is of another kind; the messages never hold the value.
    pub fn fit(&self, value: &Value) -> Result<Value, Vec<Violation>> {
        let wrong = |message: &str| Err(vec![Violation::new::<String>([], message)]);
        match (self, value) {
            (Self::OrNull(_), Value::Null) => Ok(Value::Null),
            (Self::OrNull(inner), value) => inner.fit(value),
            (Self::Text | Self::Date | Self::Country | Self::SocialSecurityNumber, Value::String(text)) => {
                self.fit_text(text)
            }
            (Self::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(value.clone()),
            (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_))
            | (Self::Open, Value::Object(_)) => Ok(value.clone()),
            (Self::List(_), Value::Array(items)) if items.len() > ITEMS_MAX => {
                wrong(&format!("must have at most {ITEMS_MAX} items"))
            }
            (Self::List(item), Value::Array(items)) => {
                each(items.iter().enumerate().map(|(i, value)| (i.to_string(), item.fit(value))))
                    .map(|items| items.into_iter().map(|(_, value)| value).collect())
            }
            (Self::Map(item), Value::Object(members)) => {
                each(members.iter().map(|(name, value)| (name.clone(), item.fit(value))))
                    .map(|members| Value::Object(members.into_iter().collect()))
            }
            (Self::Object(known), Value::Object(members)) => fit_members(known, members).map(Value::Object),
            _ => wrong(self.wanted()),
        }
    }

    fn fit_text(&self, text: &str) -> Result<Value, Vec<Violation>> {
        let fits = match self {
            Self::Date => Timestamp::start_of(text).is_some(),
            Self::Country => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()),
            Self::SocialSecurityNumber => is_social_security_number(text),
            _ => text.len() <= TEXT_BYTES_MAX,
        };
        match (fits, self) {
            (true, Self::Country) => Ok(text.to_ascii_uppercase().into()),
            (true, _) => Ok(text.into()),
            (false, _) => Err(vec![Violation::new::<String>([], self.wanted())]),
        }
    }

    /// What is to be sent instead.
    const fn wanted(&self) -> &'static str {
        match self {
            Self::Text => "must be a string of at most 8192 bytes",
            Self::Date => "must be a date like 1990-12-31",
            Self::Country => "must be a country code of two letters, such as US",
            Self::SocialSecurityNumber => "must be like 123-45-6789",
            Self::Integer => "must be a whole number",
            Self::Number => "must be a number",
            Self::Boolean => "must be true or false",
            Self::List(_) => "must be an array",
            Self::Object(_) | Self::Map(_) | Self::Open => "must be an object",
            Self::OrNull(inner) => inner.wanted(),
        }
    }
}

/// The known members of an object, each as far as it fits.
///
/// # Errors
/// As [`Shape::fit`].
pub fn fit_members(
    known: &[Member],
    members: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<Violation>> {
    let given = known.iter().filter_map(|member| Some((member, members.get(member.name)?)));
    let kept = given.filter(|(member, value)| !value.is_null() || member.null == Null::Allowed);
    let fitted = kept.map(|(member, value)| {
        let fitted = if value.is_null() { Ok(Value::Null) } else { member.shape.fit(value) };
        (member.name.to_owned(), fitted)
    });
    each(fitted).map(|members| members.into_iter().collect())
}

/// All of them, or all that is wrong, each seen from one object further out.
fn each(
    parts: impl Iterator<Item = (String, Result<Value, Vec<Violation>>)>,
) -> Result<Vec<(String, Value)>, Vec<Violation>> {
    let (mut fine, mut wrong) = (Vec::new(), Vec::new());
    for (name, part) in parts {
        match part {
            Ok(value) => fine.push((name, value)),
            Err(faults) => wrong.extend(faults.into_iter().map(|fault| fault.within(&name))),
        }
    }
    if wrong.is_empty() { Ok(fine) } else { Err(wrong) }
}

fn is_social_security_number(text: &str) -> bool {
    let is_mark = |at: usize| at == 3 || at == 6;
    text.len() == 11
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if is_mark(at) { byte == b'-' } else { byte.is_ascii_digit() })
}
