//! Reads a query string: `page[…]`, `filter[…]`, `include` and `fields[…]`.
//!
//! Knows the grammar that all operations share, not which filters or includes one of them has.
//! Parameters it does not know are kept for the links of a page and otherwise ignored.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::inflection::kebab;

/// How many parameters one request may have.
const PARAMETERS_MAX: usize = 1_000;
/// The most resources that a page holds.
pub const PAGE_SIZE_MAX: u32 = 100;
const PAGE_SIZE_DEFAULT: u32 = 10;

/// How the parameters with a meaning are written.
const SHAPES: [(&str, &str); 4] = [
    ("page", "must be written page[size], page[after] or page[before]"),
    ("filter", "must name what to filter by: filter[reference-id]=…"),
    ("include", "must be a list of relationships: include=account-type"),
    ("fields", "must name a resource type: fields[account]=…"),
];

/// What needs no percent-encoding in a link is unreserved (RFC 3986), nothing else.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A parameter that cannot be used as sent; answered with 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The parameter, such as `page[size]`.
    pub parameter: String,
    /// What it must be, such as `must be a whole number from 1 to 100`.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.parameter, self.message)
    }
}

impl std::error::Error for Refusal {}

/// A query string, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which page of a list is asked for.
    pub page: Page,
    /// Filters in order of appearance: the key in kebab (`reference-id`, nested keys joined by `.`)
    /// and its values, of which any may match.
    pub filters: Vec<(String, Vec<String>)>,
    /// Relationships to include, in kebab; `None` when the parameter is absent.
    pub include: Option<Vec<String>>,
    /// Attributes to keep by resource type, both as sent.
    pub fields: BTreeMap<String, Vec<String>>,
    /// Every parameter in the order sent, decoded, for [`page_link`].
    pub raw_pairs: Vec<(String, String)>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The number of resources, from 1 to 100.
    pub size: u32,
    /// The id that the page starts after.
    pub after: Option<String>,
    /// The id that the page ends before; never set together with `after`.
    pub before: Option<String>,
}

impl Default for Page {
    fn default() -> Self {
        Self { size: PAGE_SIZE_DEFAULT, after: None, before: None }
    }
}

impl Query {
    /// Reads what follows the `?` of a request; the empty string when nothing does.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] of the first parameter that cannot be read.
    pub fn parse(raw: &str) -> Result<Self, Refusal> {
        let mut query = Self { raw_pairs: pairs(raw)?, ..Self::default() };
        for (name, value) in std::mem::take(&mut query.raw_pairs) {
            query.take(&name, &value)?;
            query.raw_pairs.push((name, value));
        }
        if query.page.after.is_some() && query.page.before.is_some() {
            return Err(refusal("page[before]", "cannot be combined with page[after]: send one of them"));
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let (root, keys) = split_name(name);
        match (root, keys.as_deref()) {
            ("page", Some([member])) => return self.page.take(member, value),
            ("include", Some([] | [""])) => return self.include(value),
            ("filter", Some([keys @ .., ""])) if is_filter(keys) => self.filter(keys, [value]),
            ("filter", Some(keys)) if is_filter(keys) => self.filter(keys, value.split(',')),
            ("fields", Some([kind] | [kind, ""])) if !kind.is_empty() => self.fields(kind, value),
            _ => return misshapen(root),
        }
        Ok(())
    }

    fn filter<'a>(&mut self, keys: &[&str], values: impl IntoIterator<Item = &'a str>) {
        let key = keys.iter().map(|key| kebab(key)).collect::<Vec<_>>().join(".");
        let values = values.into_iter().map(str::to_owned);
        match self.filters.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => known.extend(values),
            None => self.filters.push((key, values.collect())),
        }
    }

    fn include(&mut self, value: &str) -> Result<(), Refusal> {
        let include = self.include.get_or_insert_default();
        for path in names(value) {
            if path.split('.').count() > 2 {
                return Err(refusal("include", "may follow one relationship only: at most one dot per name"));
            }
            include.push(path.split('.').map(kebab).collect::<Vec<Cow<'_, str>>>().join("."));
        }
        Ok(())
    }

    fn fields(&mut self, kind: &str, value: &str) {
        self.fields.entry(kind.to_owned()).or_default().extend(names(value).map(str::to_owned));
    }
}

impl Page {
    fn take(&mut self, member: &str, value: &str) -> Result<(), Refusal> {
        let cursor = Some(value).filter(|id| !id.is_empty()).map(str::to_owned);
        match member {
            "size" => self.size = page_size(value)?,
            "after" => self.after = cursor,
            "before" => self.before = cursor,
            _ => {
                return Err(refusal("page", "has the members page[size], page[after] and page[before] only"));
            }
        }
        Ok(())
    }
}

/// Writes the link to a neighbouring page, relative to the host.
///
/// Keeps every parameter of the request (`raw_pairs`) except the old cursor. `cursor` is `after` or
/// `before`, and the id. Parameters are sorted by name, as the upstream API does.
pub fn page_link(path: &str, raw_pairs: &[(String, String)], cursor: (&str, &str)) -> String {
    let name = format!("page[{}]", cursor.0);
    let is_cursor = |name: &str| matches!(name, "page[after]" | "page[before]");
    let kept = raw_pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut parameters: Vec<(&str, &str)> = kept.filter(|(name, _)| !is_cursor(name)).collect();
    parameters.push((&name, cursor.1));
    parameters.sort_by_key(|(name, _)| *name);
    let encoded = parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    format!("{path}?{}", encoded.collect::<Vec<_>>().join("&"))
}

fn encode(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, RESERVED)
}

/// The parameters of a query in the order sent, decoded.
///
/// # Errors
/// A [`Refusal`] of what is not encoded well, or too much.
pub(crate) fn pairs(raw: &str) -> Result<Vec<(String, String)>, Refusal> {
    let parts = raw.split('&').filter(|part| !part.is_empty());
    let pairs = parts.take(PARAMETERS_MAX + 1).map(pair).collect::<Result<Vec<_>, _>>()?;
    if pairs.len() > PARAMETERS_MAX {
        return Err(refusal("the query string", "has too many parameters: send at most 1000"));
    }
    Ok(pairs)
}

fn pair(part: &str) -> Result<(String, String), Refusal> {
    const MENDING: &str = "is not percent-encoded UTF-8: write % as %25 and other bytes as %XX";
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    let name = decode(name).ok_or_else(|| refusal("the query string", MENDING))?;
    let value = decode(value).ok_or_else(|| refusal(shown(&name), MENDING))?;
    if value.contains('\0') {
        return Err(refusal(shown(&name), "must not contain the character U+0000"));
    }
    Ok((name, value))
}

/// Decodes `%XX` and `+`; `None` for a broken escape or bytes that are not UTF-8.
fn decode(raw: &str) -> Option<String> {
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !raw.split('%').skip(1).all(is_escape) {
        return None;
    }
    let spaced = raw.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}

/// Returns the name of a parameter if it may be repeated in a message.
fn shown(name: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-[]/".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(is_plain) { name } else { "a parameter" }
}

/// Splits `filter[a][b]` into `filter` and `[a, b]`; the keys are `None` if the brackets do not match.
fn split_name(name: &str) -> (&str, Option<Vec<&str>>) {
    let Some((root, rest)) = name.split_once('[') else { return (name, Some(Vec::new())) };
    let keys: Option<Vec<&str>> = rest.strip_suffix(']').map(|keys| keys.split("][").collect());
    (root, keys.filter(|keys| !keys.iter().any(|key| key.contains(['[', ']']))))
}

/// Refuses a parameter with a meaning but not its shape; any other is none of our business.
fn misshapen(root: &str) -> Result<(), Refusal> {
    let shape = SHAPES.iter().find(|(parameter, _)| *parameter == root);
    shape.map_or(Ok(()), |(parameter, shape)| Err(refusal(parameter, shape)))
}

fn is_filter(keys: &[&str]) -> bool {
    !keys.is_empty() && keys.iter().all(|key| !key.is_empty())
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|name| !name.is_empty())
}

fn page_size(value: &str) -> Result<u32, Refusal> {
    let digits = Some(value).filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    let size =
        digits.and_then(|digits| digits.parse().ok()).filter(|size| (1..=PAGE_SIZE_MAX).contains(size));
    size.ok_or_else(|| refusal("page[size]", "must be a whole number from 1 to 100"))
}

fn refusal(parameter: &str, message: &str) -> Refusal {
    Refusal { parameter: parameter.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests;
