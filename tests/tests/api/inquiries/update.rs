//! `PATCH /inquiries/…` and tags.

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{create, inquiry, simulate, template, told};
use crate::bodies::attributes;

on_both! {
    async fn only_what_is_sent_changes(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let fields = json!({ "name-first": "Ada", "birthdate": "1990-12-31" });
        let id = create(&app, &template, json!({ "fields": fields, "tags": ["a", "b"], "note": "n" }), json!({})).await.id().to_owned();
        let patch = async |body: Value| app.patch(&format!("/inquiries/{id}"), attributes(body)).await;

        let changed = patch(json!({ "fields": { "nameFirst": "Ida" }, "tags": ["b", "c"], "redirect-uri": "https://example.com/done" })).await;

        let given = changed.at("/data/attributes");
        assert_eq!((&given["fields"]["name-first"]["value"], &given["fields"]["birthdate"]["value"]), (&json!("Ida"), &json!("1990-12-31")));
        assert_eq!((&given["tags"], &given["note"]), (&json!(["b", "c"]), &json!("n")));
        assert_eq!(told(&app, &id).await, ["inquiry.created", "inquiry.updated", "inquiry.updated-tags"]);
        let cleared = patch(json!({ "note": null, "fields": { "birthdate": null }, "tags": null, "redirect-uri": null })).await;
        let given = cleared.at("/data/attributes");
        assert_eq!((&given["note"], &given["fields"]["birthdate"]["value"], &given["tags"]), (&Value::Null, &Value::Null, &json!([])));
        let events = told(&app, &id).await.len();
        assert_eq!(patch(json!({ "note": null, "fields": { "birthdate": null }, "tags": [] })).await.at("/data"), cleared.at("/data"));
        assert_eq!(told(&app, &id).await.len(), events, "what changes nothing is not told");
    }

    async fn a_finished_inquiry_can_be_changed_and_is_not_finished_again(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        simulate(&app, &id, &["start", "complete"]).await.good();

        let changed = app.patch(&format!("/inquiries/{id}"), attributes(json!({ "fields": { "name-first": "Ada" } }))).await;

        assert_eq!((changed.status, changed.at("/data/attributes/status")), (200, &json!("completed")));
        assert_eq!(told(&app, &id).await, ["inquiry.created", "inquiry.started", "inquiry.completed", "inquiry.updated"]);
    }

    async fn a_field_that_is_written_once_stays(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let patch = async |value: Value| app.patch(&format!("/inquiries/{id}"), attributes(json!({ "fields": { "crm_id": value } }))).await;
        patch(json!("7")).await.good();
        assert_eq!(patch(json!("8")).await.problem(), "422 Record invalid: fields.crm_id was written already and can be written only once (/data/attributes/fields/crm_id)");
        assert_eq!(patch(json!("7")).await.status, 200);
    }

    async fn tags_are_added_removed_and_set(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        let change = async |action: &str, meta: Value| {
            let reply = app.post(&format!("/inquiries/{id}/{action}"), json!({ "meta": meta })).await;
            assert_eq!(reply.status, 200, "{}", reply.problem());
            reply.at("/data/attributes/tags").clone()
        };

        assert_eq!(change("add-tag", json!({ "tag-name": "Apple" })).await, json!(["Apple"]));
        assert_eq!(change("add-tag", json!({ "tag-name": "apple" })).await, json!(["Apple"]));
        assert_eq!(change("set-tags", json!({ "tag-name": ["Kiwi", "Plum"] })).await, json!(["Kiwi", "Plum"]));
        assert_eq!(change("remove-tag", json!({ "tag-name": "KIWI" })).await, json!(["Plum"]));
        let events = app.all(&format!("/events?filter[object-id]={id}&filter[name]=inquiry.updated-tags")).await;
        let contexts: Vec<&Value> = events.iter().rev().map(|event| &event["attributes"]["context"]).collect();
        assert_eq!(contexts, [
            &json!({ "added-tags": ["Apple"], "removed-tags": [] }),
            &json!({ "added-tags": ["Kiwi", "Plum"], "removed-tags": ["Apple"] }),
            &json!({ "added-tags": [], "removed-tags": ["Kiwi"] }),
        ]);
        let none = app.post(&format!("/inquiries/{id}/add-tag"), json!({})).await;
        assert_eq!(none.problem(), "400 Bad Request: meta must have tag_name or tag_id");
    }

    async fn keys_of_fields_stay_as_they_are(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = inquiry(&app).await;
        for inflection in ["snake", "camel"] {
            let reply = app.request(hyper::Method::GET, &format!("/inquiries/{id}")).header("Key-Inflection", inflection).send().await;
            let name = if inflection == "snake" { "created_at" } else { "createdAt" };
            assert!(reply.at(&format!("/data/attributes/{name}")).is_string());
            let fields = reply.at("/data/attributes/fields");
            assert!(fields.get("name-first").is_some() && fields.get("crm_id").is_some(), "{fields}");
        }
    }
}
