//! Documents, their files, and selfies on the wire (spec C.4).

use muster_app::documents::{CapturedFile, Document, DocumentKind};
use muster_app::selfies::Selfie;
use muster_domain::{
    DocumentFileId, DocumentId, InquiryId, InquiryTemplateId, InquiryTemplateVersionId, ResourceId, SelfieId,
    Timestamp,
};
use serde_json::{Value, json};

use super::verification::file_object;
use crate::doc::{described, instant, named, nullable, object, resource, to_many, to_one_or_none};
use crate::links::FileLinks;

/// What an identity document says: texts by their names.
const OF_GOVERNMENT_ID: [&str; 29] = [
    "id-class",
    "name-first",
    "name-middle",
    "name-last",
    "name-suffix",
    "native-name-first",
    "native-name-middle",
    "native-name-last",
    "native-name-title",
    "birthdate",
    "issuing-authority",
    "issuing-subdivision",
    "nationality",
    "document-number",
    "visa-status",
    "issue-date",
    "expiration-date",
    "birthplace",
    "height",
    "sex",
    "endorsements",
    "restrictions",
    "vehicle-class",
    "identification-number",
    "address-street-1",
    "address-street-2",
    "address-city",
    "address-subdivision",
    "address-postal-code",
];

fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::to_rfc3339_millis)
}

/// The resource object of a document.
pub fn show(document: &Document, links: &FileLinks) -> Value {
    let mut attributes = json!({
        "status": document.status.as_str(),
        "created-at": moment(Some(document.created_at)),
        "processed-at": moment(document.processed_at),
        "processed-at-ts": document.processed_at.map(|at| at.as_millis().div_euclid(1000)),
    });
    match document.kind {
        DocumentKind::Generic => {
            let files: Vec<Value> = stored(&document.files).map(|file| file_object(file, links)).collect();
            let given = |key: &str| document.attributes.get(key).cloned().unwrap_or_default();
            attributes["kind"] = document.name.clone().into();
            attributes["files"] = files.clone().into();
            attributes["files-normalized"] = files.into();
            attributes["extraction-responses"] = json!([]);
            attributes["document-type"] = given("document_type");
            attributes["fields"] = if given("fields").is_object() { given("fields") } else { json!({}) };
        }
        DocumentKind::GovernmentId => {
            for (name, page) in [("front-photo", "front"), ("back-photo", "back"), ("selfie-photo", "selfie")]
            {
                attributes[name] = document.page(page).map(|file| file_object(file, links)).into();
            }
            for name in OF_GOVERNMENT_ID {
                attributes[name] =
                    document.attributes.get(&name.replace('-', "_")).cloned().unwrap_or_default();
            }
            attributes["designations"] = Value::Null;
        }
    }
    let files: Vec<Value> =
        document.files.iter().map(|file| json!({ "type": "document-file", "id": file.id })).collect();
    let one = |of: &str, id: Option<&str>| match id {
        None => json!({ "data": null }),
        Some(id) => json!({ "data": { "type": of, "id": id } }),
    };
    json!({
        "type": format!("document/{}", document.kind.as_str()),
        "id": document.id,
        "attributes": attributes,
        "relationships": {
            "inquiry": one("inquiry", document.inquiry.as_ref().map(InquiryId::as_str)),
            "template": one("template", None),
            "inquiry-template": one("inquiry-template", document.inquiry_template.as_ref().map(InquiryTemplateId::as_str)),
            "inquiry-template-version": one(
                "inquiry-template-version",
                document.inquiry_template_version.as_ref().map(InquiryTemplateVersionId::as_str)
            ),
            "transaction": one("transaction", None),
            "document-files": { "data": files },
        },
    })
}

fn stored(files: &[CapturedFile]) -> impl Iterator<Item = &muster_domain::field::StoredFile> {
    files.iter().filter_map(|captured| captured.file.as_ref())
}

/// The resource object of a file of a document.
pub fn show_file(captured: &CapturedFile, links: &FileLinks) -> Value {
    let originals: Vec<Value> = captured.file.iter().map(|file| file_object(file, links)).collect();
    let name = captured.file.as_ref().map(|file| file.filename.as_str());
    json!({
        "type": "document-file",
        "id": captured.id,
        "attributes": { "name": name, "capture-method": captured.capture_method, "originals": originals },
    })
}

/// The resource object of a selfie.
pub fn show_selfie(selfie: &Selfie) -> Value {
    let inquiry = selfie.inquiry.as_ref().map(|id| json!({ "type": "inquiry", "id": id }));
    json!({
        "type": format!("selfie/{}", selfie.kind.as_str()),
        "id": selfie.id,
        "attributes": {
            "status": selfie.status.as_str(),
            "created-at": moment(Some(selfie.created_at)),
            "processed-at": moment(selfie.processed_at),
        },
        "relationships": { "inquiry": { "data": inquiry } },
    })
}

/// The schemas of documents of each kind, of any kind, of their files, and of selfies.
pub fn schemas() -> Vec<(&'static str, Value)> {
    let any = json!({
        "description": "A document of any kind.",
        "oneOf": [named("document-generic"), named("document-government-id")],
    });
    vec![
        ("document", any),
        ("document-generic", generic_schema()),
        ("document-government-id", government_id_schema()),
        ("document-file", document_file_schema()),
        ("selfie", selfie_schema()),
    ]
}

fn status() -> Value {
    let statuses = ["initiated", "submitted", "processed", "errored"];
    json!({ "type": "string", "enum": statuses, "description": "How far it is." })
}

fn document_schema(kind: &str, own: &Value, about: &str) -> Value {
    let mut members = json!({
        "status": status(),
        "created-at": described(instant(), "When it was created."),
        "processed-at": described(nullable(instant()), "When it was looked at."),
        "processed-at-ts": { "type": ["integer", "null"], "description": "The same in seconds since 1970." },
    });
    for (name, schema) in own.as_object().into_iter().flatten() {
        members[name] = schema.clone();
    }
    let all: Vec<&str> =
        members.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    let relationships = json!({
        "inquiry": to_one_or_none(Some("inquiry")),
        "template": to_one_or_none(Some("template")),
        "inquiry-template": to_one_or_none(Some("inquiry-template")),
        "inquiry-template-version": to_one_or_none(Some("inquiry-template-version")),
        "transaction": to_one_or_none(Some("transaction")),
        "document-files": to_many("document-file", DocumentFileId::PREFIX),
    });
    described(resource(kind, DocumentId::PREFIX, &object(&members, &all), &relationships), about)
}

fn generic_schema() -> Value {
    let files = || json!({ "type": "array", "items": named("stored-file") });
    let own = json!({
        "kind": { "type": "string", "description": "What the template calls it." },
        "files": files(),
        "files-normalized": files(),
        "extraction-responses": { "type": "array", "maxItems": 0, "items": {}, "description": "Always empty." },
        "document-type": { "type": ["string", "null"], "description": "What it is." },
        "fields": { "type": "object", "description": "What is known of it, by key." },
    });
    document_schema("document/generic", &own, "A document of any kind: a bill, a statement, a certificate.")
}

fn government_id_schema() -> Value {
    let photo = || json!({ "oneOf": [named("stored-file"), { "type": "null" }] });
    let mut own = json!({
        "front-photo": photo(),
        "back-photo": photo(),
        "selfie-photo": photo(),
        "designations": { "type": "null", "description": "Always null." },
    });
    for name in OF_GOVERNMENT_ID {
        own[name] = json!({ "type": ["string", "null"] });
    }
    document_schema("document/government-id", &own, "An identity document, with what is printed on it.")
}

fn document_file_schema() -> Value {
    let members = json!({
        "name": { "type": ["string", "null"], "description": "Its name, as it was given." },
        "capture-method": { "type": "string", "description": "How it came here, such as upload." },
        "originals": { "type": "array", "items": named("stored-file") },
    });
    let attributes = object(&members, &["name", "capture-method", "originals"]);
    described(
        resource("document-file", DocumentFileId::PREFIX, &attributes, &json!({})),
        "A file of a document.",
    )
}

fn selfie_schema() -> Value {
    let members = json!({
        "status": status(),
        "created-at": described(instant(), "When it was created."),
        "processed-at": described(nullable(instant()), "When it was looked at."),
    });
    let attributes = object(&members, &["status", "created-at", "processed-at"]);
    let relationships = json!({ "inquiry": to_one_or_none(Some("inquiry")) });
    let mut selfie = resource("selfie", SelfieId::PREFIX, &attributes, &relationships);
    selfie["properties"]["type"] =
        json!({ "type": "string", "enum": ["selfie/center-only", "selfie/profile-and-center"] });
    described(selfie, "Photos of a face.")
}
