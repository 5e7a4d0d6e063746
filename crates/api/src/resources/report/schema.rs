//! The schemas of reports, one for each kind.

use muster_domain::ReportKind;
use muster_domain::report::shape::{Member, Null, Shape};
use serde_json::{Map, Value, json};

use crate::doc::{described, instant, named, nullable, object, resource, to_one};

/// The schemas of all kinds, by name.
pub fn schemas() -> Vec<(&'static str, Value)> {
    ReportKind::ALL.iter().map(|kind| (kind.hyphenated(), schema(*kind))).collect()
}

/// The schema of a report of any kind.
pub fn any_schema() -> Value {
    let kinds: Vec<Value> = ReportKind::ALL.iter().map(|kind| named(kind.hyphenated())).collect();
    let mapping: Map<String, Value> = ReportKind::ALL
        .iter()
        .map(|kind| (kind.resource_type().to_owned(), named(kind.hyphenated())["$ref"].clone()))
        .collect();
    json!({
        "description": "A report; its type says of which kind.",
        "oneOf": kinds,
        "discriminator": { "propertyName": "type", "mapping": mapping },
    })
}

/// The members that all kinds have.
fn shared() -> Map<String, Value> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let flag = |about: &str| json!({ "type": "boolean", "description": about });
    let members = json!({
        "status": {
            "type": "string", "enum": ["pending", "ready", "errored"],
            "description": "How far it is. Once it is ready it is never pending again.",
        },
        "created-at": described(instant(), "When it was created."),
        "completed-at": described(nullable(instant()), "When its last run was over."),
        "redacted-at": described(nullable(instant()), "When its personal data was erased."),
        "report-template-version-name": text("Which revision of its template it was made from, such as `v1`."),
        "has-match": flag("Whether it has hits that nobody has dismissed."),
        "is-continuous": flag("Whether it was run more than once."),
        "is-recurring": flag("Whether a run of it is scheduled."),
        "tags": {
            "type": "array", "items": { "type": "string" },
            "description": "The names of its tags. `simulated` marks a result that a sandbox made up.",
        },
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn schema(kind: ReportKind) -> Value {
    let mut members = shared();
    let mut required: Vec<&str> = vec![
        "status",
        "created-at",
        "completed-at",
        "redacted-at",
        "report-template-version-name",
        "has-match",
        "is-continuous",
        "is-recurring",
        "tags",
    ];
    for member in kind.attributes() {
        members.insert(member.name.to_owned(), member_schema(member));
        if is_always_there(member) {
            required.push(member.name);
        }
    }
    let null_or = |kind: &str, prefix: &str| {
        let mut one = to_one(kind, prefix);
        one["properties"]["data"] = nullable(one["properties"]["data"].take());
        one
    };
    let relationships = json!({
        "inquiry": null_or("inquiry", "inq_"),
        "account": null_or("account", "act_"),
        "transaction": null_or("transaction", "txn_"),
        "report-template": to_one(kind.template_type(), "rptp_"),
    });
    let attributes = object(&Value::Object(members), &required);
    let about = format!("A report of the kind {}.", kind.as_str());
    described(resource(kind.resource_type(), "rep_", &attributes, &relationships), &about)
}

const fn is_always_there(member: &Member) -> bool {
    matches!(
        (member.null, member.shape),
        (Null::Allowed, _) | (_, Shape::List(_) | Shape::Object(_) | Shape::Map(_) | Shape::Open)
    )
}

fn member_schema(member: &Member) -> Value {
    match member.null {
        Null::Allowed => nullable(shape_schema(member.shape)),
        Null::Never => shape_schema(member.shape),
    }
}

/// The schema of the query of a kind.
pub fn query_schema(kind: ReportKind) -> Value {
    let members = kind.query_members();
    let required: Vec<&str> =
        members.iter().filter(|member| member.null == Null::Never).map(|member| member.name).collect();
    members_schema(members, &required)
}

/// The schema of an object with these members, of which the named ones must be there.
fn members_schema(members: &[Member], required: &[&str]) -> Value {
    let all: Map<String, Value> =
        members.iter().map(|member| (member.name.to_owned(), member_schema(member))).collect();
    object(&Value::Object(all), required)
}

fn shape_schema(shape: Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Date => json!({ "type": "string", "format": "date" }),
        Shape::Country => json!({ "type": "string", "pattern": "^[A-Za-z]{2}$" }),
        Shape::SocialSecurityNumber => json!({ "type": "string", "pattern": "^[0-9]{3}-[0-9]{2}-[0-9]{4}$" }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::List(item) => json!({ "type": "array", "items": shape_schema(*item) }),
        Shape::Object(members) => members_schema(members, &[]),
        Shape::Map(item) => json!({ "type": "object", "additionalProperties": shape_schema(*item) }),
        Shape::Open => json!({ "type": "object", "additionalProperties": true }),
        Shape::OrNull(inner) => nullable(shape_schema(*inner)),
    }
}
