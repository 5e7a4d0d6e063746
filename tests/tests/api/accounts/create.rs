//! `POST /accounts`

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything, reference};

on_both! {
    /// The shape that clients are written against (spec C.1), to the last member.
    async fn a_new_account_is_answered_in_the_documented_shape(db: TestDb) {
        let app = TestApp::start(db).await;
        let text = |value: Value| json!({ "type": "string", "value": value });

        let reply = app.post("/accounts", json!({ "data": { "type": "account", "attributes": {
            "reference-id": "cust-000841",
            "name-first": "Ingrid", "nameLast": "Solheim", "birthdate": "1991-07-23",
            "address-street-1": "9 Harbour Row", "country_code": "NO",
            "tags": ["onboarded", "vip"],
            "fields": {
                "phone_number": "+4755512345",
                "identification_numbers": [{ "identification_class": "pp",
                    "identification_number": "N4410298", "issuing_country": "NO" }]
            }
        } } })).await;

        assert_eq!(reply.status, 201, "{}", reply.text());
        let (id, user) = (reply.id(), reply.text_at("/data/relationships/account-type/data/id"));
        assert!(id.len() == 28 && id.starts_with("act_") && user.starts_with("acttp_"), "{id} {user}");
        assert_eq!(reply.json, json!({ "data": {
            "type": "account",
            "id": id,
            "attributes": {
                "reference-id": "cust-000841",
                "account-type-name": "User",
                "created-at": "2026-03-02T09:14:07.000Z",
                "updated-at": "2026-03-02T09:14:07.000Z",
                "redacted-at": null,
                "fields": {
                    "name": { "type": "hash", "value": {
                        "first": text(json!("Ingrid")), "middle": text(Value::Null), "last": text(json!("Solheim"))
                    } },
                    "address": { "type": "hash", "value": {
                        "street_1": text(json!("9 Harbour Row")), "street_2": text(Value::Null),
                        "city": text(Value::Null), "subdivision": text(Value::Null),
                        "postal_code": text(Value::Null), "country_code": text(json!("NO"))
                    } },
                    "identification_numbers": { "type": "array", "value": [{ "type": "hash", "value": {
                        "identification_class": text(json!("pp")),
                        "identification_number": text(json!("N4410298")),
                        "issuing_country": text(json!("NO")),
                        "hashed_identification_number": text(Value::Null)
                    } }] },
                    "birthdate": { "type": "date", "value": "1991-07-23" },
                    "phone_number": text(json!("+4755512345")),
                    "email_address": text(Value::Null),
                    "selfie_photo": { "type": "file", "value": null },
                    "social_security_number": text(Value::Null)
                },
                "tags": ["onboarded", "vip"],
                "account-status": "Default"
            },
            "relationships": { "account-type": { "data": { "type": "account-type", "id": user } } }
        } }));
        assert_eq!(app.get(&format!("/accounts/{id}")).await.json, reply.json);
        assert_eq!(app.events().await, ["account.created"]);
    }

    async fn a_reply_carries_the_documented_headers(db: TestDb) {
        let app = TestApp::start(db).await;

        let reply = app.post("/accounts", json!({})).await;

        assert_eq!(reply.header("content-type"), "application/json; charset=utf-8");
        assert_eq!(reply.header("cache-control"), "no-cache, no-store, max-age=0, must-revalidate");
        assert_eq!(reply.header("vary"), "Accept");
        assert_eq!(reply.header("persona-environment-id"), app.tenant.environment.as_str());
        assert_eq!(reply.header("persona-organization-id"), app.tenant.organization.as_str());
        assert!(reply.header("request-id").starts_with("req_"));
        assert!(!reply.header("ratelimit-limit").is_empty());
        assert_ne!(app.post("/accounts", json!({})).await.header("request-id"), reply.header("request-id"));
    }

    async fn nothing_is_required(db: TestDb) {
        let app = TestApp::start(db).await;

        for body in [json!({}), json!({ "data": {} }), json!({ "data": null }), json!({ "data": { "attributes": {} } })] {
            let reply = app.post("/accounts", body).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
            assert_eq!(reply.at("/data/attributes/reference-id"), &Value::Null);
            assert_eq!(reply.at("/data/attributes/tags"), &json!([]));
        }
        let reply = app.request(hyper::Method::POST, "/accounts").send().await;
        assert_eq!(reply.status, 201);
        assert_eq!(app.events().await.len(), 5);
    }

    async fn a_type_is_named_by_its_id(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;

        let reply = app.post("/accounts", attributes(json!({ "account-type-id": ty }))).await;

        assert_eq!(reply.status, 201);
        assert_eq!(reply.at("/data/attributes/account-type-name"), "Everything");
        assert_eq!(reply.at("/data/attributes/account-status"), "New");
        assert_eq!(reply.at("/data/attributes/fields/is_vip"), &json!({ "type": "boolean", "value": false }));
        assert_eq!(reply.at("/data/attributes/fields/tier"), &json!({ "type": "choices", "value": "low" }));
    }

    async fn every_kind_of_field_comes_back_as_it_was_sent(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let fields = json!({
            "email": "jane@example.test", "text": "a <b>bold</b> name", "count": 7, "score": -0.25,
            "is_vip": true, "since": "2024-02-29", "seen_at": "2026-03-02T10:14:07+01:00",
            "mail": "Jane.Doe@example.test", "tier": "high", "colors": ["blue", "red"],
            "numbers": [1, 2, 3], "owner": { "givenName": "Zoë", "age": 41 },
            "extra": { "a": [null, { "b": 1.5 }] }, "crm_id": "CRM-1",
            "paper": "doc_3nDqZ8sRkW5yHf2JxVb6TgMa"
        });

        let reply = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;

        assert_eq!(reply.status, 201, "{}", reply.text());
        let stored = app.get(&format!("/accounts/{}", reply.id())).await;
        let shown = [
            ("text", json!({ "type": "string", "value": "a bold name" })),
            ("count", json!({ "type": "integer", "value": 7 })),
            ("score", json!({ "type": "number", "value": -0.25 })),
            ("is_vip", json!({ "type": "boolean", "value": true })),
            ("since", json!({ "type": "date", "value": "2024-02-29" })),
            ("seen_at", json!({ "type": "datetime", "value": "2026-03-02T09:14:07Z" })),
            ("tier", json!({ "type": "choices", "value": "high" })),
            ("colors", json!({ "type": "multi_choices", "value": ["blue", "red"] })),
            ("numbers", json!({ "type": "array", "value": [
                { "type": "integer", "value": 1 }, { "type": "integer", "value": 2 }, { "type": "integer", "value": 3 }
            ] })),
            ("owner", json!({ "type": "hash", "value": {
                "given_name": { "type": "string", "value": "Zoë" }, "age": { "type": "integer", "value": 41 }
            } })),
            ("photo", json!({ "type": "file", "value": null })),
        ];
        for (key, value) in shown {
            assert_eq!(stored.at(&format!("/data/attributes/fields/{key}")), &value, "{key}");
        }
        for key in ["mail", "extra", "crm_id", "paper"] {
            assert_eq!(stored.at(&format!("/data/attributes/fields/{key}/value")), &fields[key], "{key}");
        }
    }

    /// What a reply shows can be sent again as it is: round trips and imports live on it.
    async fn fields_may_be_sent_in_the_form_of_a_reply(db: TestDb) {
        let app = TestApp::start(db).await;
        let first = app.post("/accounts", attributes(json!({
            "name-first": "Ingrid", "birthdate": "1991-07-23", "country-code": "NO"
        }))).await;
        let fields = first.at("/data/attributes/fields").clone();

        let second = app.post("/accounts", attributes(json!({ "fields": fields }))).await;

        assert_eq!(second.status, 201, "{}", second.text());
        assert_eq!(second.at("/data/attributes/fields"), &fields);
    }

    async fn aliases_are_taken_flat_nested_and_in_any_inflection(db: TestDb) {
        let app = TestApp::start(db).await;
        let ways = [
            json!({ "name-first": "Ada", "address-city": "Bergen", "email-address": "a@example.test" }),
            json!({ "nameFirst": "Ada", "address_city": "Bergen", "emailAddress": "a@example.test" }),
            json!({ "fields": { "name": { "first": "Ada" }, "address": { "city": "Bergen" },
                "email_address": "a@example.test" } }),
            json!({ "fields": { "name-first": "Ada", "addressCity": "Bergen", "email-address": "a@example.test" } }),
            json!({ "name-first": "Ada", "fields": { "name_first": "Ada", "address_city": "Bergen",
                "emailAddress": "a@example.test" } }),
        ];
        for way in ways {
            let reply = app.post("/accounts", attributes(way)).await;
            assert_eq!(reply.status, 201, "{}", reply.text());
            assert_eq!(reply.at("/data/attributes/fields/name/value/first/value"), "Ada");
            assert_eq!(reply.at("/data/attributes/fields/address/value/city/value"), "Bergen");
            assert_eq!(reply.at("/data/attributes/fields/email_address/value"), "a@example.test");
        }
    }

    async fn a_status_is_given_by_its_name(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;

        let reply = app
            .post("/accounts", attributes(json!({ "account-type-id": ty, "account-status": "approved" })))
            .await;

        assert_eq!(reply.status, 201, "{}", reply.text());
        assert_eq!(reply.at("/data/attributes/account-status"), "Approved");
    }

    /// Tags belong to the organization; the first spelling of a name is everybody's.
    async fn tags_are_made_on_first_use(db: TestDb) {
        let app = TestApp::start(db).await;

        let first = app.post("/accounts", attributes(json!({ "tags": ["Gold", "gold ", "new"] }))).await;
        let second = app.post("/accounts", attributes(json!({ "tags": ["GOLD"] }))).await;

        assert_eq!(first.at("/data/attributes/tags"), &json!(["Gold", "new"]));
        assert_eq!(second.at("/data/attributes/tags"), &json!(["Gold"]));
    }

    async fn a_taken_reference_id_is_a_conflict_however_it_is_spelled(db: TestDb) {
        let app = TestApp::start(db).await;
        let first = app.post("/accounts", reference(" Straße-Å1 ")).await;
        assert_eq!(first.at("/data/attributes/reference-id"), "Straße-Å1");

        for spelling in ["Straße-Å1", "STRASSE-Å1", "straße-A\u{30a}1", "  strasse-å1\t"] {
            let reply = app.post("/accounts", reference(spelling)).await;
            assert_eq!(reply.problem(), "409 Conflict: Resource already exists as an active resource: \
                data.attributes.reference_id is in use", "{spelling}");
        }

        assert_eq!(app.all("/accounts").await.len(), 1);
        assert_eq!(app.events().await, ["account.created"]);
    }

    async fn a_reference_id_is_free_in_another_type_and_environment(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let elsewhere = app.second_environment().await;
        app.post("/accounts", reference("u-17")).await.good();

        let typed = app.post("/accounts", attributes(json!({ "account-type-id": ty, "reference-id": "u-17" }))).await;
        let other = app.request(hyper::Method::POST, "/accounts").key(&elsewhere.key).json(&reference("u-17"));

        assert_eq!(typed.status, 201);
        assert_eq!(other.send().await.status, 201);
    }

    async fn a_taken_unique_identifier_is_a_conflict(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let create = |fields: Value| {
            app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields })))
        };
        create(json!({ "email": "Jane@example.test", "badge": "aB", "city": "Bergen" })).await.good();

        let email = create(json!({ "email": "JANE@EXAMPLE.TEST" })).await;
        let badge = create(json!({ "badge": "aB" })).await;
        let other_badge = create(json!({ "badge": "AB", "city": "Bergen" })).await;

        assert_eq!(email.problem(), "409 Record not unique: \
            data.attributes.fields.email is in use by another account of this type");
        assert_eq!(badge.status, 409);
        assert_eq!(other_badge.status, 201, "case counts for a badge, and a city need not be unique");
        assert_eq!(app.all("/accounts").await.len(), 2);
    }
}
