//! Report templates on the wire: as the public API shows them in `included`, and with all that Muster's own
//! operations let be written.

use muster_domain::report::{ReportDefinition, ReportTemplate};
use muster_domain::{ReportKind, Timestamp};
use serde_json::{Map, Value, json};

use crate::doc::{described, id, instant, object};

/// The resource object, as published.
pub fn shown(template: &ReportTemplate) -> Value {
    let instant = Timestamp::to_rfc3339_millis;
    let mut attributes = json!({
        "name": template.name,
        "created-at": instant(template.created_at),
        "updated-at": instant(template.updated_at),
    });
    if template.kind == ReportKind::Watchlist {
        let slugs = template.definition.lists.iter().flatten();
        attributes["search-lists"] = slugs.map(|slug| json!({ "slug": slug, "type": "list" })).collect();
    }
    json!({
        "type": template.kind.template_type(),
        "id": template.id.as_str(),
        "attributes": attributes,
        "meta": { "version": {
            "name": ReportTemplate::version_name(template.revision),
            "created-at": instant(template.created_at),
            "updated-at": instant(template.updated_at),
        } },
    })
}

/// The resource object with all that Muster's own operations let be written.
pub fn extended(template: &ReportTemplate) -> Value {
    let mut resource = shown(template);
    resource["attributes"]["default"] = template.is_default.into();
    resource["attributes"]["definition"] = serde_json::to_value(&template.definition).unwrap_or_default();
    resource
}

fn members() -> Map<String, Value> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let list =
        object(&json!({ "slug": text("Names the list."), "type": { "type": "string" } }), &["slug", "type"]);
    let members = json!({
        "name": text("Its name."),
        "created-at": described(instant(), "When it was created."),
        "updated-at": described(instant(), "When it was last changed."),
        "search-lists": { "type": "array", "items": list,
            "description": "Of templates of watchlists: the lists that are searched; empty: all." },
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn resource_of(members: Map<String, Value>, required: &[&str]) -> Value {
    let types: Vec<&str> = ReportKind::ALL.iter().map(|kind| kind.template_type()).collect();
    let version = object(
        &json!({ "name": { "type": "string" }, "created-at": instant(), "updated-at": instant() }),
        &["name", "created-at", "updated-at"],
    );
    let members = json!({
        "type": { "type": "string", "enum": types },
        "id": id("rptp_"),
        "attributes": object(&Value::Object(members), required),
        "meta": object(&json!({ "version": version }), &["version"]),
    });
    object(&members, &["type", "id", "attributes", "meta"])
}

/// The schema of the resource object, as published.
pub fn schema() -> Value {
    let template = resource_of(members(), &["name", "created-at", "updated-at"]);
    described(template, "A report template: how reports of a kind are run.")
}

/// The schema of the resource object with all that Muster's own operations let be written.
pub fn extended_schema() -> Value {
    let mut members = members();
    let about = "Whether reports that name only a kind use it.";
    members.insert("default".to_owned(), json!({ "type": "boolean", "description": about }));
    members.insert("definition".to_owned(), definition_schema());
    let required = ["name", "created-at", "updated-at", "default", "definition"];
    described(resource_of(members, &required), "A report template with all that can be written of it.")
}

/// The schema of how reports are run.
pub fn definition_schema() -> Value {
    let choice =
        |about: &str, options: &[&str]| json!({ "type": "string", "enum": options, "description": about });
    let flag = |about: &str| json!({ "type": "boolean", "description": about });
    let names = object(
        &json!({
            "preset": choice("Which ways of writing a name count as the same.", &["exact", "strict", "tolerant", "custom"]),
            "aliases": flag("With `custom`: other names of an entity."),
            "partial": flag("With `custom`: a part of the words, or initials."),
            "joined": flag("With `custom`: letters only, whatever spaces and marks."),
            "first-last": flag("With `custom`: first and last name alone."),
            "equivalents": flag("With `custom`: nicknames, and names that sound the same."),
            "fuzziness": choice("With `custom`: how long a name must be for a typing error in it.", &["off", "low", "medium", "high"]),
        }),
        &[],
    );
    let members = json!({
        "interval-days": { "type": "integer", "minimum": 1, "maximum": 365, "description": "Days between two runs; left out: it is run once." },
        "provider": { "type": "string", "description": "The provider that is asked, by the name that the server is configured with." },
        "lists": { "type": "array", "items": { "type": "string" }, "minItems": 1, "description": "Slugs of the lists that are searched; left out: all that fit the kind." },
        "names": names,
        "birthdate": choice("How birth dates are compared, where both are known.", &["off", "exact-date", "exact-year", "approximate-year"]),
        "countries": { "type": "array", "description": "What of a country is compared with that of the query, where both are known; none: countries are not compared.",
            "items": { "type": "string", "enum": ["citizenship", "nationality", "birthplace", "residency"] } },
        "minimum-score": { "type": "number", "minimum": 0, "maximum": 1, "description": "Hits below it are left out." },
        "associates": choice("Whether relatives and close associates count as politically exposed.", &["excluded", "included"]),
    });
    described(object(&members, &[]), "How its reports are run. What is left out takes its default.")
}

/// Reads how reports are run; names in kebab case.
///
/// # Errors
/// What is not understood, in words without the value.
pub fn read_definition(value: &Value) -> Result<ReportDefinition, String> {
    serde_json::from_value(value.clone()).map_err(|error| {
        let text = error.to_string();
        // The text of an unknown member or option names it and those that are known.
        match text.split_once(", expected ") {
            Some((_, known)) => format!("has a member or an option that is not known; known are {known}"),
            None => "has a member of another kind than documented".to_owned(),
        }
    })
}
