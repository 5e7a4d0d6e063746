//! A server with something on it, and a client of it.

use std::sync::{Arc, Mutex};

use muster_client::{
    AccountTypeDefinition, Client, Exchange, ExtendedAccountType, FieldDefinition, NewAccount, NewFile, json,
};
use muster_testkit::{TestApp, TestDb};

/// A running server, a client of it that remembers what it called, and what there is.
pub struct Scene {
    pub app: TestApp,
    pub muster: Client,
    pub account_type: ExtendedAccountType,
    /// An account with a value of every kind.
    pub account: String,
    /// Another one, with a name.
    pub other: String,
    called: Called,
}

/// The IDs of the operations that clients called.
type Called = Arc<Mutex<Vec<&'static str>>>;

/// A client of a server with some key, which notes what it calls.
pub fn client(app: &TestApp, key: &str, called: &Called) -> Client {
    let seen = Arc::clone(called);
    let observer = move |exchange: &Exchange| seen.lock().unwrap().extend(exchange.operation);
    let base_url = format!("http://{}/api/v1", app.address());
    Client::builder(&base_url, key).observe(observer).build().unwrap()
}

impl Scene {
    pub async fn start(db: TestDb) -> Self {
        let app = TestApp::start(db).await;
        let called = Called::default();
        let muster = client(&app, &app.tenant.key, &called);
        let account_type = muster.account_types().create(&everything("Everything")).await.unwrap();
        let new = NewAccount::new().account_type_id(&account_type.id);
        let account = muster.accounts().create(&full(new.clone())).await.unwrap().account.id;
        let new = new.reference_id("other").field("name", json!({ "first": "Tomasz" }));
        let other = muster.accounts().create(&new).await.unwrap().account.id;
        called.lock().unwrap().clear();
        Self { app, muster, account_type, account, other, called }
    }

    /// A client with another key, whose calls are noted as well.
    pub fn with_key(&self, key: &str) -> Client {
        client(&self.app, key, &self.called)
    }

    /// An account of the same type, with a name.
    pub fn new_account(&self, first: &str) -> NewAccount {
        NewAccount::new().account_type_id(&self.account_type.id).field("name", json!({ "first": first }))
    }

    /// The IDs of the operations that were called since this was asked last.
    pub fn called(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.called.lock().unwrap())
    }
}

/// A type with a field of every kind, two statuses, an identifier and a relation.
pub fn everything(name: &str) -> AccountTypeDefinition {
    let field = |key: &str, kind: &str| FieldDefinition::new(key).kind(kind);
    let options = json!(["low", "high"]);
    let visit =
        field("visit", "hash").member(field("on", "date")).member(field("note", "string").label("Note"));
    AccountTypeDefinition::new(name)
        .default_status("New", "blue")
        .status("Approved", "green")
        .unique_identifier("vat_number")
        .identifier("code")
        .relation_to_many("partners", name, Some("partners"))
        .relation("owner", name)
        .field(FieldDefinition::new("name"))
        .field(FieldDefinition::new("email_address"))
        .field(FieldDefinition::new("phone_number"))
        .field(field("vat_number", "string").label("VAT number").setting("max-char-length", 20))
        .field(field("code", "string").setting("write-policy", "write_once"))
        .field(
            field("employees", "integer")
                .setting("min", 0)
                .setting("searchable", true)
                .setting("ordered", true),
        )
        .field(field("share", "number").setting("max", 1.5))
        .field(field("regulated", "boolean").default_value(true))
        .field(field("founded_on", "date").setting("min-date", "1900-01-01"))
        .field(field("seen_at", "datetime"))
        .field(field("risk", "choices").setting("options", options.clone()))
        .field(field("topics", "multi-choices").setting("options", options))
        .field(field("visits", "array").items(visit))
        .field(field("extra", "json").setting("json-schema", json!({ "type": "object" })))
        .field(field("passport", "file"))
        .field(field("scan", "relation-schema").setting("target", "document-generic"))
}

/// The beginning of a PDF, which is enough of one.
pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n";

/// Gives an account a value of every kind.
pub fn full(new: NewAccount) -> NewAccount {
    new.reference_id("customer, 1")
        .status("Approved")
        .tags(["vip"])
        .field("name", json!({ "first": "Ines", "last": "Sala" }))
        .field("email_address", "ines.sala@example.com")
        .field("vat_number", "PT501234567")
        .field("employees", 12)
        .field("share", 0.25)
        .field("regulated", false)
        .field("founded_on", "1990-12-31")
        .field("seen_at", "2026-01-31T12:00:00Z")
        .field("risk", "low")
        .field("topics", json!(["low", "high"]))
        .field("visits", json!([{ "on": "2026-01-31", "note": "first" }, { "on": null }]))
        .field("passport", NewFile::new(PDF).filename("passport.pdf"))
        .field("extra", json!({ "a": [1, 2.5, null] }))
}
