//! `/verify`: the pages on which people answer inquiries (spec A.6–A.9, B.3–B.6).

mod access;
mod codes;
mod evidence;
mod links;
mod walk;

use muster_testkit::{Browser, Page, TestApp};
use serde_json::{Value, json};

use crate::bodies::attributes;

/// A flow with a page of each kind; `settings` are the test's own.
fn definition(name: &str, settings: &Value) -> Value {
    json!({
        "name": name,
        "languages": ["en", "de"],
        "settings": settings,
        "field-schemas": [
            { "key": "name-first" },
            { "key": "birthdate", "type": "date", "config": { "max-date": "2020-12-31" } },
            { "key": "email-address", "type": "email-address" },
            { "key": "crm_id", "type": "string", "config": { "write-policy": "write_once" } },
        ],
        "verifications": [
            { "key": "email", "kind": "email-address", "attempts-max": 2 },
            { "key": "bill", "kind": "document" },
            { "key": "passport", "kind": "government-id", "attempts-max": 2 },
            { "key": "face", "kind": "selfie" },
        ],
        "steps": [
            { "name": "start", "kind": "form", "title": { "en": "Who are you?", "de": "Wer sind Sie?" }, "inputs": [
                { "field": "name-first", "required": true },
                { "field": "birthdate" },
                { "field": "email-address", "required": true },
            ], "next": "thanks" },
            { "name": "thanks", "kind": "text", "title": "Thanks so far", "next": "verification_email" },
            { "name": "verification_email", "kind": "email-code", "title": "Your code",
              "verification": "email", "field": "email-address", "next": "after_email" },
            { "name": "after_email", "kind": "branch", "routes": [
                { "when": { "verification": "email", "status": "passed" }, "to": "verification_bill" },
            ], "else": "verification_email" },
            { "name": "verification_bill", "kind": "document", "title": "Your bill", "verification": "bill",
              "files-max": 2, "next": "verification_passport" },
            { "name": "verification_passport", "kind": "government-id", "title": "Your passport",
              "verification": "passport", "next": "after_passport" },
            { "name": "after_passport", "kind": "branch", "routes": [
                { "when": { "verification": "passport", "status": "failed" }, "to": "verification_passport" },
            ], "else": "create_account" },
            { "name": "create_account", "kind": "create-account", "next": "update_account" },
            { "name": "update_account", "kind": "update-account",
              "fields": { "name.first": "name-first", "email_address": "email-address" }, "next": "success" },
            { "name": "success", "kind": "complete", "title": "Done" },
            { "name": "failure", "kind": "fail", "title": "Failed" },
        ],
    })
}

/// Makes a template and returns its ID.
pub async fn template_with(app: &TestApp, name: &str, settings: Value) -> String {
    let mut definition = definition(name, &settings);
    // The page of failure is reached when attempts are used up.
    definition["steps"][5]["next"] = "after_passport".into();
    definition["steps"][6]["routes"].as_array_mut().unwrap().push(
        json!({ "when": { "field": "name-first", "equals": "Nobody" }, "to": "failure" }),
    );
    let made = app.post("/inquiry-templates", attributes(json!({ "definition": definition }))).await;
    made.id().to_owned()
}

/// Makes an inquiry without an account and returns its ID.
pub async fn inquiry_with(app: &TestApp, settings: Value, rest: Value) -> String {
    let template = template_with(app, "Flow", settings).await;
    let mut of = json!({ "inquiry-template-id": template });
    of.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let mut body = attributes(of);
    body["meta"] = json!({ "auto-create-account": false });
    app.post("/inquiries", body).await.id().to_owned()
}

/// Makes an inquiry and returns its ID.
pub async fn inquiry(app: &TestApp) -> String {
    inquiry_with(app, json!({}), json!({})).await
}

/// What fills the first page.
pub const ANSWERS: [(&str, &str); 3] =
    [("name-first", "Erika"), ("birthdate", "1974-08-12"), ("email-address", "erika@example.org")];

/// Opens an inquiry and answers its first page.
pub async fn begin<'a>(app: &'a TestApp, inquiry: &str) -> (Browser<'a>, Page) {
    let mut browser = Browser::new(app);
    let page = browser.open(&format!("/verify?inquiry-id={inquiry}")).await;
    assert_eq!(page.title(), "Who are you?", "{}", page.html);
    let page = browser.send(&page, "submit", &ANSWERS).await;
    assert_eq!(page.title(), "Thanks so far", "{}", page.html);
    (browser, page)
}

/// The same, up to the page that asks for a code.
pub async fn begin_code<'a>(app: &'a TestApp, inquiry: &str) -> (Browser<'a>, Page) {
    let (mut browser, page) = begin(app, inquiry).await;
    let page = browser.send(&page, "submit", &[]).await;
    assert_eq!(page.title(), "Your code", "{}", page.html);
    (browser, page)
}

/// The same, up to the page that takes a document.
pub async fn begin_document<'a>(app: &'a TestApp, inquiry: &str) -> (Browser<'a>, Page) {
    let (mut browser, page) = begin_code(app, inquiry).await;
    let page = browser.send(&page, "submit", &[("code", "123456")]).await;
    assert_eq!(page.title(), "Your bill", "{}", page.html);
    (browser, page)
}

/// An attribute of an inquiry.
pub async fn attribute(app: &TestApp, inquiry: &str, name: &str) -> Value {
    app.get(&format!("/inquiries/{inquiry}")).await.at(&format!("/data/attributes/{name}")).clone()
}

/// A PDF with a page.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
/// The beginning of a picture.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
