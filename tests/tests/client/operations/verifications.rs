//! The methods of verifications and documents.

use muster_client::{InquiryTemplateDraft, Value, VerificationKind, json};

use super::values;
use crate::scene::Scene;

/// A template with a verification of each kind that a sandbox can make up.
fn template(name: &str) -> Value {
    json!({
        "name": name,
        "verifications": [
            { "key": "passport", "kind": "government-id" },
            { "key": "bill", "kind": "document" },
            { "key": "face", "kind": "selfie" },
            { "key": "register", "kind": "database" },
        ],
        "steps": [
            { "name": "start", "kind": "government-id", "verification": "passport", "next": "success" },
            { "name": "success", "kind": "complete" },
        ],
    })
}

/// Makes a verification up, of the key of the template: its ID.
async fn made_up(scene: &Scene, key: &str) -> String {
    let templates = scene.muster.inquiry_templates();
    let number = templates.list().all().await.unwrap().len();
    let draft = InquiryTemplateDraft::new(template(&format!("Template {number}")));
    let saved = templates.create(&draft).await.unwrap();
    let version = templates.retrieve_version(&saved.version_id).await.unwrap();
    let place =
        version.definition["verifications"].as_array().unwrap().iter().position(|one| one["key"] == key);
    let verification_template = &version.verification_template_ids[place.unwrap()];
    let body = json!({ "data": { "attributes": { "inquiry-template-id": saved.template.id } } });
    let inquiry = scene.muster.post("/inquiries", &body).await.unwrap();
    let path = format!("/inquiries/{}/perform-simulate-actions", inquiry["data"]["id"].as_str().unwrap());
    let data = json!({ "verification-template-id": verification_template });
    let action = json!({ "type": "create_passed_verification", "data": data });
    let made = scene.muster.post(&path, &json!({ "meta": { "simulate-actions": [action] } })).await.unwrap();
    made["data"]["relationships"]["verifications"]["data"][0]["id"].as_str().unwrap().to_owned()
}

/// The kind that an operation retrieves, and the key of a verification of it that can be made up.
fn kind_of(operation: &str) -> (VerificationKind, &'static str) {
    match operation {
        "retrieve-an-aamva-verification" => (VerificationKind::Aamva, ""),
        "retrieve-a-database-verification" => (VerificationKind::Database, "register"),
        "retrieve-an-ecbsv-database-verification" => (VerificationKind::DatabaseEcbsv, ""),
        "retrieve-a-phone-carrier-database-verification" => (VerificationKind::DatabasePhoneCarrier, ""),
        "retrieve-a-serpro-database-verification" => (VerificationKind::DatabaseSerpro, ""),
        "retrieve-a-database-standard-verification" => (VerificationKind::DatabaseStandard, ""),
        "retrieve-a-tin-database-verification" => (VerificationKind::DatabaseTin, ""),
        "retrieve-a-document-verification" => (VerificationKind::Document, "bill"),
        "retrieve-a-email-address-verification" => (VerificationKind::EmailAddress, ""),
        "retrieve-a-government-id-verification" => (VerificationKind::GovernmentId, "passport"),
        "retrieve-a-government-id-nfc-verification" => (VerificationKind::GovernmentIdNfc, ""),
        "retrieve-a-phone-number-verification" => (VerificationKind::PhoneNumber, ""),
        "retrieve-a-selfie-verification" => (VerificationKind::Selfie, "face"),
        _ => panic!("tests/tests/client/operations/verifications.rs: tell the kind of {operation}"),
    }
}

pub async fn verifications(scene: &Scene, operation: &str) -> Vec<Value> {
    let verifications = scene.muster.verifications();
    match operation {
        "print-a-verification-as-pdf" => {
            let id = made_up(scene, "passport").await;
            assert!(verifications.print(&id).await.unwrap().starts_with(b"%PDF-"));
            let refused = verifications.print("ver_1").await.unwrap_err();
            assert_eq!(refused.status(), Some(404));
            Vec::new()
        }
        "retrieve-a-verification" => {
            let id = made_up(scene, "passport").await;
            let found = verifications.retrieve(&id).await.unwrap();
            assert_eq!((found.id.as_str(), found.status.as_str()), (id.as_str(), "passed"));
            assert_eq!(found.attributes["name-last"], "SAMPLE");
            values([found])
        }
        "redact-a-verification"
        | "investigation-lock-a-verification"
        | "investigation-unlock-a-verification" => {
            let id = made_up(scene, "bill").await;
            let locked = verifications.investigation_lock(&id).await.unwrap();
            assert_eq!(verifications.redact(&id).await.unwrap_err().status(), Some(409));
            let unlocked = verifications.investigation_unlock(&id).await.unwrap();
            let redacted = verifications.redact(&id).await.unwrap();
            assert!(redacted.redacted_at.is_some());
            values([locked, unlocked, redacted])
        }
        _ => {
            let (kind, key) = kind_of(operation);
            if key.is_empty() {
                let missing = verifications.retrieve_as(kind, "ver_1").await.unwrap_err();
                assert_eq!(missing.status(), Some(404));
                return Vec::new();
            }
            let id = made_up(scene, key).await;
            values([verifications.retrieve_as(kind, &id).await.unwrap()])
        }
    }
}

pub async fn documents(scene: &Scene, operation: &str) -> Vec<Value> {
    let documents = scene.muster.documents();
    let key = if operation == "retrieve-a-generic-document" { "bill" } else { "passport" };
    let verification = made_up(scene, key).await;
    let id = scene.muster.verifications().retrieve(&verification).await.unwrap().document_id.unwrap();
    let found = match operation {
        "retrieve-a-generic-document" => documents.retrieve_generic(&id).await,
        "retrieve-a-government-id-document" => documents.retrieve_government_id(&id).await,
        _ => documents.retrieve(&id).await,
    };
    values([found.unwrap()])
}
