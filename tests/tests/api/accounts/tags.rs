//! `/accounts/{account-id}/add-tag`, `remove-tag`, `set-tags`

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{attributes, reference};

fn named(name: impl Into<Value>) -> Value {
    json!({ "meta": { "tag-name": name.into() } })
}

on_both! {
    async fn a_tag_is_added_once_and_removed_again(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "tags": ["Apple"] }))).await.id().to_owned();
        let path = |verb: &str| format!("/accounts/{account}/{verb}");

        let added = app.post(&path("add-tag"), named(" Pear ")).await;
        assert_eq!(added.at("/data/attributes/tags"), &json!(["Apple", "Pear"]));
        let again = app.post(&path("add-tag"), named("pEAR")).await;
        assert_eq!((again.status, again.at("/data/attributes/tags")), (200, &json!(["Apple", "Pear"])));
        let removed = app.post(&path("remove-tag"), named("APPLE")).await;
        assert_eq!(removed.at("/data/attributes/tags"), &json!(["Pear"]));
        let absent = app.post(&path("remove-tag"), named("Nobody's")).await;
        assert_eq!((absent.status, absent.at("/data/attributes/tags")), (200, &json!(["Pear"])));
        assert_eq!(app.events().await, [
            "account.created", "account.updated-tags", "account.tag-added", "account.updated-tags", "account.tag-removed",
        ]);
    }

    async fn setting_tags_leaves_no_others(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "tags": ["Apple", "Pear"] }))).await.id().to_owned();
        let set = async |names: Value| {
            let reply = app.post(&format!("/accounts/{account}/set-tags"), named(names)).await;
            reply.good();
            reply.at("/data/attributes/tags").clone()
        };

        assert_eq!(set(json!(["Kiwi", "Pear", "kiwi"])).await, json!(["Kiwi", "Pear"]));
        assert_eq!(set(json!([])).await, json!([]));
    }

    /// A tag of one account is a tag of the organization, and has one ID.
    async fn a_tag_can_be_named_by_its_id(db: TestDb) {
        let app = TestApp::start(db).await;
        let first = app.post("/accounts", attributes(json!({ "tags": ["Apple"] }))).await.id().to_owned();
        let second = app.post("/accounts", reference("b")).await.id().to_owned();
        let tagged = json!({ "meta": { "tag-id": tag_id(&app, &first).await } });

        for _ in 0..2 {
            let reply = app.post(&format!("/accounts/{second}/add-tag"), tagged.clone()).await;
            assert_eq!(reply.at("/data/attributes/tags"), &json!(["Apple"]));
        }
        let sibling = app.second_environment().await;
        let other = app.request(hyper::Method::POST, "/accounts").key(&sibling.key).json(&reference("c")).send().await;
        let path = format!("/accounts/{}/add-tag", other.id());
        let across = app.request(hyper::Method::POST, &path).key(&sibling.key).json(&tagged).send().await;
        assert_eq!(across.status, 404, "tags of another organization");
    }

    async fn bad_requests_say_what_is_missing(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", reference("a")).await.id().to_owned();
        let table = [
            ("add-tag", json!({}), "400 Bad Request: meta must have tag_name or tag_id"),
            ("add-tag", json!({ "meta": { "tag-name": null } }), "400 Bad Request: meta must have tag_name or tag_id"),
            ("add-tag", named(json!(["a"])), "400 Bad Request: meta.tag_name must be a string"),
            ("set-tags", named("a"), "400 Bad Request: meta.tag_name must be an array of strings"),
            ("set-tags", named(json!([1])), "400 Bad Request: meta.tag_name.0 must be a string"),
            ("add-tag", named(" "), "422 Record invalid: meta.tag-name.0 must not be blank (/meta/tag-name/0)"),
            ("add-tag", json!({ "meta": { "tag-id": "tag_1" } }), "404 Record not found"),
            ("add-tag", json!({ "meta": { "tag-id": "tag_111111111111111111111111" } }), "404 Record not found"),
            ("add-tag", json!({ "meta": { "tag-nam": "a" } }), "400 Bad Request: meta.tag_nam is not a member of this request; known are tag-name, tag-id"),
        ];
        for (verb, body, problem) in table {
            let reply = app.post(&format!("/accounts/{account}/{verb}"), body).await;
            assert_eq!(reply.problem(), problem);
        }
        assert_eq!(app.events().await, ["account.created"]);
    }
}

/// The ID of the one tag of an account, which only events tell.
async fn tag_id(app: &TestApp, account: &str) -> String {
    let id = account.to_owned();
    let scope = app.tenant.clone();
    let found = app.app.db.read("tags", move |tx| {
        let place = muster_store::accounts::Place {
            environment: &scope.environment,
            organization: &scope.organization,
        };
        muster_store::accounts::find(tx, place, &id.parse().unwrap())
    });
    found.await.unwrap().unwrap().row.tags[0].to_string()
}
