//! What of a request may be kept in the log.
//!
//! Where the request tells of a subject, what its sender wrote is sealed under the subject's data key and kept
//! but for the content of files. Where it does not, only what is no personal data is kept; everything else
//! stands as [`FILTERED`]. What is not known to be harmless is personal data.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::FILTERED;

/// Longest text under a key `data` that is not the content of a file.
const FILE_CHARS_MAX: usize = 256;
/// Longest name that is kept.
const NAME_CHARS_MAX: usize = 64;
/// Names within each other in a query parameter, such as `filter[reference-id]`.
const NESTED_MAX: usize = 4;
/// Parameters of a query that hold no personal data.
const QUERY_KEPT: [&str; 4] = ["page", "include", "fields", "sort"];
/// Filters that hold no personal data: keys, names of things, IDs.
const FILTERS_KEPT: [&str; 11] = [
    "referenceid",
    "name",
    "id",
    "objectid",
    "key",
    "accounttypeid",
    "importerpipelineid",
    "status",
    "action",
    "code",
    "severity",
];
/// Attributes that hold no personal data.
const ATTRIBUTES_KEPT: [&str; 3] = ["accounttypeid", "accountstatus", "referenceid"];

/// How much of what a sender wrote is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// All of it: it is going to be sealed under the key of its subject.
    Whole,
    /// What is no personal data.
    Harmless,
}

/// The parameters of a query, nested as their names say: `page[size]=2` is `{"page": {"size": "2"}}`.
#[must_use]
pub fn query(pairs: &[(String, String)], detail: Detail) -> Map<String, Value> {
    let mut params = Map::new();
    for (name, value) in pairs {
        let path = split(name);
        let kept = detail == Detail::Whole || is_harmless(&path);
        let value = if kept { value.as_str() } else { FILTERED };
        put(&mut params, &path, Value::String(value.to_owned()));
    }
    params
}

fn is_harmless(path: &[&str]) -> bool {
    match path {
        [root, ..] if QUERY_KEPT.contains(root) => true,
        ["filter", name, ..] => FILTERS_KEPT.contains(&&*folded(name)),
        _ => false,
    }
}

/// Takes `filter[a][b]` apart; what is not written like that is one name.
fn split(name: &str) -> Vec<&str> {
    let nested = name.split_once('[').and_then(|(root, rest)| {
        let mut path = vec![root];
        path.extend(rest.strip_suffix(']')?.split("]["));
        Some(path)
    });
    nested.filter(|path| path.len() <= NESTED_MAX).unwrap_or_else(|| vec![name])
}

fn put(params: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [name] => {
            params.insert(shown(name).to_owned(), value);
        }
        [name, ""] => {
            let list = params.entry(shown(name)).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = list {
                items.push(value);
            }
        }
        [name, rest @ ..] => {
            let members = params.entry(shown(name)).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(members) = members {
                put(members, rest, value);
            }
        }
        [] => {}
    }
}

/// Whether there is the content of a file in a body.
#[must_use]
pub fn has_files(body: &Map<String, Value>) -> bool {
    body.iter().any(|(key, value)| has_file(key, value))
}

/// A body without the content of files.
#[must_use]
pub fn without_files(body: &Map<String, Value>) -> Map<String, Value> {
    let mut body = body.clone();
    body.iter_mut().for_each(|(key, value)| drop_files(key, value));
    body
}

fn is_file(key: &str, value: &Value) -> bool {
    key == "data" && value.as_str().is_some_and(|text| text.len() > FILE_CHARS_MAX)
}

fn has_file(key: &str, value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| has_file(key, value)),
        Value::Array(items) => items.iter().any(|item| has_file(key, item)),
        value => is_file(key, value),
    }
}

fn drop_files(key: &str, value: &mut Value) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| drop_files(key, value)),
        Value::Array(items) => items.iter_mut().for_each(|item| drop_files(key, item)),
        value if is_file(key, value) => *value = filtered(),
        _ => {}
    }
}

/// What is no personal data in a body.
#[must_use]
pub fn harmless(body: &Map<String, Value>) -> Map<String, Value> {
    members(body, Place::Top)
}

/// Where the walk through a body stands.
#[derive(Clone, Copy)]
enum Place {
    Top,
    Data,
    Attributes,
    Meta,
    Query,
    Page,
    Elsewhere,
}

fn members(members: &Map<String, Value>, place: Place) -> Map<String, Value> {
    members.iter().map(|(key, value)| (shown(key).to_owned(), member(place, &folded(key), value))).collect()
}

fn member(place: Place, key: &str, value: &Value) -> Value {
    let inside = match (place, key) {
        (Place::Top, "data") => Place::Data,
        (Place::Top, "meta") => Place::Meta,
        (Place::Top, "query") | (Place::Query, "and" | "or" | "not") => Place::Query,
        (Place::Top, "page" | "sort") => Place::Page,
        (Place::Data, "attributes") => Place::Attributes,
        _ => Place::Elsewhere,
    };
    match (place, value) {
        (_, Value::Object(inner)) => Value::Object(members(inner, inside)),
        (Place::Attributes, Value::Array(tags)) if key == "tags" && tags.iter().all(Value::is_string) => {
            value.clone()
        }
        (_, Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::Object(inner) => Value::Object(members(inner, inside)),
                item => member(Place::Elsewhere, "", item),
            })
            .collect(),
        (_, Value::Null) | (Place::Meta, Value::Bool(_) | Value::Number(_)) | (Place::Page, _) => {
            value.clone()
        }
        (place, Value::String(text)) if is_kept(place, key, text) => value.clone(),
        _ => filtered(),
    }
}

fn is_kept(place: Place, key: &str, text: &str) -> bool {
    is_id(text)
        || match place {
            Place::Attributes => ATTRIBUTES_KEPT.contains(&key),
            Place::Data => key == "type" && is_plain(text),
            Place::Meta => key == "upsertby" && is_plain(text),
            Place::Query => matches!(key, "attribute" | "operator") && is_plain(text),
            _ => false,
        }
}

fn filtered() -> Value {
    Value::String(FILTERED.to_owned())
}

/// A path without those parts that should be IDs and are not. `template` is the path of the operation.
#[must_use]
pub fn path<'a>(template: &str, path: &'a str) -> Cow<'a, str> {
    let is_wrong = |(part, name): &(&str, &str)| name.starts_with('{') && !is_id(part);
    if !path.rsplit('/').zip(template.rsplit('/')).any(|pair| is_wrong(&pair)) {
        return Cow::Borrowed(path);
    }
    let base = path.split('/').count().saturating_sub(template.split('/').count());
    let names = std::iter::repeat_n("", base + 1).chain(template.split('/').skip(1));
    let parts = path.split('/').zip(names);
    let parts = parts.map(|pair| if is_wrong(&pair) { FILTERED } else { pair.0 });
    Cow::Owned(parts.collect::<Vec<_>>().join("/"))
}

/// Letters and digits alone, in lower case: one spelling for all inflections.
fn folded(key: &str) -> Cow<'_, str> {
    if key.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Cow::Borrowed(key);
    }
    key.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

/// A name, if it looks like one: it might be a value in the wrong place.
fn shown(name: &str) -> &str {
    if is_plain(name) { name } else { FILTERED }
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    (1..=NAME_CHARS_MAX).contains(&name.len()) && name.bytes().all(plain)
}

/// Whether a text looks like the ID of something.
fn is_id(text: &str) -> bool {
    text.rsplit_once('_').is_some_and(|(prefix, body)| {
        (1..=12).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            && (20..=28).contains(&body.len())
            && body.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "acttp_123456789ABCDEFGHJKLMNPQ";

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            other => panic!("{other} is no object"),
        }
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_not_known_to_be_harmless_is_left_out_of_a_body() {
        let body = json!({
            "data": { "type": "account", "id": "Ada", "attributes": {
                "accountTypeId": "x", "account_status": "Approved", "reference-id": "u-1", "tags": ["vip"],
                "name-first": "Ada", "birthdate": null, "vip": true, "age": 42,
                "fields": { "tags": ["Ada"], "reference-id": "Ada", "type": "Ada", "owner": { "id": ID }, "x": ["Ada", { "y": 1 }] }
            }, "relationships": { "type": { "data": { "type": "account-type", "id": ID } } } },
            "meta": { "upsert-by": "email", "dry-run": true, "note": "Ada" },
            "Ada Lovelace": 1
        });
        let expected = json!({
            "data": { "type": "account", "id": FILTERED, "attributes": {
                "accountTypeId": "x", "account_status": "Approved", "reference-id": "u-1", "tags": ["vip"],
                "name-first": FILTERED, "birthdate": null, "vip": FILTERED, "age": FILTERED,
                "fields": { "tags": [FILTERED], "reference-id": FILTERED, "type": FILTERED, "owner": { "id": ID },
                    "x": [FILTERED, { "y": FILTERED }] }
            }, "relationships": { "type": { "data": { "type": FILTERED, "id": ID } } } },
            "meta": { "upsert-by": "email", "dry-run": true, "note": FILTERED },
            FILTERED: FILTERED
        });
        assert_eq!(Value::Object(harmless(&map(body))), expected);
    }

    #[test]
    fn a_search_keeps_everything_but_its_values() {
        let leaf =
            |value: &str| json!({ "attribute": "fields.name_first", "operator": "eq", "value": value });
        let search = |value: &str| {
            json!({
                "query": { "and": [leaf(value), { "not": leaf(value) }], "or": [value] },
                "sort": { "attribute": "created_at", "direction": "asc" }, "page": { "size": 5 }
            })
        };
        assert_eq!(Value::Object(harmless(&map(search("Ada")))), search(FILTERED));
        assert_eq!(harmless(&map(search(ID))), map(search(ID)), "an ID is no personal data");
    }

    #[test]
    fn only_the_content_of_files_is_left_out_of_a_sealed_body() {
        let (long, short) = ("A".repeat(257), "A".repeat(256));
        let body = |data: &str| {
            map(json!({ "data": { "attributes": { "note": long, "fields": {
            "photo": { "data": data, "filename": "a.png" }, "scans": [{ "data": data }, { "data": short }], "data": [data]
        } } } }))
        };
        assert_eq!(without_files(&body(&long)), body(FILTERED));
        assert_eq!([has_files(&body(&long)), has_files(&body(&short))], [true, false]);
        assert_eq!(without_files(&body(&short)), body(&short));
    }

    #[test]
    fn parameters_are_nested_and_their_values_left_out_unless_known() {
        let sent = pairs(&[
            ("page[size]", "5"),
            ("include", "account-type"),
            ("fields[account]", "tags"),
            ("filter[referenceId]", "u-1"),
            ("filter[email]", "a@x.test"),
            ("note", "Ada"),
            ("ids[]", "1"),
            ("ids[]", "2"),
            ("a[b][c][d][e]", "deep"),
            ("b[", "x"),
            ("page", "late"),
            ("Ada Lovelace", "x"),
        ]);
        let whole = json!({
            "page": "late", "include": "account-type", "fields": { "account": "tags" },
            "filter": { "referenceId": "u-1", "email": "a@x.test" }, "note": "Ada", "ids": ["1", "2"],
            FILTERED: "x"
        });
        assert_eq!(Value::Object(query(&sent, Detail::Whole)), whole);
        let harmless = json!({
            "page": "late", "include": "account-type", "fields": { "account": "tags" },
            "filter": { "referenceId": "u-1", "email": FILTERED }, "note": FILTERED, "ids": [FILTERED, FILTERED],
            FILTERED: FILTERED
        });
        assert_eq!(Value::Object(query(&sent, Detail::Harmless)), harmless);
    }

    #[test]
    fn a_part_of_a_path_that_is_no_id_is_left_out() {
        let own = "/api/v1/accounts/act_123456789ABCDEFGHJKLMNPQ";
        for (template, sent, kept) in [
            ("/accounts/{account-id}", own, own),
            ("/accounts", "/api/v1/accounts", "/api/v1/accounts"),
            ("/accounts/{account-id}", "/api/v1/accounts/ada@x.test", "/api/v1/accounts/[FILTERED]"),
            (
                "/accounts/{account-id}/add-tag",
                "/api/v1/accounts/Ada/add-tag",
                "/api/v1/accounts/[FILTERED]/add-tag",
            ),
        ] {
            assert_eq!(path(template, sent), kept);
        }
    }
}
