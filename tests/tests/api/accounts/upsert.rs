//! `POST /accounts` with `meta.upsert-by`

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything, reference, upsert};

on_both! {
    /// 201 once, 200 ever after, and no event for a request that changes nothing.
    async fn an_account_is_created_then_updated_then_left_alone(db: TestDb) {
        let app = TestApp::start(db).await;
        let post = |name: &'static str| {
            app.post("/accounts", upsert("reference-id", json!({ "reference-id": "u-17", "name-first": name })))
        };

        let created = post("Ada").await;
        app.advance(std::time::Duration::from_secs(60));
        let updated = post("Grace").await;
        app.advance(std::time::Duration::from_secs(60));
        let unchanged = post("Grace").await;

        assert_eq!([created.status, updated.status, unchanged.status], [201, 200, 200]);
        assert_eq!([updated.id(), unchanged.id()], [created.id(), created.id()]);
        assert_eq!(updated.at("/data/attributes/fields/name/value/first/value"), "Grace");
        assert_eq!(updated.at("/data/attributes/updated-at"), "2026-03-02T09:15:07.000Z");
        assert_eq!(unchanged.json, updated.json);
        assert_eq!(app.events().await, ["account.created", "account.updated-fields"]);
    }

    async fn an_update_merges_and_keeps_what_it_does_not_name(db: TestDb) {
        let app = TestApp::start(db).await;
        let first = json!({ "reference-id": "u-17", "name-first": "Ada", "name-last": "Byron", "tags": ["vip"] });
        app.post("/accounts", upsert("reference-id", first)).await;

        let second = json!({ "reference-id": "u-17", "name-last": "Lovelace", "phone-number": "+441" });
        let reply = app.post("/accounts", upsert("referenceId", second)).await;

        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.at("/data/attributes/fields/name/value/first/value"), "Ada");
        assert_eq!(reply.at("/data/attributes/fields/name/value/last/value"), "Lovelace");
        assert_eq!(reply.at("/data/attributes/fields/phone_number/value"), "+441");
        assert_eq!(reply.at("/data/attributes/tags"), &json!(["vip"]));
    }

    async fn the_first_spelling_of_a_reference_id_stays(db: TestDb) {
        let app = TestApp::start(db).await;
        app.post("/accounts", reference("Cust-Ä1")).await.good();

        for spelling in ["cust-ä1", " CUST-Ä1 "] {
            let reply = app.post("/accounts", upsert("reference_id", json!({ "reference-id": spelling }))).await;
            assert_eq!((reply.status, reply.at("/data/attributes/reference-id")), (200, &json!("Cust-Ä1")));
        }

        assert_eq!(app.events().await, ["account.created"]);
    }

    async fn a_unique_identifier_finds_an_account(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let post = |by: &'static str, fields: Value| {
            app.post("/accounts", upsert(by, json!({ "account-type-id": ty, "fields": fields })))
        };

        let jane = post("email", json!({ "email": "jane@example.test", "badge": "aB" })).await;
        let by_email = post("email", json!({ "email": "JANE@example.test", "count": 1 })).await;
        let by_badge = post("badge", json!({ "badge": "aB", "count": 2 })).await;
        let other_case = post("badge", json!({ "badge": "Ab" })).await;

        assert_eq!([jane.status, by_email.status, by_badge.status, other_case.status], [201, 200, 200, 201]);
        assert_eq!([by_email.id(), by_badge.id()], [jane.id(), jane.id()]);
        assert_eq!(by_badge.at("/data/attributes/fields/count/value"), 2);
        assert_ne!(other_case.id(), jane.id());
    }

    /// Two identifiers that name two accounts: nobody can say which one is meant.
    async fn an_update_cannot_take_the_key_of_a_third_account(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let create = |id: &'static str, email: &'static str| json!({
            "account-type-id": ty, "reference-id": id, "fields": { "email": email }
        });
        app.post("/accounts", attributes(create("a", "a@example.test"))).await.good();
        app.post("/accounts", attributes(create("b", "b@example.test"))).await.good();

        let by_id = app.post("/accounts", upsert("reference-id", create("a", "b@example.test"))).await;
        let by_email = app.post("/accounts", upsert("email", create("a", "b@example.test"))).await;

        assert_eq!(by_id.problem(), "409 Record not unique: \
            data.attributes.fields.email is in use by another account of this type");
        assert_eq!(by_email.problem(), "409 Conflict: Resource already exists as an active resource: \
            data.attributes.reference_id is in use");
        assert_eq!(app.all("/accounts").await.len(), 2);
        assert_eq!(app.events().await, ["account-type.created", "account.created", "account.created"]);
    }

    async fn what_cannot_name_an_account_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let post = |by: Value, attributes: Value| {
            app.post("/accounts", json!({ "data": { "attributes": attributes }, "meta": { "upsert-by": by } }))
        };
        let typed = |fields: Value| json!({ "account-type-id": ty, "fields": fields });
        let not_unique = "422 Record invalid: meta.upsert-by names no unique identifier of this account type \
            (/meta/upsert-by)";

        assert_eq!(post(json!("city"), typed(json!({ "city": "Bergen" }))).await.problem(), not_unique);
        assert_eq!(post(json!("text"), typed(json!({ "text": "x" }))).await.problem(), not_unique);
        assert_eq!(post(json!("nonsense"), json!({})).await.problem(), not_unique);
        assert_eq!(post(json!("reference-id"), json!({})).await.problem(),
            "400 Bad Request: meta.upsert_by needs data.attributes.reference_id in the request");
        assert_eq!(post(json!("email"), typed(json!({}))).await.problem(),
            "400 Bad Request: meta.upsert_by needs a value for that identifier in the request");
        assert_eq!(post(json!("email"), typed(json!({ "email": null }))).await.status, 400);
        assert_eq!(post(json!(1), json!({})).await.problem(), "400 Bad Request: meta.upsert_by must be a string");

        assert_eq!(app.all("/accounts").await.len(), 0);
        assert_eq!(app.events().await, ["account-type.created"]);
    }

    async fn no_upsert_by_is_a_plain_creation(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = json!({ "data": { "attributes": { "reference-id": "u-17" } }, "meta": { "upsert-by": null } });

        assert_eq!(app.post("/accounts", body.clone()).await.status, 201);
        assert_eq!(app.post("/accounts", body).await.status, 409);
    }

    /// A look-up is confined to one type.
    async fn an_account_of_another_type_is_not_found(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        app.post("/accounts", reference("u-17")).await.good();

        let body = upsert("reference-id", json!({ "account-type-id": ty, "reference-id": "u-17" }));

        assert_eq!(app.post("/accounts", body).await.status, 201);
    }

    /// Whoever leaves a unique identifier blank is nobody in particular.
    async fn a_blank_identifier_names_nobody(db: TestDb) {
        let app = TestApp::start(db).await;
        let definition = json!({ "name": "Member", "field-schemas": [{ "key": "name" }, { "key": "email_address" }],
                                 "identifiers": [{ "key": "email_address", "unique": true }] });
        let ty = app.post("/account-types", attributes(definition)).await;
        let person = |name: &str, mail: &str| {
            json!({ "account-type-id": ty.id(), "fields": { "name": { "first": name }, "email_address": mail } })
        };
        for (name, mail) in [("Ada", ""), ("Grace", "  "), ("Edith", "")] {
            let reply = app.post("/accounts", attributes(person(name, mail))).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
        }

        let reply = app.post("/accounts", upsert("email_address", person("Joan", " "))).await;

        assert_eq!(reply.status, 400, "{}", reply.text());
        assert!(reply.problem().contains("needs a value for that identifier"), "{}", reply.problem());
        assert_eq!(app.events().await.iter().filter(|name| *name == "account.created").count(), 3);
    }

    /// Many requests at once, each with a tag of its own for an account that exists.
    async fn new_tags_on_known_accounts_all_arrive(db: TestDb) {
        let app = TestApp::start(db).await;
        for n in 0..24 {
            app.post("/accounts", reference(&format!("u-{n}"))).await.good();
        }
        let tagged = |n: usize| upsert("reference-id", json!({ "reference-id": format!("u-{n}"), "tags": [format!("t{n}")] }));
        let bodies: Vec<_> = (0..24).map(tagged).collect();
        let replies = futures_util::future::join_all(bodies.into_iter().map(|body| app.post("/accounts", body))).await;
        for (n, reply) in replies.iter().enumerate() {
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert_eq!(reply.at("/data/attributes/tags"), &json!([format!("t{n}")]));
        }
    }
}
