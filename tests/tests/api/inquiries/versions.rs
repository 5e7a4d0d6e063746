//! Inquiries of older API versions.

use hyper::Method;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{inquiry, template};
use crate::bodies::attributes;

async fn send(app: &TestApp, version: &str, body: &Value) -> Reply {
    app.request(Method::POST, "/inquiries").header("Persona-Version", version).json(body).send().await
}

on_both! {
    async fn loose_attributes_are_fields_until_2025_10_27_and_nothing_since(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let body = attributes(json!({ "inquiry-template-id": template, "nameFirst": "Ada", "fields": { "birthdate": "1990-12-31" } }));

        let old = send(&app, "2023-01-05", &body).await;
        assert_eq!(old.status, 201, "{}", old.problem());
        let given = old.at("/data/attributes");
        assert_eq!((&given["name-first"], &given["birthdate"], &given["name-last"]), (&json!("Ada"), &json!("1990-12-31"), &Value::Null));
        assert_eq!(given["fields"]["name-first"]["value"], "Ada");
        assert_eq!(old.at("/included/0/type"), "account", "included without being asked for");

        for version in ["2025-10-27", "2025-12-08"] {
            let new = send(&app, version, &body).await;
            let given = new.at("/data/attributes");
            assert_eq!((&given["fields"]["name-first"]["value"], given.get("name-first")), (&Value::Null, None));
            assert_eq!(given["fields"]["birthdate"]["value"], "1990-12-31");
            assert_eq!(new.json.get("included"), None);
        }
        let unknown = attributes(json!({ "inquiry-template-id": template, "shoe": 43 }));
        assert_eq!(send(&app, "2023-01-05", &unknown).await.status, 422);
        assert_eq!(send(&app, "2025-12-08", &unknown).await.status, 201);
    }

    async fn updates_of_old_versions_know_loose_attributes_too(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let patch = app.request(Method::PATCH, &format!("/inquiries/{id}")).header("Persona-Version", "2021-05-14");
        let changed = patch.json(&attributes(json!({ "name_first": "Ida" }))).send().await;
        assert_eq!((changed.status, changed.at("/data/attributes/name-first")), (200, &json!("Ida")));
    }
}
