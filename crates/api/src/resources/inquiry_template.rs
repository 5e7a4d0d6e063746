//! Inquiry templates and their versions on the wire (spec B.1).

use muster_app::inquiry_templates::{TemplateView, VersionView};
use muster_domain::Timestamp;
use muster_domain::field::FieldSchema;
use muster_domain::inquiry_template::{THEME_KEYS, Translation};
use serde_json::{Map, Value, json};

use crate::doc::{constant, described, id, instant, named, nullable, object, resource, to_one};

/// The type of the resource object of a version.
const VERSION: &str = "inquiry-template-version";

/// The resource object of a template.
pub fn template(view: &TemplateView) -> Value {
    let head = &view.template.head;
    let version = view.version.as_deref();
    let fields = version.map_or(&[][..], |version| version.definition.fields.as_slice());
    let schemes = version.map_or(&[][..], |version| version.definition.settings.redirect_schemes.as_slice());
    let live = view.template.live.as_ref().map(|id| json!({ "type": VERSION, "id": id.as_str() }));
    json!({
        "type": "inquiry-template",
        "id": view.template.id.as_str(),
        "attributes": {
            "name": head.name,
            "status": head.status.name(),
            "embedded-flow-domain-allowlist": head.embedded_flow_domain_allowlist,
            "field-schemas": fields.iter().map(FieldSchema::published).collect::<Vec<Value>>(),
            "hosted-flow-redirect-uri-schemes": schemes,
            "hosted-flow-subdomains": head.hosted_flow_subdomains,
        },
        "relationships": { "latest-published-version": { "data": live } },
    })
}

/// The resource object of a version, as published.
pub fn version(view: &VersionView) -> Value {
    let version = &view.version;
    let theme: Map<String, Value> = THEME_KEYS
        .iter()
        .map(|key| ((*key).to_owned(), version.definition.theme.get(*key).cloned().into()))
        .collect();
    json!({
        "type": VERSION,
        "id": version.id.as_str(),
        "attributes": {
            "name-display": view.template.head.name,
            "description": version.description,
            "status": version.status(),
            "live": view.is_live(),
            "last-updater": null,
            "enabled-locales": version.definition.languages,
            "created-at": version.created_at.to_rfc3339_millis(),
            "updated-at": version.updated_at.to_rfc3339_millis(),
            "published-at": version.published_at.map(Timestamp::to_rfc3339_millis),
            "theme": theme,
        },
        "relationships": {
            "inquiry-template": { "data": { "type": "inquiry-template", "id": version.template.as_str() } },
        },
    })
}

/// The resource object of a version with all that it says and the IDs of its verification templates.
pub fn extended_version(view: &VersionView, definition: &Value) -> Value {
    let mut shown = version(view);
    shown["attributes"]["definition"] = definition.clone();
    let verifications = view.version.definition.verifications.iter().map(|one| {
        let kind = one.config.kind.name();
        json!({ "type": format!("verification-template/{kind}"), "id": one.id.as_str() })
    });
    shown["relationships"]["verification-templates"] =
        json!({ "data": verifications.collect::<Vec<Value>>() });
    shown
}

/// The resource object of the texts of a version.
pub fn translations(version: &str, rows: &[Translation]) -> Value {
    json!({
        "type": "inquiry-template-translations",
        "id": version,
        "attributes": { "translations": rows },
    })
}

/// The schema of a template.
pub fn template_schema() -> Value {
    let attributes = json!({
        "name": { "type": "string", "description": "What people call the template." },
        "status": { "type": "string", "description": "`active`, or `inactive` when no inquiry can be made of it." },
        "embedded-flow-domain-allowlist": texts("The hosts that may show its flow in a frame."),
        "field-schemas": {
            "type": "array",
            "items": named("field-schema"),
            "description": "The fields of its inquiries, by the version that is live.",
        },
        "hosted-flow-redirect-uri-schemes": texts("The schemes that a redirect may have; none at all means http and https."),
        "hosted-flow-subdomains": texts("The subdomains under which its flow is served."),
    });
    let live = nullable(object(&json!({ "type": constant(VERSION), "id": id("itmplv_") }), &["type", "id"]));
    let relationships = json!({ "latest-published-version": object(&json!({ "data": live }), &["data"]) });
    let schema = resource("inquiry-template", "itmpl_", &closed(&attributes), &relationships);
    described(schema, "An inquiry template: what is asked of a person, step by step.")
}

/// The schema of a version.
pub fn version_schema() -> Value {
    let relationships = json!({ "inquiry-template": to_one("inquiry-template", "itmpl_") });
    let schema = resource(VERSION, "itmplv_", &closed(&version_members()), &relationships);
    described(schema, "A version of an inquiry template, or its draft.")
}

/// The schema of a version with all that it says.
pub fn extended_version_schema() -> Value {
    let mut members = version_members();
    members["definition"] = named("inquiry-template-definition");
    let kind = json!({ "type": "string", "pattern": "^verification-template/[a-z0-9-]+$" });
    let verification = object(&json!({ "type": kind, "id": id("vtmpl_") }), &["type", "id"]);
    let verifications = json!({ "data": { "type": "array", "items": verification } });
    let relationships = json!({
        "inquiry-template": to_one("inquiry-template", "itmpl_"),
        "verification-templates": object(&verifications, &["data"]),
    });
    let schema = resource(VERSION, "itmplv_", &closed(&members), &relationships);
    described(schema, "A version of an inquiry template with all that it says.")
}

/// The schema of the texts of a version.
pub fn translations_schema() -> Value {
    let rows = json!({ "type": "array", "items": translation_schema(&TRANSLATION) });
    let attributes = object(&json!({ "translations": rows }), &["translations"]);
    let schema = resource("inquiry-template-translations", "itmplv_", &attributes, &json!({}));
    described(schema, "The texts of a version in all its languages. The ID is that of the version.")
}

/// What a row of translations has.
const TRANSLATION: [&str; 5] = ["step", "step-display-name", "component", "attribute-name", "locale-values"];

/// The schema of one text in all its languages.
pub fn translation_schema(required: &[&str]) -> Value {
    let said = json!({
        "locale": { "type": "string", "description": "The language, such as en or fr-CA." },
        "value": { "type": ["string", "null"], "description": "The text; null where there is none." },
    });
    let members = json!({
        "step": { "type": "string", "description": "The name of the step." },
        "step-display-name": { "type": "string", "description": "What people call the step. Not looked at when it is sent." },
        "component": {
            "type": "string",
            "description": "The part of the page: title, text, button, or the key of the field that an input writes.",
        },
        "attribute-name": { "type": "string", "description": "What of it: text, or label or hint of an input." },
        "locale-values": { "type": "array", "items": object(&said, &["locale", "value"]) },
    });
    object(&members, required)
}

fn version_members() -> Value {
    let text = |about: &str| json!({ "type": ["string", "null"], "description": about });
    let theme: Map<String, Value> =
        THEME_KEYS.iter().map(|key| ((*key).to_owned(), json!({ "type": ["string", "null"] }))).collect();
    json!({
        "name-display": text("The name of its template."),
        "description": text("What changed with it, in words."),
        "status": { "type": "string", "description": "`published` or `draft`." },
        "live": { "type": "boolean", "description": "Whether new inquiries get it." },
        "last-updater": text("The e-mail address of whoever changed it last; nobody signs in yet."),
        "enabled-locales": texts("The languages of its flow."),
        "created-at": instant(),
        "updated-at": instant(),
        "published-at": nullable(instant()),
        "theme": described(closed(&Value::Object(theme)), "Colours and sizes of its pages; null where nothing is set."),
    })
}

/// The schema of an object that always has all of these members.
fn closed(members: &Value) -> Value {
    let all: Vec<&str> =
        members.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    object(members, &all)
}

fn texts(about: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": about })
}
