//! Verifications on the wire (spec C.1, C.2): one implementation, a table of kinds.

mod table;

use muster_app::documents::CapturedFile;
use muster_app::verifications::Shown;
use muster_domain::field::{LinkFiles, StoredFile};
use muster_domain::verification::Check;
use muster_domain::{
    InquiryId, InquiryTemplateId, InquiryTemplateVersionId, ResourceId, Timestamp, VerificationId,
};
use serde_json::{Map, Value, json};

pub use table::{PUBLISHED, Published, Shape};

use crate::doc::{described, instant, named, nullable, object, resource, to_any, to_one_or_none};
use crate::links::FileLinks;

/// The resource object of a verification.
pub fn show(shown: &Shown, links: &FileLinks) -> Value {
    let item = &shown.verification;
    json!({
        "type": item.kind.resource_type(),
        "id": item.id,
        "attributes": attributes(shown, links),
        "relationships": relationships(shown),
    })
}

fn attributes(shown: &Shown, links: &FileLinks) -> Value {
    let item = &shown.verification;
    let moment = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339_millis);
    let seconds = |at: Option<Timestamp>| at.map(|at| at.as_millis().div_euclid(1000));
    let checks: Vec<Value> = item.checks.iter().map(check).collect();
    let mut all = json!({
        "status": item.status.as_str(),
        "created-at": moment(Some(item.created_at)),
        "created-at-ts": seconds(Some(item.created_at)),
        "submitted-at": moment(item.submitted_at),
        "submitted-at-ts": seconds(item.submitted_at),
        "completed-at": moment(item.completed_at),
        "completed-at-ts": seconds(item.completed_at),
        "redacted-at": moment(item.redacted_at),
        "country-code": item.country_code.as_deref().filter(|code| code.len() == 2),
        "tags": item.tags,
        "checks": checks,
    });
    for (name, shape) in table::attributes(item.kind) {
        all[*name] = value(shown, links, name, *shape);
    }
    all
}

fn check(check: &Check) -> Value {
    json!({
        "name": check.name,
        "status": check.status,
        "reasons": check.reasons,
        "requirement": check.requirement,
        "metadata": check.metadata,
    })
}

fn value(shown: &Shown, links: &FileLinks, name: &str, shape: Shape) -> Value {
    let given = || shown.verification.attributes.get(&name.replace('-', "_"));
    let files = captured(shown);
    match shape {
        Shape::Text => given().filter(|value| value.is_string()).cloned().unwrap_or_default(),
        Shape::Number => given().filter(|value| value.is_number()).cloned().unwrap_or_default(),
        Shape::Nothing => Value::Null,
        // The public contract has a text here.
        Shape::Secret => Value::from(""),
        Shape::No => false.into(),
        Shape::Empty => json!([]),
        Shape::Object => json!({}),
        Shape::Fields => match given() {
            Some(Value::Object(fields)) => Value::Object(fields.clone()),
            _ => json!({}),
        },
        Shape::PhotoUrl(page) => {
            let file = files.iter().find(|file| file.page == page).and_then(|file| file.file.as_ref());
            file.map(|file| links.url(file)).into()
        }
        Shape::IdPhotos => stored(files).map(|(page, file)| id_photo(page, file, links)).collect(),
        Shape::SelfiePhotos => stored(files).map(|(page, file)| selfie_photo(page, file, links)).collect(),
        Shape::Files => stored(files).map(|(_, file)| file_object(file, links)).collect(),
        Shape::CaptureMethod => files.first().map(|file| file.capture_method.clone()).into(),
    }
}

/// What was handed in for a verification.
fn captured(shown: &Shown) -> &[CapturedFile] {
    let document = shown.document.as_ref().map(|document| document.files.as_slice());
    document.or(shown.selfie.as_ref().map(|selfie| selfie.photos.as_slice())).unwrap_or_default()
}

/// Those files that are still there, with their pages.
fn stored(files: &[CapturedFile]) -> impl Iterator<Item = (&str, &StoredFile)> {
    files.iter().filter_map(|captured| Some((captured.page.as_str(), captured.file.as_ref()?)))
}

/// A file as documents and verifications show it.
pub fn file_object(file: &StoredFile, links: &FileLinks) -> Value {
    json!({ "filename": file.filename, "url": links.url(file), "byte-size": file.byte_size })
}

fn selfie_photo(page: &str, file: &StoredFile, links: &FileLinks) -> Value {
    let mut photo = file_object(file, links);
    photo["page"] = page.into();
    photo
}

fn id_photo(page: &str, file: &StoredFile, links: &FileLinks) -> Value {
    let mut photo = selfie_photo(page, file, links);
    // Nothing is cut or turned: what is shown is what was handed in.
    photo["normalized-url"] = photo["url"].clone();
    photo["original-urls"] = json!([photo["url"]]);
    photo
}

fn relationships(shown: &Shown) -> Value {
    let item = &shown.verification;
    let kind = item.kind.as_str();
    let one = |of: &str, id: Option<&str>| match id {
        None => json!({ "data": null }),
        Some(id) => json!({ "data": { "type": of, "id": id } }),
    };
    let accounts: Vec<Value> = item.account.iter().map(|id| json!({ "type": "account", "id": id })).collect();
    let mut all = json!({
        "inquiry": one("inquiry", item.inquiry.as_ref().map(InquiryId::as_str)),
        "template": one("template", None),
        "inquiry-template": one("inquiry-template", item.inquiry_template.as_ref().map(InquiryTemplateId::as_str)),
        "inquiry-template-version": one(
            "inquiry-template-version",
            item.inquiry_template_version.as_ref().map(InquiryTemplateVersionId::as_str)
        ),
        "transaction": one("transaction", None),
        "verification-template": one(&format!("verification-template/{kind}"), Some(item.template.as_str())),
        "verification-template-version": one(
            &format!("verification-template-version/{kind}"),
            Some(item.template_version.as_str())
        ),
        "accounts": { "data": accounts },
    });
    if let Some(document) = &shown.document {
        let of = format!("document/{}", document.kind.as_str());
        all["document"] = one(&of, Some(document.id.as_str()));
    }
    all
}

/// The schemas of all published kinds, and `verification` for any of them.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let kinds = PUBLISHED.iter().map(|published| (published.schema, schema(published)));
    let any: Vec<Value> = PUBLISHED.iter().map(|published| named(published.schema)).collect();
    let mapping: Map<String, Value> = PUBLISHED
        .iter()
        .map(|published| (published.kind.resource_type().to_owned(), named(published.schema)["$ref"].clone()))
        .collect();
    let verification = json!({
        "description": "A verification of any kind.",
        "oneOf": any,
        "discriminator": { "propertyName": "type", "mapping": mapping },
    });
    kinds
        .chain([
            ("verification", verification),
            ("verification-check", check_schema()),
            ("stored-file", file_schema()),
        ])
        .collect()
}

fn schema(published: &Published) -> Value {
    let seconds = || json!({ "type": "integer", "description": "The same in seconds since 1970." });
    let mut members = json!({
        "status": { "type": "string", "description": "Where it stands, such as initiated, submitted, passed or failed." },
        "created-at": described(instant(), "When it was created."),
        "created-at-ts": seconds(),
        "submitted-at": described(nullable(instant()), "When all that it checks was handed in."),
        "submitted-at-ts": nullable(seconds()),
        "completed-at": described(nullable(instant()), "When it was decided."),
        "completed-at-ts": nullable(seconds()),
        "redacted-at": described(nullable(instant()), "When its personal data was erased."),
        "country-code": { "type": ["string", "null"], "description": "The country of what is checked, in two letters." },
        "tags": { "type": "array", "items": { "type": "string" }, "description": "The names of its tags." },
        "checks": { "type": "array", "items": named("verification-check"), "description": "What was checked." },
    });
    for (name, shape) in published.attributes {
        members[*name] = shape_schema(*shape);
    }
    let all: Vec<&str> =
        members.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    let relationships = json!({
        "inquiry": to_one_or_none(Some("inquiry")),
        "template": to_one_or_none(Some("template")),
        "inquiry-template": to_one_or_none(Some("inquiry-template")),
        "inquiry-template-version": to_one_or_none(Some("inquiry-template-version")),
        "transaction": to_one_or_none(Some("transaction")),
        "verification-template": to_one_or_none(None),
        "verification-template-version": to_one_or_none(None),
        "accounts": to_any(),
    });
    let kind = published.kind.resource_type();
    let mut schema = resource(kind, VerificationId::PREFIX, &object(&members, &all), &relationships);
    // Only where something was handed in.
    schema["properties"]["relationships"]["properties"]["document"] = to_one_or_none(None);
    described(schema, "A verification: what was checked for an inquiry, and what came of it.")
}

fn shape_schema(shape: Shape) -> Value {
    let photo = |more: &Value, required: &[&str]| {
        let text = json!({ "type": "string" });
        let mut members =
            json!({ "filename": text, "url": text, "page": text, "byte-size": { "type": "integer" } });
        for (name, schema) in more.as_object().into_iter().flatten() {
            members[name] = schema.clone();
        }
        let required: Vec<&str> =
            ["filename", "url", "page", "byte-size"].iter().chain(required).copied().collect();
        json!({ "type": "array", "items": object(&members, &required) })
    };
    match shape {
        Shape::Text | Shape::CaptureMethod => json!({ "type": ["string", "null"] }),
        Shape::PhotoUrl(_) => {
            described(json!({ "type": ["string", "null"] }), "Where to have the photo, until the link ends.")
        }
        Shape::Number => json!({ "type": ["number", "null"] }),
        Shape::No => described(json!({ "type": "boolean", "const": false }), "Always false."),
        Shape::Empty => described(json!({ "type": "array", "maxItems": 0, "items": {} }), "Always empty."),
        Shape::Nothing => described(json!({ "type": "null" }), "Always null."),
        Shape::Secret => {
            described(json!({ "type": "string", "const": "" }), "Always empty: codes are never shown.")
        }
        Shape::Object => object(&json!({}), &[]),
        Shape::Fields => described(json!({ "type": "object" }), "What is known of the document, by key."),
        Shape::Files => json!({ "type": "array", "items": named("stored-file") }),
        Shape::SelfiePhotos => photo(&json!({}), &[]),
        Shape::IdPhotos => {
            let more = json!({
                "normalized-url": { "type": "string" },
                "original-urls": { "type": "array", "items": { "type": "string" } },
            });
            photo(&more, &["normalized-url", "original-urls"])
        }
    }
}

fn check_schema() -> Value {
    let members = json!({
        "name": { "type": "string", "description": "Its name, such as id_expired_detection." },
        "status": { "type": "string", "enum": ["passed", "failed", "not_applicable"], "description": "How it ended; not_applicable where nobody could say." },
        "reasons": { "type": "array", "items": { "type": "string" }, "description": "Why, in words for programs." },
        "requirement": { "type": "string", "enum": ["required", "not_required", "requires_retry"], "description": "What it means for the decision." },
        "metadata": { "type": "object", "description": "What was seen." },
    });
    let check = object(&members, &["name", "status", "reasons", "requirement", "metadata"]);
    described(check, "One check of a verification.")
}

fn file_schema() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let members = json!({
        "filename": text("Its name, as it was given."),
        "url": text("Where to have it, without an API key, until the link ends (after six hours)."),
        "byte-size": { "type": "integer", "description": "Its size, in bytes." },
    });
    described(object(&members, &["filename", "url", "byte-size"]), "A file that was handed in.")
}
