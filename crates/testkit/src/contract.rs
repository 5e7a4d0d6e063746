//! Holds every reply to the OpenAPI document: an undocumented status or a body outside its schema fails the test.

#![expect(clippy::expect_used, reason = "a document that is not one has failed the test")]

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use hyper::Method;
use jsonschema::Validator;
use muster_api::inflection::kebab;
use muster_api::openapi::document;
use muster_api::versions::ApiVersion;
use parking_lot::Mutex;
use serde_json::{Map, Value, json};

/// A request and its reply.
pub(crate) struct Exchange<'a> {
    /// The method of the request.
    pub method: &'a Method,
    /// Its path with its query.
    pub target: &'a str,
    /// The version of the reply; none when only the server knows the one of the API key.
    pub version: Option<ApiVersion>,
    /// How the keys of the reply are spelled.
    pub spelling: Spelling,
    /// The status of the reply.
    pub status: u16,
    /// Its body.
    pub json: &'a Value,
}

/// How the keys of a reply are spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As the document has them.
    Kebab,
    /// Otherwise, or nobody but the server knows.
    Other,
}

/// Stops the test when the reply is not what the document of its version says.
///
/// Requests that reach no operation are let pass, and so are replies narrowed by `fields[…]`.
pub(crate) fn check(exchange: &Exchange<'_>) {
    let (path, query) = exchange.target.split_once('?').unwrap_or((exchange.target, ""));
    let is_sparse = query.contains("fields[") || query.to_ascii_lowercase().contains("fields%5b");
    let Some(template) = template(exchange.method, path) else { return };
    if is_sparse && exchange.status < 300 {
        return;
    }
    let versions = exchange.version.map_or_else(|| ApiVersion::ALL.to_vec(), |version| vec![version]);
    let faults: Vec<String> = versions
        .into_iter()
        .map(|version| spelled_faults(version, template, exchange))
        .take_while(|faults| !faults.is_empty())
        .collect();
    let is_good = exchange.version.map_or(faults.len() < ApiVersion::ALL.len(), |_| faults.is_empty());
    assert!(
        is_good,
        "{} {path} answered {} and the OpenAPI document does not know it like that:\n{}\n{:#}",
        exchange.method,
        exchange.status,
        faults.first().map(String::as_str).unwrap_or_default(),
        exchange.json,
    );
}

/// What is wrong with a reply however it is spelled; empty when nothing is.
fn spelled_faults(version: ApiVersion, template: &str, exchange: &Exchange<'_>) -> String {
    let found = |body: &Value| faults(version, exchange.method, template, exchange.status, body);
    let as_it_is = found(exchange.json);
    if as_it_is.is_empty() || exchange.spelling == Spelling::Kebab {
        return as_it_is;
    }
    found(&to_kebab(exchange.json.clone(), Inside::Elsewhere))
}

/// What is wrong with a body; empty when nothing is.
fn faults(version: ApiVersion, method: &Method, template: &str, status: u16, body: &Value) -> String {
    let Some(validator) = validator(version, method, template, status) else {
        return format!("status {status} is not documented for {method} {template}");
    };
    let line = |error: jsonschema::ValidationError<'_>| format!("  {}: {error}", error.instance_path());
    validator.iter_errors(body).map(line).collect::<Vec<_>>().join("\n")
}

/// The documented path that a path is an instance of; the one with the fewest parameters.
fn template(method: &Method, path: &str) -> Option<&'static str> {
    let path = path.strip_prefix("/api/v1")?;
    let method = method.as_str().to_ascii_lowercase();
    let fits = |template: &str| {
        let (mut wanted, mut given) = (template.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(name), Some(part)) if name == part || (name.starts_with('{') && !part.is_empty()) => {}
                _ => return false,
            }
        }
    };
    let paths = paths(ApiVersion::NEWEST);
    let fitting = paths.iter().filter(|(path, operations)| operations.get(&method).is_some() && fits(path));
    fitting.map(|(path, _)| path.as_str()).min_by_key(|path| path.matches('{').count())
}

type Place = (ApiVersion, String, u16);

/// The validator of one reply, compiled once; none when the status is not documented.
fn validator(version: ApiVersion, method: &Method, template: &str, status: u16) -> Option<Arc<Validator>> {
    static COMPILED: LazyLock<Mutex<HashMap<Place, Option<Arc<Validator>>>>> = LazyLock::new(Mutex::default);
    let place = (version, format!("{method} {template}"), status);
    let mut compiled = COMPILED.lock();
    let made = compiled.entry(place).or_insert_with(|| {
        let document = documented(version);
        let operation = &paths(version).get(template)?[method.as_str().to_ascii_lowercase()];
        let mut reply = operation["responses"].get(status.to_string())?;
        if let Some(reference) = reply["$ref"].as_str() {
            reply =
                document.pointer(reference.trim_start_matches('#')).expect("the reference leads somewhere");
        }
        // What is no JSON, such as a PDF, is not looked into.
        let schema =
            reply["content"].get("application/json").map_or(json!(true), |json| json["schema"].clone());
        let whole = json!({ "components": document["components"], "allOf": [schema] });
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        Some(Arc::new(options.build(&whole).expect("the schema can be compiled")))
    });
    made.clone()
}

fn paths(version: ApiVersion) -> &'static Map<String, Value> {
    documented(version)["paths"].as_object().expect("a document has paths")
}

fn documented(version: ApiVersion) -> &'static Value {
    static MADE: [OnceLock<Value>; ApiVersion::ALL.len()] =
        [const { OnceLock::new() }; ApiVersion::ALL.len()];
    let index = ApiVersion::ALL.iter().position(|one| *one == version).expect("a known version");
    MADE[index].get_or_init(|| document(version))
}

/// Where the walk through a reply stands.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    /// In the object under an `attributes` key.
    Attributes,
    /// In the fields of an account, whose keys are the customer's.
    Fields,
    Elsewhere,
}

/// Spells the keys of a reply in kebab case again.
fn to_kebab(value: Value, inside: Inside) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| to_kebab(item, if inside == Inside::Fields { inside } else { Inside::Elsewhere }))
            .collect(),
        Value::Object(members) => {
            let spelled = members.into_iter().map(|(key, value)| {
                // What a log tells of a request is spelled as it was sent.
                let folded = kebab(&key).into_owned();
                if inside != Inside::Fields && matches!(&*folded, "headers" | "get-params" | "post-params") {
                    return (folded, value);
                }
                let below = match (inside, key.as_str()) {
                    (Inside::Fields, _) | (Inside::Attributes, "fields") => Inside::Fields,
                    (_, "attributes") => Inside::Attributes,
                    _ => Inside::Elsewhere,
                };
                let key = if inside == Inside::Fields { key } else { folded };
                (key, to_kebab(value, below))
            });
            Value::Object(spelled.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(status: u16, body: &Value) -> String {
        faults(ApiVersion::NEWEST, &Method::GET, "/events/{event-id}", status, body)
    }

    #[test]
    fn a_reply_outside_its_schema_is_found_and_named_by_its_place() {
        let mut event = json!({ "data": { "type": "event", "id": "evt_1", "attributes": {
            "name": "account-type.created", "created-at": "2026-03-02T09:14:07.412Z", "payload": { "data": null },
        } } });
        assert!(faults_of(200, &event).starts_with("  /data/attributes/payload/data: "));
        event["data"]["attributes"]["surprise"] = json!(1);
        assert!(faults_of(200, &event).contains("'surprise' was unexpected"));
        event["data"]["attributes"]["created-at"] = json!("yesterday");
        assert!(faults_of(200, &event).contains("/data/attributes/created-at: "));
        assert!(faults_of(418, &event).contains("418 is not documented"));
        assert_eq!(faults_of(404, &json!({ "errors": [{ "title": "Record not found" }] })), "");
    }

    #[test]
    fn the_path_without_parameters_comes_first() {
        assert_eq!(template(&Method::GET, "/api/v1/accounts/act_1"), Some("/accounts/{account-id}"));
        assert_eq!(template(&Method::GET, "/api/v1/accounts"), Some("/accounts"));
        assert_eq!(template(&Method::GET, "/api/v1/accounts/"), None);
        assert_eq!(template(&Method::DELETE, "/api/v1/accounts"), None);
    }

    #[test]
    fn keys_are_respelled_but_those_of_customers() {
        let reply = json!({ "data": { "attributes": {
            "referenceId": "x", "fields": { "name_first": { "type": "string", "value": "A" } } } } });
        let expected = json!({ "data": { "attributes": {
            "reference-id": "x", "fields": { "name_first": { "type": "string", "value": "A" } } } } });
        assert_eq!(to_kebab(reply, Inside::Elsewhere), expected);
    }
}
