//! `POST /inquiries`: the account that an inquiry comes to belong to, and what comes with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{create, definition, template, template_with, told};
use crate::bodies::{account_type, attributes, reference};

fn account(reply: &muster_testkit::Reply) -> &Value {
    reply.at("/data/relationships/account/data/id")
}

on_both! {
    async fn an_inquiry_is_answered_in_the_documented_shape(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let made = create(&app, &template, json!({ "fields": { "name_first": "Ada" }, "note": "n", "tags": ["vip"] }), json!({})).await;

        assert_eq!(made.status, 201, "{}", made.problem());
        let text = |key: &str| json!({ "type": if key == "birthdate" { "date" } else { "string" }, "value": null });
        let given = made.at("/data/attributes");
        assert_eq!(given["fields"], json!({
            "name-first": { "type": "string", "value": "Ada" },
            "birthdate": text("birthdate"),
            "identification-number": text("identification-number"),
            "crm_id": text("crm_id"),
        }));
        assert_eq!((&given["status"], &given["creator"], &given["note"]), (&json!("created"), &json!("API"), &json!("n")));
        assert_eq!(given["tags"], json!(["vip"]));
        assert_eq!((&given["previous-step-name"], &given["next-step-name"]), (&Value::Null, &json!("start")));
        for never in ["started-at", "completed-at", "failed-at", "decisioned-at", "expired-at", "redacted-at", "reference-id"] {
            assert_eq!(given[never], Value::Null, "{never}");
        }
        let day = 24 * 60 * 60 * 1000;
        let moment = |name: &str| muster_domain::Timestamp::parse(given[name].as_str().unwrap()).unwrap().as_millis();
        assert_eq!(moment("expires-at") - moment("created-at"), day);
        assert_eq!(made.at("/meta"), &json!({ "session-token": null, "one-time-link": null, "one-time-link-short": null }));
        assert_eq!(made.json.get("included"), None);
        assert_eq!(made.at("/data/relationships/inquiry-template/data/id"), &json!(template));
        assert_eq!(made.at("/data/relationships/sessions/data"), &json!([]));
        let read = app.get(&format!("/inquiries/{}", made.id())).await;
        assert_eq!(read.at("/data"), made.at("/data"));
        assert_eq!(app.events().await, ["account.created", "inquiry.created"]);
    }

    /// The rows of the table in the specification, by their numbers.
    async fn the_account_is_found_or_created_by_one_table(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let business = account_type(&app, json!({ "name": "Business", "field-schemas": [{ "key": "name" }] })).await;
        let known = app.post("/accounts", attributes(json!({ "reference-id": "known", "account-type-id": business }))).await.id().to_owned();
        let hidden = app.post("/accounts", reference("hidden")).await.id().to_owned();
        app.post(&format!("/accounts/{hidden}/archive"), json!({})).await.good();
        let nobody = "act_111111111111111111111111";
        let default_type = app.all("/account-types").await.into_iter().find(|ty| ty["attributes"]["name"] != "Business").unwrap();
        let default_type = default_type["id"].as_str().unwrap().to_owned();

        // Number, attributes, meta, status, the account: one that exists, "new" of a type, or none.
        type Row<'a> = (u8, Value, Value, u16, Option<(&'a str, &'a str)>);
        let rows: Vec<Row<'_>> = vec![
            (1, json!({}), json!({}), 201, Some(("new", &default_type))),
            (2, json!({}), json!({ "auto-create-account-reference-id": " KNOWN" }), 201, Some((&known, &business))),
            (3, json!({}), json!({ "auto-create-account-reference-id": "known", "auto-create-account-type-id": default_type }), 201, Some((&known, &business))),
            (4, json!({}), json!({ "auto-create-account-reference-id": "r4", "auto-create-account-type-id": business }), 201, Some(("new", &business))),
            (5, json!({}), json!({ "auto-create-account-type-id": business }), 201, Some(("new", &business))),
            (6, json!({ "account-id": known }), json!({}), 201, Some((&known, &business))),
            (7, json!({ "account-id": known }), json!({ "auto-create-account-reference-id": "known" }), 400, None),
            (7, json!({ "account-id": known }), json!({ "auto-create-account-type-id": business }), 400, None),
            (8, json!({}), json!({ "auto-create-account": false }), 201, None),
            (9, json!({}), json!({ "auto-create-account": false, "auto-create-account-type-id": business }), 400, None),
            (9, json!({}), json!({ "auto-create-account": false, "auto-create-account-reference-id": "r9" }), 400, None),
            (10, json!({ "account-id": known }), json!({ "auto-create-account": false }), 201, Some((&known, &business))),
            (11, json!({ "reference-id": "r11" }), json!({ "auto-create-account": false }), 400, None),
            (12, json!({ "reference-id": "a" }), json!({ "auto-create-account-reference-id": "b" }), 400, None),
            (12, json!({ "reference-id": "KNOWN" }), json!({ "auto-create-account-reference-id": "known" }), 201, Some((&known, &business))),
            (13, json!({ "account-id": nobody }), json!({}), 404, None),
            (13, json!({}), json!({ "auto-create-account-type-id": "acttp_111111111111111111111111" }), 404, None),
            (15, json!({}), json!({ "auto-create-account-reference-id": "hidden" }), 409, None),
            (15, json!({ "account-id": hidden }), json!({}), 409, None),
        ];
        for (number, attributes, meta, status, wanted) in rows {
            let before = app.all("/accounts").await.len();
            let made = create(&app, &template, attributes, meta.clone()).await;
            assert_eq!(made.status, status, "row {number}: {}", made.problem());
            let is_new = wanted.is_some_and(|(id, _)| id == "new");
            assert_eq!(app.all("/accounts").await.len(), before + usize::from(is_new), "row {number}");
            if status != 201 {
                continue;
            }
            let Some((id, ty)) = wanted else {
                assert_eq!(made.at("/data/relationships/account/data"), &Value::Null, "row {number}");
                assert_eq!(made.at("/data/attributes/reference-id"), &Value::Null, "row {number}");
                continue;
            };
            assert!(is_new || account(&made) == id, "row {number}");
            let found = app.get(&format!("/accounts/{}", account(&made).as_str().unwrap())).await;
            assert_eq!(found.at("/data/relationships/account-type/data/id"), ty, "row {number}");
            assert_eq!(made.at("/data/attributes/reference-id"), found.at("/data/attributes/reference-id"), "row {number}");
        }
    }

    async fn a_redacted_account_keeps_its_reference_id_and_its_inquiries(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let meta = json!({ "auto-create-account-reference-id": "r" });
        let first = create(&app, &template, json!({}), meta.clone()).await;
        app.request(Method::DELETE, &format!("/accounts/{}", account(&first).as_str().unwrap())).send().await.good();

        let second = create(&app, &template, json!({}), meta).await;

        assert_eq!(account(&second), account(&first));
    }

    async fn a_template_must_be_named_once_and_be_there(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let version = app.get(&format!("/inquiry-templates/{template}")).await;
        let version = version.text_at("/data/relationships/latest-published-version/data/id").to_owned();
        let draft = app.post("/inquiry-templates", attributes(json!({ "definition": definition("Off", &json!({})) }))).await;
        let mut off = definition("Off", &json!({}));
        off["status"] = json!("inactive");
        app.patch(&format!("/inquiry-templates/{}", draft.id()), attributes(json!({ "definition": off }))).await.good();

        for (given, status) in [
            (json!({}), 400),
            (json!({ "inquiry-template-id": template, "inquiry-template-version-id": version }), 400),
            (json!({ "inquiry-template-id": template, "template-id": "tmpl_1" }), 400),
            (json!({ "template-id": "tmpl_1" }), 404),
            (json!({ "inquiry-template-id": "itmpl_doesnotexist0000000000" }), 404),
            (json!({ "inquiry-template-version-id": "itmplv_11111111111111111111111" }), 404),
            (json!({ "inquiry-template-id": draft.id() }), 422),
            (json!({ "inquiry-template-id": template, "theme-id": "the_1" }), 400),
            (json!({ "inquiry-template-version-id": version }), 201),
        ] {
            let made = app.post("/inquiries", attributes(given.clone())).await;
            assert_eq!(made.status, status, "{given} {}", made.problem());
        }
        assert_eq!(app.all("/inquiries").await.len(), 1);
        assert_eq!(app.events().await, ["account.created", "inquiry.created"], "what was refused left nothing behind");
    }

    async fn what_makes_no_sense_is_refused_at_its_place(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        for (attributes, meta, problem) in [
            (json!({ "fields": { "name-first": 7 } }), json!({}), "422 Record invalid: fields.name-first must be a text (/data/attributes/fields/name-first)"),
            (json!({ "fields": { "shoe": "x" } }), json!({}), "422 Record invalid: fields.shoe is not a field of the inquiry template (/data/attributes/fields/shoe)"),
            (json!({ "initial-step-name": "nowhere" }), json!({}), "422 Record invalid: initial-step-name names no page of this template (/data/attributes/initial-step-name)"),
            (json!({ "redirect-uri": "javascript://x" }), json!({}), "422 Record invalid: redirect-uri must have one of the schemes that the template allows: http or https (/data/attributes/redirect-uri)"),
            (json!({ "tags": "vip" }), json!({}), "400 Bad Request: data.attributes.tags must be an array of strings"),
            (json!({ "note": 1 }), json!({}), "400 Bad Request: data.attributes.note must be a string"),
            (json!({ "creator-email-address": "ada" }), json!({}), "422 Record invalid: creator-email-address must be an e-mail address (/data/attributes/creator-email-address)"),
            (json!({}), json!({ "auto-create-account": "no" }), "400 Bad Request: meta.auto_create_account must be true or false"),
            (json!({}), json!({ "auto-create-account-reference-id": " " }), "422 Record invalid: meta.auto-create-account-reference-id must not be blank; leave it out for an account without one (/meta/auto-create-account-reference-id)"),
            (json!({}), json!({ "expiration-after-create-interval-seconds": 0 }), "422 Record invalid: meta.expiration-after-create-interval-seconds must be from 1 to 31536000 seconds (/meta/expiration-after-create-interval-seconds)"),
            (json!({}), json!({ "expiration-after-create-interval-seconds": "1" }), "400 Bad Request: meta.expiration_after_create_interval_seconds must be a whole number of seconds"),
            (json!({}), json!({ "shoe": 1 }), "400 Bad Request: meta.shoe is not a member of this request; known are auto-create-account, auto-create-account-type-id, auto-create-account-reference-id, auto-create-inquiry-session, auto-create-one-time-link, expiration-after-create-interval-seconds, expiration-after-start-interval-seconds, expiration-after-resume-interval-seconds, one-time-link-expiration-seconds"),
        ] {
            assert_eq!(create(&app, &template, attributes, meta).await.problem(), problem);
        }
        assert_eq!(app.events().await, Vec::<String>::new());
    }

    async fn a_session_and_a_link_come_with_it_when_they_are_wanted(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let meta = json!({ "auto-create-inquiry-session": true, "auto-create-one-time-link": true });
        let made = create(&app, &template, json!({}), meta).await;

        let token = made.text_at("/meta/session-token").to_owned();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap();
        let sessions: Vec<&str> = made.at("/data/relationships/sessions/data").as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(sessions.len(), 2, "one for the token, one for the link");
        assert_eq!(claims["sub"], sessions[0]);
        assert!(sessions[0].starts_with("iqse_"));
        let link = made.text_at("/meta/one-time-link");
        let code = link.split_once("/verify?code=").unwrap().1;
        assert!(made.text_at("/meta/one-time-link-short").ends_with(&format!("/v/{code}")));
        assert_eq!(told(&app, sessions[0]).await, ["inquiry-session.created"]);
    }

    async fn the_same_idempotency_key_is_the_same_inquiry(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let mut body = attributes(json!({ "inquiry-template-id": template }));
        body["meta"] = json!({ "auto-create-one-time-link": true });
        let send = || app.request(Method::POST, "/inquiries").header("idempotency-key", "k").json(&body).send();

        let (first, again) = (send().await, send().await);

        assert_eq!((first.status, &first.json), (201, &again.json));
        assert_eq!(app.all("/inquiries").await.len(), 1);
    }

    async fn own_clocks_go_before_those_of_the_template(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template_with(&app, "Slow", json!({ "expire-after-create-seconds": 7200 })).await;
        let expires = async |meta: Value| {
            let made = create(&app, &template, json!({}), meta).await;
            let moment = |name: &str| muster_domain::Timestamp::parse(made.text_at(&format!("/data/attributes/{name}"))).unwrap().as_millis();
            moment("expires-at") - moment("created-at")
        };
        assert_eq!(expires(json!({})).await, 7_200_000);
        assert_eq!(expires(json!({ "expiration-after-create-interval-seconds": 600 })).await, 600_000);
        assert_eq!(expires(json!({ "expiration-after-create-interval-seconds": null })).await, 7_200_000);
    }

    async fn many_at_once_with_a_new_reference_id_share_one_account(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let apps = Arc::new([app.second_process(), app]);
        let mut running = JoinSet::new();
        for task in 0..16 {
            let (apps, template) = (Arc::clone(&apps), template.clone());
            running.spawn(async move {
                loop {
                    let meta = json!({ "auto-create-account-reference-id": format!("R {}", task % 3) });
                    let made = create(&apps[task % 2], &template, json!({}), meta).await;
                    if made.status != 503 {
                        assert_eq!(made.status, 201, "{}", made.problem());
                        return (task % 3, account(&made).as_str().unwrap().to_owned());
                    }
                }
            });
        }
        let mut pairs = BTreeSet::new();
        while let Some(pair) = running.join_next().await {
            pairs.insert(pair.unwrap());
        }
        assert_eq!(pairs.len(), 3, "{pairs:?}");
        let [_, app] = Arc::into_inner(apps).unwrap();
        let names = app.events().await;
        assert_eq!(names.iter().filter(|name| *name == "account.created").count(), 3);
        assert_eq!(names.iter().filter(|name| *name == "inquiry.created").count(), 16);
    }

    async fn includes_are_given_when_asked_for(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let mut body = attributes(json!({ "inquiry-template-id": template }));
        body["meta"] = json!({ "auto-create-inquiry-session": true });
        let made = app.post("/inquiries?include=account,sessions,reports", body).await;
        let kinds = |reply: &muster_testkit::Reply| reply.at("/included").as_array().unwrap().iter()
            .map(|one| one["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(kinds(&made), ["account", "inquiry-session"]);
        let read = app.get(&format!("/inquiries/{}?include=account,sessions&fields[inquiry]=status", made.id())).await;
        assert_eq!(kinds(&read), ["account", "inquiry-session"]);
        assert_eq!(read.at("/data/attributes"), &json!({ "status": "created" }));
        assert_eq!(app.get(&format!("/inquiries/{}?include=nonsense", made.id())).await.status, 400);
    }
}
