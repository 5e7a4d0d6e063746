//! What is found by which attribute.

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{eq, find, leaf, other, searchable};
use crate::bodies::{account_type, attributes, reference};

async fn create(app: &TestApp, ty: &str, fields: Value) -> String {
    let body = attributes(json!({ "account-type-id": ty, "fields": fields }));
    app.post("/accounts", body).await.id().to_owned()
}

on_both! {
    /// There is no lag: whoever was told of a write finds it, in this process and in others.
    async fn a_write_is_found_by_the_next_request(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let by_email = |name: &str| eq("fields.email_address", json!(format!("{name}@Example.com")));

        for i in 0..10 {
            let body = attributes(json!({ "email-address": format!("jane-{i}@example.com") }));
            let id = app.post("/accounts", body).await.id().to_owned();
            assert_eq!(find(&other, by_email(&format!("jane-{i}"))).await, [id.as_str()]);
            let body = attributes(json!({ "email-address": format!("joan-{i}@example.com") }));
            app.patch(&format!("/accounts/{id}"), body).await.good();
            assert_eq!(find(&other, by_email(&format!("jane-{i}"))).await, [""; 0], "the old value finds nothing");
            assert_eq!(find(&other, by_email(&format!("joan-{i}"))).await, [id.as_str()]);
            let cleared = attributes(json!({ "fields": { "email_address": null } }));
            app.patch(&format!("/accounts/{id}"), cleared).await.good();
            assert_eq!(find(&other, by_email(&format!("joan-{i}"))).await, [""; 0]);
        }
    }

    async fn a_status_is_found_by_id_or_name_and_in_every_type(db: TestDb) {
        let app = TestApp::start(db).await;
        let one = account_type(&app, searchable()).await;
        let two = account_type(&app, other()).await;
        let new = create(&app, &one, json!({})).await;
        let approved = create(&app, &one, json!({})).await;
        let body = attributes(json!({ "account-status": "Approved" }));
        app.patch(&format!("/accounts/{approved}"), body).await.good();
        let approved_too = create(&app, &two, json!({})).await;

        assert_eq!(find(&app, eq("status", json!("APPROVED"))).await, [approved_too.as_str(), &approved]);
        assert_eq!(find(&app, json!({ "and": [eq("status", json!("Approved")), eq("type", json!(one))] })).await, [
            approved.as_str()
        ]);
        assert_eq!(find(&app, json!({ "not": eq("status", json!("approved")) })).await, [new.as_str()]);
        assert_eq!(find(&app, json!({ "not": eq("type", json!(two)) })).await, [approved.as_str(), &new]);
        let nowhere = eq("status", json!("actst_111111111111111111111111"));
        assert_eq!(find(&app, nowhere).await, [""; 0]);
    }

    async fn keys_are_found_however_they_are_spelled(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, searchable()).await;
        let owner = json!({ "given_name": "Ada", "age": 36 });
        let id = create(&app, &ty, json!({ "is_vip": true, "owner": owner, "seen_at": "2026-01-01T01:00:00+01:00" })).await;
        create(&app, &ty, json!({ "is_vip": false })).await;

        for (attribute, value) in [
            ("fields.is_vip", json!(true)),
            ("fields.is-vip", json!(true)),
            ("fields.isVip", json!(true)),
            ("fields.owner.given_name", json!("ADA")),
            ("fields.owner.givenName", json!(" ada ")),
            ("fields.owner_given_name", json!("Ada")),
            ("fields.owner-given-name", json!("Ada")),
            ("fields.ownerAge", json!(36.0)),
            ("fields.seenAt", json!("2026-01-01T00:00:00.000Z")),
            ("fields.seen_at", json!("2026-01-01")),
        ] {
            assert_eq!(find(&app, eq(attribute, value)).await, [id.as_str()], "{attribute}");
        }
    }

    async fn reference_ids_and_identifiers_are_found(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, searchable()).await;
        let user = app.post("/accounts", reference("Cust-1")).await.id().to_owned();
        let id = create(&app, &ty, json!({ "email": "A@example.com", "badge": "B1", "code": "K", "city": "Oslo" })).await;

        for name in ["reference_id", "referenceId", "identifiers.reference_id", "identifiers.reference-id"] {
            assert_eq!(find(&app, eq(name, json!(" cust-1 "))).await, [user.as_str()], "{name}");
        }
        for (name, value) in [("email", "a@EXAMPLE.com"), ("badge", "B1"), ("code", "K"), ("city", "OSLO")] {
            assert_eq!(find(&app, eq(&format!("identifiers.{name}"), json!(value))).await, [id.as_str()], "{name}");
        }
        for (name, value) in [("badge", "b1"), ("code", "k"), ("email", "b@example.com")] {
            assert_eq!(find(&app, eq(&format!("identifiers.{name}"), json!(value))).await, [""; 0], "{name}");
        }
        assert_eq!(find(&app, eq("identifiers.city", json!("oslo"))).await, find(&app, eq("fields.city", json!("oslo"))).await);
    }

    /// A day means the whole of it, in UTC; accounts show whole seconds, and are compared by them.
    async fn days_and_seconds_are_meant_whole(db: TestDb) {
        let app = TestApp::start(db).await;
        let first = app.post("/accounts", reference("a")).await;
        let (id, shown) = (first.id().to_owned(), first.text_at("/data/attributes/created-at").to_owned());
        assert_eq!(shown, "2026-03-02T09:14:07.000Z");

        for (operator, value, is_found) in [
            ("eq", "2026-03-02", true), ("gte", "2026-03-02", true), ("lte", "2026-03-02", true),
            ("gt", "2026-03-02", false), ("lt", "2026-03-02", false), ("gt", "2026-03-01", true),
            ("lt", "2026-03-03", true), ("eq", "2026-03-01", false), ("eq", "2026-03-02T09:14:07Z", true),
            ("eq", "2026-03-02T09:14:07.999Z", true), ("gt", "2026-03-02T09:14:07Z", false),
            ("lt", "2026-03-02T09:14:07.5Z", false), ("eq", "2026-03-02T10:14:07+01:00", true),
            ("gte", "2026-03-02T09:14:08Z", false), ("lte", "0000-01-01", false), ("lt", "9999-12-30", true),
        ] {
            for attribute in ["created_at", "updated_at"] {
                let query = leaf(attribute, operator, json!(value));
                assert_eq!(find(&app, query).await.contains(&id), is_found, "{attribute} {operator} {value}");
                let query = json!({ "not": leaf(attribute, operator, json!(value)) });
                assert_eq!(find(&app, query).await.contains(&id), !is_found, "not {attribute} {operator} {value}");
            }
        }
    }

    /// What is not there is neither equal, nor less, nor greater: only `not` finds it.
    async fn accounts_without_a_value_are_found_by_not(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, searchable()).await;
        let none = create(&app, &ty, json!({})).await;
        let blank = create(&app, &ty, json!({ "text": "  " })).await;
        let user = app.post("/accounts", reference("user")).await.id().to_owned();
        let ada = create(&app, &ty, json!({ "text": "Ada" })).await;
        let bob = create(&app, &ty, json!({ "text": "bob" })).await;

        assert_eq!(find(&app, leaf("fields.text", "lt", json!("zz"))).await, [bob.as_str(), &ada]);
        assert_eq!(find(&app, json!({ "not": eq("fields.text", json!("ada")) })).await, [bob.as_str(), &user, &blank, &none]);
        assert_eq!(find(&app, json!({ "not": leaf("fields.text", "lt", json!("bob")) })).await, [
            bob.as_str(), &user, &blank, &none
        ]);
        let between = json!({ "and": [
            leaf("fields.text", "gt", json!("ad")), leaf("fields.text", "lt", json!("b")),
        ] });
        assert_eq!(find(&app, between).await, [ada.as_str()]);
    }
}
