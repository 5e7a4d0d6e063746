//! Values in the form in which they are compared, looked up and put in order.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Number, Value};

use super::Form;
use crate::field::read_instant;
use crate::fold::{fold, normalize};
use crate::time::Timestamp;

/// Texts are put in order by this many bytes of their folded form.
pub const ORDERED_TEXT_BYTES_MAX: usize = 256;

/// A value that can be compared with others of its form. `Debug` prints `[redacted]`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Comparable {
    /// A text, folded, or normalised where letter case matters. Never blank.
    Text(String),
    /// A number: bytes that compare as numbers do.
    Number([u8; 10]),
    /// True or false.
    Boolean(bool),
    /// A calendar date, `1990-12-31`.
    Date(String),
    /// An instant.
    Instant(Timestamp),
}

impl fmt::Debug for Comparable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Comparable {
    /// Reads a stored value of a form. A blank text counts as no value, as null does.
    #[must_use]
    pub fn read(form: Form, value: &Value) -> Option<Self> {
        match (form, value) {
            (Form::Folded, Value::String(text)) => Self::text(fold(text)),
            (Form::Normalized, Value::String(text)) => Self::text(normalize(text)),
            (Form::Number, Value::Number(number)) => Some(Self::Number(number_bytes(number))),
            (Form::Boolean, Value::Bool(truth)) => Some(Self::Boolean(*truth)),
            (Form::Date, Value::String(date)) => Some(Self::Date(date.clone())),
            (Form::Instant, Value::String(text)) => read_instant(text).map(Self::Instant),
            _ => None,
        }
    }

    fn text(text: String) -> Option<Self> {
        (!text.is_empty()).then_some(Self::Text(text))
    }

    /// The text whose blind index the value is looked up by: the same for equal values of one form.
    #[must_use]
    pub fn lookup_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Date(text) => Cow::Borrowed(text),
            Self::Number(bytes) => {
                Cow::Owned(bytes.iter().fold(String::with_capacity(20), |mut hex, byte| {
                    for digit in [byte >> 4, byte & 15] {
                        hex.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
                    }
                    hex
                }))
            }
            Self::Boolean(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Self::Instant(instant) => Cow::Owned(instant.as_micros().to_string()),
        }
    }

    /// Bytes that compare as the values do; texts are cut, so different ones may have the same bytes.
    #[must_use]
    pub fn ordered_bytes(&self) -> Vec<u8> {
        let (tag, value) = match self {
            Self::Text(text) => {
                (b't', Cow::Borrowed(&text.as_bytes()[..text.len().min(ORDERED_TEXT_BYTES_MAX)]))
            }
            Self::Date(date) => (b'd', Cow::Borrowed(date.as_bytes())),
            Self::Number(bytes) => (b'n', Cow::Borrowed(bytes.as_slice())),
            Self::Boolean(truth) => (b'b', Cow::Owned(vec![u8::from(*truth)])),
            Self::Instant(instant) => {
                let micros = instant.as_micros().cast_unsigned() ^ (1 << 63);
                (b'i', Cow::Owned(micros.to_be_bytes().to_vec()))
            }
        };
        let mut bytes = Vec::with_capacity(1 + value.len());
        bytes.push(tag);
        bytes.extend_from_slice(&value);
        bytes
    }
}

/// The number as a float in bytes that are in order, then what the float is off by: exact for all whole
/// numbers of 64 bits, and in order among all numbers.
fn number_bytes(number: &Number) -> [u8; 10] {
    let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    // `+ 0.0` makes the negative zero a zero.
    let float = number.as_f64().unwrap_or(0.0) + 0.0;
    let off = whole.map_or(0, |whole| whole - float as i128);
    let bits = float.to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits ^ (1 << 63) };
    let off = u16::try_from(off + 0x8000).unwrap_or(0x8000);
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&ordered.to_be_bytes());
    bytes[8..].copy_from_slice(&off.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn comparable(form: Form, value: &Value) -> Comparable {
        Comparable::read(form, value).unwrap()
    }

    /// Sorted: all forms of these agree about it.
    fn assert_in_order(form: Form, values: &[Value]) {
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                let (x, y) = (comparable(form, a), comparable(form, b));
                assert_eq!(x.cmp(&y), i.cmp(&j), "{a} {b}");
                assert_eq!(x.ordered_bytes().cmp(&y.ordered_bytes()), i.cmp(&j), "{a} {b}");
                assert_eq!(x.lookup_text() == y.lookup_text(), i == j, "{a} {b}");
            }
        }
    }

    #[test]
    fn numbers_are_in_order_whatever_they_are_written_as() {
        let numbers = [
            json!(-1e300),
            json!(i64::MIN),
            json!(i64::MIN + 1),
            json!(-2.5),
            json!(-1e-300),
            json!(0),
            json!(1e-300),
            json!(0.1),
            json!(1),
            json!(9_007_199_254_740_992_i64),
            json!(9_007_199_254_740_993_i64),
            json!(i64::MAX - 1),
            json!(i64::MAX),
            json!(u64::MAX - 1),
            json!(u64::MAX),
            json!(1e300),
        ];
        assert_in_order(Form::Number, &numbers);
        assert_eq!(comparable(Form::Number, &json!(5)), comparable(Form::Number, &json!(5.0)));
        assert_eq!(comparable(Form::Number, &json!(0)), comparable(Form::Number, &json!(-0.0)));
    }

    #[test]
    fn texts_dates_and_instants_are_in_order() {
        assert_in_order(Form::Folded, &[json!("A"), json!("ab"), json!("B"), json!("é")]);
        assert_in_order(Form::Normalized, &[json!("B"), json!("a")]);
        assert_in_order(Form::Date, &[json!("0001-01-01"), json!("1990-12-31"), json!("2001-01-01")]);
        let instants =
            [json!("0001-01-01T00:00:00Z"), json!("1969-12-31T23:59:59Z"), json!("1970-01-01T00:00:00Z")];
        assert_in_order(Form::Instant, &instants);
        assert_in_order(Form::Boolean, &[json!(false), json!(true)]);
    }

    #[test]
    fn spellings_of_one_value_are_equal_and_blank_is_none() {
        assert_eq!(comparable(Form::Folded, &json!(" ÀB ")), comparable(Form::Folded, &json!("àb")));
        assert_ne!(comparable(Form::Normalized, &json!("AB")), comparable(Form::Normalized, &json!("ab")));
        for blank in [json!(""), json!(" \t"), json!(null), json!(7)] {
            assert_eq!(Comparable::read(Form::Folded, &blank), None);
        }
        let long = "x".repeat(300);
        assert_eq!(comparable(Form::Folded, &json!(long)).ordered_bytes().len(), 257);
    }
}
