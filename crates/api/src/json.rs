//! Reads a request body as JSON, more strictly than `serde_json` does by itself.
//!
//! Refused besides bad syntax: a member sent twice (two readers could pick different ones), deep
//! nesting, and numbers that would silently lose digits. No message ever repeats what was sent,
//! except the names of members.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

/// How much nesting a body may have.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The number of objects and arrays that may stand inside one another.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64 }
    }
}

/// Why a body is not acceptable JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadJson {
    /// Names the place and what is wrong with it, never what stands there.
    pub message: String,
}

impl fmt::Display for BadJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BadJson {}

/// Parses a whole body.
///
/// # Errors
///
/// [`BadJson`] when it is not UTF-8, not JSON, nested too deeply, or ambiguous.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Value, BadJson> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(&error))?;
    let mut input = serde_json::Deserializer::from_str(text);
    let root = Node { levels_left: limits.depth, limits, place: None };
    let value = root.deserialize(&mut input).map_err(|error| refused(&error))?;
    input.end().map_err(|error| refused(&error))?;
    Ok(value)
}

/// Says whether a key may be repeated in a message: short, and made of name characters only.
pub(crate) fn is_printable(key: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=64).contains(&key.len()) && key.bytes().all(is_name)
}

fn not_utf8(error: &std::str::Utf8Error) -> BadJson {
    let offset = error.valid_up_to();
    BadJson { message: format!("the body is not UTF-8 from byte {offset} on: send JSON encoded as UTF-8") }
}

fn refused(error: &serde_json::Error) -> BadJson {
    let message = if error.is_data() { error.to_string() } else { format!("the body is not JSON: {error}") };
    BadJson { message }
}

/// One step from the root of the body: the member or item that is being read.
enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

/// The way from the root to a value, linked through the frames of the running parse.
struct Place<'a> {
    step: Step<'a>,
    parent: Option<&'a Place<'a>>,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(f, "{parent}.")?;
        }
        match self.step {
            Step::Member(key) if is_printable(key) => f.write_str(key),
            Step::Member(_) => f.write_str("(a member)"),
            Step::Item(index) => write!(f, "{index}"),
        }
    }
}

/// Reads one value, knowing how deep it stands and where.
#[derive(Clone, Copy)]
struct Node<'a> {
    levels_left: usize,
    limits: &'a Limits,
    place: Option<&'a Place<'a>>,
}

impl Node<'_> {
    /// Counts one level of nesting; refuses before anything inside is read.
    fn enter<E: Error>(&self) -> Result<usize, E> {
        let too_deep =
            || E::custom(format_args!("the body is nested deeper than {} levels", self.limits.depth));
        self.levels_left.checked_sub(1).ok_or_else(too_deep)
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    #[inline]
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    #[inline]
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    #[inline]
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    #[inline]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    /// Also receives the integers that fit neither `i64` nor `u64`, already rounded: hence the bounds.
    #[inline]
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        const TOO_LARGE: f64 = 18_446_744_073_709_551_616.0;
        const TOO_SMALL: f64 = -9_223_372_036_854_775_808.0;
        let number = Number::from_f64(value).filter(|_| (TOO_SMALL..TOO_LARGE).contains(&value));
        number.map(Value::Number).ok_or_else(|| E::custom("a number is out of range (send it as a string)"))
    }

    #[inline]
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    #[inline]
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Value, A::Error> {
        let levels_left = self.enter()?;
        let mut items = Vec::new();
        loop {
            let place = Place { step: Step::Item(items.len()), parent: self.place };
            let item = Node { levels_left, limits: self.limits, place: Some(&place) };
            match input.next_element_seed(item)? {
                Some(value) => items.push(value),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Value, A::Error> {
        let levels_left = self.enter()?;
        let mut members = Map::new();
        while let Some(key) = input.next_key::<String>()? {
            let place = Place { step: Step::Member(&key), parent: self.place };
            let member = Node { levels_left, limits: self.limits, place: Some(&place) };
            let value = input.next_value_seed(member)?;
            match members.entry(key) {
                Entry::Vacant(entry) => entry.insert(value),
                Entry::Occupied(entry) => return Err(appears_twice(entry.key(), self.place)),
            };
        }
        Ok(Value::Object(members))
    }
}

#[cold]
fn appears_twice<E: Error>(key: &str, parent: Option<&Place<'_>>) -> E {
    let place = Place { step: Step::Member(key), parent };
    E::custom(format_args!("{place} appears twice (send it once)"))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn refusal(text: &str) -> String {
        parse(text.as_bytes(), &Limits::default()).unwrap_err().message
    }

    #[test]
    fn what_is_accepted_is_what_serde_json_reads() {
        let table = [
            "null",
            " true ",
            "-0.5",
            "18446744073709551615",
            "-9223372036854775808",
            r#""\u00e9\ud83d\ude00""#,
            "[]",
            r#"{"":{"a":[1,2,{"b":null}]},"b":"\n"}"#,
        ];
        for text in table {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(parse(text.as_bytes(), &Limits::default()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn refusals_say_where_and_never_what() {
        let table = [
            ("", "the body is not JSON: EOF while parsing a value at line 1 column 0"),
            ("{\n \"a\": secret}", "the body is not JSON: expected value at line 2 column 7"),
            ("{} secret", "the body is not JSON: trailing characters at line 1 column 4"),
            ("[1e400]", "the body is not JSON: number out of range at line 1 column 6"),
            ("NaN", "the body is not JSON: expected value at line 1 column 1"),
            (r#"{"a":1,"a":1}"#, "a appears twice (send it once) at line 1 column 13"),
            (
                r#"[{"Ada L":{"b":1,"\u0062":1}}]"#,
                "0.(a member).b appears twice (send it once) at line 1 column 28",
            ),
            (r#"{"é":1,"é":1}"#, "(a member) appears twice (send it once) at line 1 column 15"),
        ];
        for (text, expected) in table {
            assert_eq!(refusal(text), expected, "{text}");
        }
        let twice = r#"{"data":{"attributes":{"reference-id":"x","reference-id":"y"}}}"#;
        assert!(refusal(twice).starts_with("data.attributes.reference-id appears twice"));
    }

    #[test]
    fn numbers_that_would_lose_digits_are_refused() {
        for text in
            ["18446744073709551616", "-9223372036854777856", "1e300", "123456789012345678901234567890"]
        {
            assert!(refusal(text).starts_with("a number is out of range (send it as a string)"), "{text}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_named_by_offset() {
        let refusal = parse(b"{\"a\":\"\xff\"}", &Limits::default()).unwrap_err();
        assert_eq!(refusal.to_string(), "the body is not UTF-8 from byte 6 on: send JSON encoded as UTF-8");
    }

    #[test]
    fn nesting_is_counted_and_costs_no_stack() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(nested(64).as_bytes(), &Limits::default()).is_ok());
        for depth in [65, 10_000, 5_000_000] {
            let body = nested(depth);
            let started = Instant::now();
            assert!(refusal(&body).starts_with("the body is nested deeper than 64 levels"), "{depth}");
            assert!(started.elapsed() < Duration::from_secs(1), "{depth}");
        }
        assert!(refusal(&r#"{"a":"#.repeat(100_000)).starts_with("the body is nested deeper"));
    }

    #[test]
    fn it_agrees_with_serde_json_on_a_large_body() {
        let account =
            r#"{"type":"account","id":"act_1","attributes":{"fields":{"n":[1,2.5,"x",null,true]}}}"#;
        let body = format!("[{}{account}]", format!("{account},").repeat(2_000));
        let expected: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(parse(body.as_bytes(), &Limits::default()).unwrap(), expected);
    }
}
