//! `/account-types`

use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything};

on_both! {
    /// The published shape is closed (spec B.1): a member too many breaks generated clients.
    async fn a_type_is_answered_in_the_published_shape(db: TestDb) {
        let app = TestApp::start(db).await;
        let definition = json!({
            "name": "Customer",
            "account-statuses": [{ "name": "Open" }, { "name": "Closed", "color": "red", "default": true }],
            "identifiers": [{ "key": "crm_id", "unique": true }],
            "field-schemas": [
                { "key": "crm_id", "type": "string", "label": "CRM ID",
                  "config": { "write-policy": "write_once", "max-char-length": 64 } },
                { "key": "risk_tier", "type": "choices", "default-value": "low",
                  "config": { "options": ["low", "high"], "option-labels": ["Low", "High"], "searchable": true } },
                { "key": "birthdate" }
            ]
        });
        let id = account_type(&app, definition).await;

        let reply = app.get(&format!("/account-types/{id}")).await;

        let statuses = reply.at("/data/relationships/account-statuses/data");
        let common = json!({ "required": false, "archived-at": null, "deactivated-at": null,
            "redaction-policy": "none", "write-policy": "none" });
        let config = |more: Value| {
            let mut config = common.clone();
            config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            config
        };
        assert_eq!(reply.json, json!({ "data": {
            "type": "account-type",
            "id": id,
            "attributes": {
                "name": "Customer",
                "created-at": "2026-03-02T09:14:07.413Z",
                "updated-at": "2026-03-02T09:14:07.413Z",
                "field-schemas": [
                    { "type": "string", "key": "crm_id", "label": "CRM ID", "default-value": null,
                      "config": config(json!({ "write-policy": "write_once", "max-char-length": 64, "sanitize": [] })) },
                    { "type": "choices", "key": "risk_tier", "label": null, "default-value": "low",
                      "config": config(json!({ "allow-empty": false, "options": ["low", "high"],
                          "option-labels": ["Low", "High"] })) },
                    { "type": "date", "key": "birthdate", "label": "Birthdate", "default-value": null,
                      "config": config(json!({ "min-date": null, "max-date": null })) }
                ]
            },
            "relationships": {
                "account-statuses": { "data": [
                    { "type": "account-status", "id": statuses[0]["id"] },
                    { "type": "account-status", "id": statuses[1]["id"] }
                ] },
                "default-account-status": { "data": { "type": "account-status", "id": statuses[1]["id"] } }
            }
        } }));
        assert!(statuses[0]["id"].as_str().unwrap().starts_with("actst_"));
    }

    async fn every_organization_has_the_type_user(db: TestDb) {
        let app = TestApp::start(db).await;

        let list = app.get("/account-types").await;

        assert_eq!(list.at("/data/0/attributes/name"), "User");
        assert_eq!(list.at("/data/0/attributes/default"), true);
        assert_eq!(list.at("/links"), &json!({ "prev": null, "next": null }));
        let keys: Vec<&str> = list.at("/data/0/attributes/field-schemas").as_array().unwrap().iter()
            .map(|field| field["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["name", "address", "identification_numbers", "birthdate", "phone_number",
            "email_address", "selfie_photo", "social_security_number"]);
    }

    /// What a reply of Muster's own operations shows can be sent back.
    async fn a_definition_makes_the_round_trip(db: TestDb) {
        let app = TestApp::start(db).await;
        let created = app.post("/account-types", attributes(everything())).await;
        assert_eq!(created.status, 201);
        assert_eq!(created.at("/data/attributes/identifiers/1"),
            &json!({ "key": "badge", "unique": true, "case-sensitive": true }));
        assert_eq!(created.at("/data/attributes/account-statuses/0"),
            &json!({ "name": "New", "color": "gray", "default": true }));

        let again = app.patch(&format!("/account-types/{}", created.id()), attributes(everything())).await;

        assert_eq!((again.status, again.at("/meta/changes")), (200, &json!([])));
        assert_eq!(app.events().await, ["account-type.created"]);
        assert_eq!(app.get("/account-types").await.at("/data").as_array().unwrap().len(), 2);
    }

    async fn a_change_is_told_and_shown(db: TestDb) {
        let app = TestApp::start(db).await;
        let mut definition = json!({ "name": "Customer", "field-schemas": [
            { "key": "tier", "type": "choices", "config": { "options": ["low", "high"] } }
        ] });
        let id = account_type(&app, definition.clone()).await;
        app.advance(std::time::Duration::from_secs(1));

        definition["name"] = json!("Client");
        definition["field-schemas"][0]["config"]["options"] = json!(["low"]);
        let reply = app.patch(&format!("/account-types/{id}"), attributes(definition)).await;

        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.at("/meta/changes"), &json!([
            "name changes from \"Customer\" to \"Client\"", "field tier: options lose \"high\""
        ]));
        let shown = app.get(&format!("/account-types/{id}")).await;
        assert_eq!(shown.at("/data/attributes/name"), "Client");
        assert_eq!(shown.at("/data/attributes/created-at"), "2026-03-02T09:14:07.413Z");
        assert_eq!(shown.at("/data/attributes/updated-at"), "2026-03-02T09:14:08.414Z");
    }

    /// A type has no versions (spec B.1): what is saved holds at once, in every process.
    async fn a_change_holds_for_the_next_request_of_any_process(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let definition = |options: Value| json!({ "name": "Customer", "field-schemas": [
            { "key": "tier", "type": "choices", "config": { "options": options } }
        ] });
        let id = account_type(&app, definition(json!(["a"]))).await;
        let create = async |at: &TestApp, tier: &str| {
            at.post("/accounts", attributes(json!({ "account-type-id": id, "fields": { "tier": tier } }))).await.status
        };
        let change = async |at: &TestApp, options: Value| {
            at.patch(&format!("/account-types/{id}"), attributes(definition(options))).await.good();
        };

        assert_eq!([create(&app, "a").await, create(&other, "a").await], [201, 201]);
        assert_eq!([create(&app, "b").await, create(&other, "b").await], [422, 422]);
        change(&app, json!(["b"])).await;
        assert_eq!([create(&other, "b").await, create(&app, "b").await], [201, 201]);
        assert_eq!([create(&other, "a").await, create(&app, "a").await], [422, 422]);
        change(&other, json!(["a"])).await;
        assert_eq!([create(&other, "b").await, create(&app, "b").await], [422, 422]);
        assert_eq!([create(&app, "a").await, create(&other, "a").await], [201, 201]);
    }

    async fn a_type_made_by_another_process_is_known_at_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        other.post("/accounts", json!({})).await.good();

        let ty = account_type(&app, everything()).await;
        let relation = json!([{ "key": "owners", "target": "Everything", "many": true }]);

        let account = other.post("/accounts", attributes(json!({ "account-type-id": ty }))).await;
        assert_eq!(account.status, 201, "{}", account.text());
        assert_eq!(other.get(&format!("/account-types/{ty}")).await.status, 200);
        let patched = app.second_process();
        patched.post("/accounts", json!({})).await.good();
        let second = account_type(&app, json!({ "name": "Second" })).await;
        let body = attributes(json!({ "name": "Second", "relation-schemas": relation }));
        let reply = patched.patch(&format!("/account-types/{second}"), body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    async fn a_tag_made_by_another_process_is_the_same_tag(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        other.post("/accounts", json!({})).await.good();
        app.post("/accounts", attributes(json!({ "tags": ["Gold"] }))).await.good();

        let reply = other.post("/accounts", attributes(json!({ "tags": ["gold", "new"] }))).await;

        assert_eq!((reply.status, reply.at("/data/attributes/tags")), (201, &json!(["Gold", "new"])));
        let shown = app.get(&format!("/accounts/{}", reply.id())).await;
        assert_eq!(shown.at("/data/attributes/tags"), &json!(["Gold", "new"]));
    }

    async fn a_renamed_status_shows_on_old_accounts(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = account_type(&app, json!({ "name": "Customer", "account-statuses": [{ "name": "Open" }] })).await;
        let account = app.post("/accounts", attributes(json!({ "account-type-id": id }))).await;

        let statuses = json!([{ "name": "OPEN" }]);
        app.patch(&format!("/account-types/{id}"), attributes(json!({ "name": "Customer", "account-statuses": statuses })))
            .await.good();

        let shown = app.get(&format!("/accounts/{}", account.id())).await;
        assert_eq!(shown.at("/data/attributes/account-status"), "OPEN");
    }

    async fn relations_name_types_that_exist(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = |target: &str| attributes(json!({ "name": "Business", "relation-schemas": [
            { "key": "beneficial_owners", "label": "Beneficial owners", "target": target, "many": true }
        ] }));

        let unknown = app.post("/account-types", body("Nobody")).await;
        let known = app.post("/account-types", body("user")).await;
        let itself = app.patch(&format!("/account-types/{}", known.id()), body("Business")).await;

        assert_eq!(unknown.problem(), "422 Record invalid: relation-schemas.beneficial_owners.target names no \
            account type of this organization (/data/attributes/relation-schemas/beneficial_owners/target)");
        assert_eq!(known.at("/data/attributes/relation-schemas/0"), &json!({
            "key": "beneficial_owners", "label": "Beneficial owners", "target": "user", "many": true
        }));
        assert_eq!(itself.status, 200, "{}", itself.text());
    }

    async fn a_name_can_be_used_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = account_type(&app, json!({ "name": "Customer" })).await;
        let refusal = "409 Conflict: data.attributes.name is the name of another account type";

        let created = app.post("/account-types", attributes(json!({ "name": "USER" }))).await;
        let renamed = app.patch(&format!("/account-types/{other}"), attributes(json!({ "name": "User" }))).await;

        assert_eq!([created.problem(), renamed.problem()], [refusal, refusal]);
        assert_eq!(app.get("/account-types").await.at("/data").as_array().unwrap().len(), 2);
    }

    async fn a_definition_that_makes_no_sense_is_refused_where_it_does_not(db: TestDb) {
        let app = TestApp::start(db).await;
        let table = [
            (json!({}), "422", ""),
            (json!({ "name": " " }), "422", "/name"),
            (json!({ "name": 1 }), "422", "/name"),
            (json!({ "name": "X", "nonsense": 1 }), "422", "/nonsense"),
            (json!({ "name": "X", "field-schemas": {} }), "422", "/field-schemas"),
            (json!({ "name": "X", "field-schemas": [{ "key": "Bad Key", "type": "string" }] }), "422", "/field-schemas/0/key"),
            (json!({ "name": "X", "field-schemas": [{ "key": "a", "type": "nonsense" }] }), "422", "/field-schemas/0/type"),
            (json!({ "name": "X", "field-schemas": [{ "key": "a", "type": "string", "config": { "min": 1 } }] }),
                "422", "/field-schemas/0/config/min"),
            (json!({ "name": "X", "field-schemas": [{ "key": "reference_id", "type": "string" }] }),
                "422", "/field-schemas/0/key"),
            (json!({ "name": "X", "identifiers": [{ "key": "nobody" }] }), "422", "/identifiers/0/key"),
            (json!({ "name": "X", "account-statuses": [{ "name": "A" }, { "name": "a" }] }), "422", "/account-statuses"),
        ];
        for (definition, status, pointer) in table {
            let reply = app.post("/account-types", attributes(definition.clone())).await;
            let problem = reply.problem();
            assert!(problem.starts_with(status), "{definition} {problem}");
            assert!(pointers(&reply).iter().any(|at| at.starts_with(&format!("/data/attributes{pointer}"))),
                "{definition} {problem}");
        }
        assert_eq!(app.events().await, Vec::<String>::new());
    }

    async fn an_unknown_type_is_not_found(db: TestDb) {
        let app = TestApp::start(db).await;
        for id in ["acttp_111111111111111111111111", "acttp_1", "act_111111111111111111111111"] {
            let path = format!("/account-types/{id}");
            assert_eq!(app.get(&path).await.problem(), "404 Record not found", "{id}");
            assert_eq!(app.patch(&path, attributes(json!({ "name": "X" }))).await.problem(), "404 Record not found");
        }
    }
}

fn pointers(reply: &Reply) -> Vec<String> {
    let errors = reply.at("/errors").as_array().cloned().unwrap_or_default();
    errors.iter().filter_map(|error| error["source"]["pointer"].as_str().map(str::to_owned)).collect()
}
