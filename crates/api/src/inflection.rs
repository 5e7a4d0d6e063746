//! How a key is spelled: kebab, camel or snake (what other programs call letter case).
//!
//! Requests may use any spelling and are folded to kebab on the way in; replies are built in kebab
//! and respelled on the way out. Values are never touched, and neither are the keys a customer
//! chose for their own fields.

use std::borrow::Cow;

pub use muster_domain::Inflection;
use serde_json::{Map, Value};

use crate::json::is_printable;

/// Spells a kebab key; `None` when it already is right.
fn respell(inflection: Inflection, key: &str) -> Option<String> {
    match inflection {
        Inflection::Camel if key.contains('-') => Some(camel(key)),
        Inflection::Snake if key.contains('-') => Some(key.replace('-', "_")),
        _ => None,
    }
}

/// Folds any spelling of a key to kebab.
///
/// A number is a word of its own, whatever the spelling (`addressStreet1` → `address-street-1`,
/// `sha256` → `sha-256`): otherwise a camel key could not be told from its kebab one.
pub fn kebab(key: &str) -> Cow<'_, str> {
    if is_kebab(key.as_bytes()) {
        return Cow::Borrowed(key);
    }
    let mut folded = String::with_capacity(key.len() + 4);
    let mut before = None;
    let mut letters = key.chars().peekable();
    while let Some(letter) = letters.next() {
        if starts_word(before, letter, letters.peek().copied()) {
            folded.push('-');
        }
        folded.push(if letter == '_' { '-' } else { letter.to_ascii_lowercase() });
        before = Some(letter);
    }
    Cow::Owned(folded)
}

/// Folds the keys of one object of a request to kebab.
///
/// # Errors
///
/// When two keys are spellings of the same member, a sentence that names them.
pub fn kebab_keys(members: Map<String, Value>) -> Result<Map<String, Value>, String> {
    if members.keys().all(|key| is_kebab(key.as_bytes())) {
        return Ok(members);
    }
    let mut folded = Map::new();
    for key in members.keys() {
        if folded.insert(kebab(key).into_owned(), Value::Null).is_some() {
            return Err(two_spellings(&members, &kebab(key)));
        }
    }
    for (key, value) in members {
        folded.insert(kebab(&key).into_owned(), value);
    }
    Ok(folded)
}

/// Spells the keys of a whole reply.
///
/// Left alone are all values, and the keys inside `attributes.fields` at every depth, because the
/// customer chose them; only the members of a file (`byte-size`) are ours there. Left alone as well are
/// headers and parameters in the log of requests: they stand as they were sent.
pub fn inflect_reply(reply: &mut Value, inflection: Inflection) {
    if inflection != Inflection::Kebab {
        inflect(reply, inflection, Inside::Elsewhere);
    }
}

/// Where the walk through a reply stands.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    /// In the object under an `attributes` key, whose `fields` belong to the customer.
    Attributes,
    /// In the `request` or `response` of a log.
    Exchange,
    /// In what a pipeline is told, whose `values` belong to the customer.
    Config,
    Elsewhere,
}

/// Members of a log whose keys stand as they were sent.
const AS_SENT: [&str; 3] = ["headers", "get-params", "post-params"];

fn inflect(value: &mut Value, inflection: Inflection, inside: Inside) {
    match value {
        Value::Array(items) => {
            let inside = if inside == Inside::Config { inside } else { Inside::Elsewhere };
            items.iter_mut().for_each(|item| inflect(item, inflection, inside));
        }
        Value::Object(members) => inflect_members(members, inflection, inside),
        _ => {}
    }
}

fn inflect_members(members: &mut Map<String, Value>, inflection: Inflection, inside: Inside) {
    for (key, value) in members.iter_mut() {
        match (inside, key.as_str(), value) {
            (Inside::Attributes, "fields", Value::Object(fields)) => inflect_files_in(fields, inflection),
            (Inside::Attributes | Inside::Exchange, sent, _) if AS_SENT.contains(&sent) => {}
            // What an author wrote stands as in a text file.
            (Inside::Attributes, "definition" | "cells", _) | (Inside::Config, "values", _) => {}
            (Inside::Attributes, "pipeline-config", value) => inflect(value, inflection, Inside::Config),
            (Inside::Config, _, value) => inflect(value, inflection, Inside::Config),
            (Inside::Attributes, "request" | "response", value) => {
                inflect(value, inflection, Inside::Exchange);
            }
            (_, "attributes", value) => inflect(value, inflection, Inside::Attributes),
            (_, _, value) => inflect(value, inflection, Inside::Elsewhere),
        }
    }
    if members.keys().any(|key| key.contains('-')) {
        let spelled = std::mem::take(members);
        *members = spelled
            .into_iter()
            .map(|(key, value)| (respell(inflection, &key).unwrap_or(key), value))
            .collect();
    }
}

/// Visits typed values (`{"type", "value"}`) and spells the members of the files among them.
fn inflect_files_in(fields: &mut Map<String, Value>, inflection: Inflection) {
    fields.values_mut().for_each(|field| inflect_files(field, inflection));
}

fn inflect_files(field: &mut Value, inflection: Inflection) {
    let is_file = field.get("type").is_some_and(|kind| kind == "file");
    match field.get_mut("value") {
        Some(file) if is_file => inflect(file, inflection, Inside::Elsewhere),
        Some(Value::Object(members)) => inflect_files_in(members, inflection),
        Some(Value::Array(items)) => items.iter_mut().for_each(|item| inflect_files(item, inflection)),
        _ => {}
    }
}

/// Says whether [`kebab`] would leave the key as it is.
fn is_kebab(key: &[u8]) -> bool {
    let plain = key.iter().all(|byte| *byte != b'_' && !byte.is_ascii_uppercase());
    plain && !key.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_digit())
}

fn starts_word(before: Option<char>, letter: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    if letter.is_ascii_digit() {
        return before.is_ascii_alphabetic();
    }
    let ends_acronym = before.is_ascii_uppercase() && after.is_some_and(|next| next.is_ascii_lowercase());
    let in_word = before.is_ascii_lowercase() || before.is_ascii_digit();
    letter.is_ascii_uppercase() && (in_word || ends_acronym)
}

fn camel(key: &str) -> String {
    let mut words = key.split('-');
    let mut spelled = String::with_capacity(key.len());
    spelled.push_str(words.next().unwrap_or_default());
    for word in words {
        let mut letters = word.chars();
        spelled.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        spelled.push_str(letters.as_str());
    }
    spelled
}

fn two_spellings(members: &Map<String, Value>, folded: &str) -> String {
    let spellings: Vec<&str> =
        members.keys().map(String::as_str).filter(|key| kebab(key) == folded).collect();
    if spellings.iter().all(|key| is_printable(key)) {
        format!("{} are spellings of one member: send only one of them", spellings.join(" and "))
    } else {
        "a member is sent in more than one spelling: send only one of them".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn folded(members: &Value) -> Result<Value, String> {
        kebab_keys(members.as_object().cloned().unwrap()).map(Value::Object)
    }

    #[test]
    fn every_spelling_folds_to_kebab() {
        let table = [
            ("name-first", "name-first"),
            ("nameFirst", "name-first"),
            ("name_first", "name-first"),
            ("NameFirst", "name-first"),
            ("address_street_1", "address-street-1"),
            ("addressStreet1", "address-street-1"),
            ("address-street-1", "address-street-1"),
            ("addressStreet12", "address-street-12"),
            ("pageCount", "page-count"),
            ("referenceID", "reference-id"),
            ("HTMLBody", "html-body"),
            ("sha256Sum", "sha-256-sum"),
            ("fields", "fields"),
            ("prénom_usuel", "prénom-usuel"),
            ("", ""),
        ];
        for (key, folded) in table {
            assert_eq!(kebab(key), folded, "{key}");
            assert_eq!(kebab(folded), folded, "folding twice changes nothing");
            assert!(matches!(kebab(folded), Cow::Borrowed(_)), "{folded} costs no allocation");
        }
    }

    #[test]
    fn members_are_folded_one_level_deep() {
        let members = json!({"nameFirst": "A", "fields": {"my_key": 1}, "country-code": "NO"});
        let expected = json!({"name-first": "A", "fields": {"my_key": 1}, "country-code": "NO"});
        assert_eq!(folded(&members), Ok(expected.clone()));
        assert_eq!(folded(&expected), Ok(expected));
    }

    #[test]
    fn two_spellings_of_a_member_are_refused_by_name() {
        let refusal = folded(&json!({"nameFirst": "A", "name_first": "B", "x": 1})).unwrap_err();
        assert_eq!(refusal, "nameFirst and name_first are spellings of one member: send only one of them");
        let refusal = folded(&json!({"Ada L_": "A", "Ada L-": "B"})).unwrap_err();
        assert_eq!(refusal, "a member is sent in more than one spelling: send only one of them");
    }

    fn account() -> Value {
        json!({"data": {"type": "verification/government-id", "attributes": {
            "reference-id": "keep-this", "redacted-at": null, "address-street-1": "x",
            "fields": {
                "name": {"type": "hash", "value": {"first-name": {"type": "string", "value": "A-b"}}},
                "selfie-photo": {"type": "file", "value": {"byte-size": 1, "url": "u"}},
                "scans": {"type": "array", "value": [{"type": "file", "value": {"mime-type": "a-b"}}]},
                "in-hash": {"type": "hash", "value": {"type": {"type": "string", "value": null}}},
                "any-thing": {"type": "json", "value": {"left-alone": 1}}}},
            "relationships": {"account-type": {"data": null}}},
            "errors": [{"meta": {"retry-after": 1}}]})
    }

    #[test]
    fn a_reply_is_respelled_except_for_the_customers_keys() {
        let mut reply = account();
        inflect_reply(&mut reply, Inflection::Camel);
        assert_eq!(
            reply,
            json!({"data": {"type": "verification/government-id", "attributes": {
                "referenceId": "keep-this", "redactedAt": null, "addressStreet1": "x",
                "fields": {
                    "name": {"type": "hash", "value": {"first-name": {"type": "string", "value": "A-b"}}},
                    "selfie-photo": {"type": "file", "value": {"byteSize": 1, "url": "u"}},
                    "scans": {"type": "array", "value": [{"type": "file", "value": {"mimeType": "a-b"}}]},
                    "in-hash": {"type": "hash", "value": {"type": {"type": "string", "value": null}}},
                    "any-thing": {"type": "json", "value": {"left-alone": 1}}}},
                "relationships": {"accountType": {"data": null}}},
                "errors": [{"meta": {"retryAfter": 1}}]})
        );
    }

    #[test]
    fn what_was_sent_is_logged_as_it_was_sent() {
        let sent =
            json!({"Persona-Version": "v", "attributes": {"name-first": "A"}, "page": {"per-page": 1}});
        let log = |[get, post, ip, created]: [&str; 4]| {
            json!({"data": [{"attributes": {
            "request": {"headers": sent, get: sent, post: sent, ip: "1"}, "response": {"headers": sent},
            created: "c"}}]})
        };
        let mut reply = log(["get-params", "post-params", "ip-address", "created-at"]);
        inflect_reply(&mut reply, Inflection::Snake);
        assert_eq!(reply, log(["get_params", "post_params", "ip_address", "created_at"]));
    }

    #[test]
    fn kebab_changes_nothing_and_snake_reaches_event_payloads() {
        let mut reply = account();
        inflect_reply(&mut reply, Inflection::Kebab);
        assert_eq!(reply, account());

        let mut event =
            json!({"data": {"attributes": {"created-at": 1, "payload": account(), "fields": ["a-b"]}}});
        inflect_reply(&mut event, Inflection::Snake);
        let payload = &event["data"]["attributes"]["payload"]["data"]["attributes"];
        assert_eq!(payload["address_street_1"], "x");
        assert_eq!(payload["fields"]["selfie-photo"]["value"]["byte_size"], 1);
        assert_eq!(event["data"]["attributes"]["fields"], json!(["a-b"]));
    }
}
