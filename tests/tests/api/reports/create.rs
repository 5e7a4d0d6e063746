//! Asking for reports.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{ask, asking, attribute, report};
use crate::bodies::{attributes, reference};

/// A query that each kind takes.
fn queries() -> Vec<(&'static str, Value)> {
    let person = json!({ "name-first": "Ines", "name-last": "Sala", "birthdate": "1990-12-31" });
    let address = json!({ "address-street-1": "1 Harbour Row", "address-city": "Gdynia", "address-subdivision": "PM",
        "address-postal-code": "81-001", "address-country-code": "PL" });
    let with = |mut query: Value, more: Value| {
        query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        query
    };
    vec![
        ("watchlist", with(person.clone(), json!({ "address-country-code": "PT" }))),
        ("politically-exposed-person", with(person.clone(), json!({ "country-code": "PT" }))),
        ("adverse-media", person.clone()),
        ("business-watchlist", json!({ "term": "Quay Street Bakery" })),
        ("business-adverse-media", json!({ "term": "Quay Street Bakery" })),
        ("crypto-address-watchlist", json!({ "crypto-address": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT" })),
        ("address-lookup", address.clone()),
        ("email-address", json!({ "email-address": "ines.sala@example.com" })),
        ("phone-number", json!({ "phone-number": "+15550100" })),
        ("profile", json!({ "name-first": "Ines", "social-security-number": "123-45-6789" })),
        ("profile-non-authoritative", json!({ "email-address": "ines.sala@example.com" })),
        ("social-media", json!({ "phone-number": "+15550100" })),
        ("synthetic", with(with(person, address.clone()), json!({ "identification-number": "X1" }))),
        ("business-lookup", with(address, json!({ "business-name": "Quay Street Bakery" }))),
    ]
}

/// Kinds that are looked up in lists, which this organization has none of.
const LOCAL: [&str; 4] =
    ["watchlist", "politically-exposed-person", "business-watchlist", "crypto-address-watchlist"];

on_both! {
    async fn every_kind_can_be_asked_for_and_is_run(db: TestDb) {
        let app = TestApp::start(db).await;
        for (kind, query) in queries() {
            let created = app.post("/reports", asking(kind, query)).await;
            assert_eq!(created.status, 201, "{kind}: {}", created.problem());
            assert_eq!(created.text_at("/data/type"), format!("report/{kind}"));
            assert_eq!(created.text_at("/data/attributes/status"), "pending", "{kind}");
            app.run_jobs().await;
            let (id, wanted) = (created.id(), if LOCAL.contains(&kind) { "errored" } else { "ready" });
            let report = report(&app, id).await;
            assert_eq!(report.text_at("/data/attributes/status"), wanted, "{kind}");
            assert!(report.at("/data/attributes/completed-at").is_string(), "{kind}");
            let events = app.get(&format!("/events?filter[object-id]={id}")).await;
            assert_eq!(events.text_at("/data/0/attributes/name"), format!("report/{kind}.{wanted}"));
        }
    }

    /// Nobody may take a search of nothing for a clean result.
    async fn without_a_list_a_report_is_errored_and_says_so(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = ask(&app, "watchlist", json!({ "term": "Ines Sala" })).await;
        app.run_jobs().await;

        let shown = report(&app, &id).await;
        assert_eq!((shown.text_at("/data/attributes/status"), shown.at("/data/attributes/has-match")), ("errored", &json!(false)));
        assert_eq!(shown.at("/data/attributes/matched-lists"), &Value::Null);
        let runs = app.get(&format!("/reports/{id}/runs")).await;
        assert!(runs.text_at("/data/0/attributes/error").contains("no list of this kind is loaded"), "{}", runs.text());
        assert_eq!(runs.at("/data/0/attributes/matches"), &Value::Null);
    }

    async fn production_without_a_provider_makes_nothing_up(db: TestDb) {
        let app = TestApp::start(db).await;
        let key = app.sibling_environment().await.key;
        let body = asking("email-address", json!({ "email-address": "ines.sala@example.com" }));
        let made = app.request(Method::POST, "/reports").key(&key).json(&body).send().await;
        app.run_jobs().await;
        let path = format!("/reports/{}", made.id());
        let shown = app.request(Method::GET, &path).key(&key).send().await;
        assert_eq!(shown.text_at("/data/attributes/status"), "errored");
        assert_eq!(shown.at("/data/attributes/email-reputation"), &Value::Null);
        assert_eq!(shown.at("/data/attributes/tags"), &json!([]));
        let runs = app.request(Method::GET, &format!("{path}/runs")).key(&key).send().await;
        assert!(runs.text_at("/data/0/attributes/error").contains("no provider"), "{}", runs.text());
    }

    async fn what_cannot_be_asked_is_refused_by_its_place(db: TestDb) {
        let app = TestApp::start(db).await;
        let of = |kind: &str, attributes: Value| json!({ "data": { "type": kind, "attributes": attributes } });
        let table = [
            (of("report/watchlist", json!({})), "data.attributes.query must have one of: name-first"),
            (of("report/watchlist", json!({ "query": [] })), "data.attributes.query must be an object"),
            (asking("watchlist", json!({ "term": "X", "birthdate": "31.12.1990" })), "data.attributes.query.birthdate must be a date"),
            (asking("watchlist", json!({ "term": "X", "country": "PT" })), "data.attributes.query.country is not a member"),
            (asking("business-watchlist", json!({})), "data.attributes.query.term must be given"),
            (asking("horoscope", json!({})), "data.type must be one of report/address-lookup"),
            (asking("business-associated-persons", json!({})), "data.type is a kind of report that cannot be asked for"),
            (json!({ "data": { "attributes": { "query": { "term": "X" } } } }), "data.type must be given"),
            (of("report/watchlist", json!({ "query": { "term": "X" }, "color": 1 })), "data.attributes.color is not a member"),
        ];
        for (body, expected) in table {
            let refused = app.post("/reports", body.clone()).await;
            assert_eq!(refused.status, 400, "{body}");
            assert!(refused.problem().contains(expected), "{} instead of {expected}", refused.problem());
        }
        assert_eq!(app.events().await, Vec::<String>::new(), "a refusal makes neither account nor report");
    }

    async fn a_report_hangs_on_the_account_that_its_request_names(db: TestDb) {
        let app = TestApp::start(db).await;
        let known = app.post("/accounts", reference("customer-1")).await.id().to_owned();
        let query = json!({ "term": "Ines Sala" });
        let with = |attributes: Value, meta: Value| {
            let mut body = asking("watchlist", query.clone());
            body["data"]["attributes"].as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
            body["meta"] = meta;
            body
        };
        let account = async |body: Value| {
            let made = app.post("/reports", body).await;
            made.good();
            made.at("/data/relationships/account/data/id").clone()
        };
        assert_eq!(account(with(json!({}), json!({ "auto-create-account-reference-id": "Customer-1" }))).await, known.as_str());
        assert_eq!(account(with(json!({ "reference-id": "customer-1" }), json!({}))).await, known.as_str());
        assert_eq!(account(with(json!({ "account-id": known }), json!({ "auto-create-account": false }))).await, known.as_str());
        assert_eq!(account(with(json!({}), json!({ "auto-create-account": false }))).await, Value::Null);
        let new = account(with(json!({}), json!({ "auto-create-account-reference-id": "customer-2" }))).await;
        assert_eq!(account(with(json!({ "reference-id": "customer-2" }), json!({}))).await, new);
        assert!(new.is_string() && new != known.as_str());
        let created = app.events().await.into_iter().filter(|name| name == "account.created").count();
        assert_eq!(created, 2);

        let refused = [
            (with(json!({ "account-id": known }), json!({ "auto-create-account-reference-id": "customer-1" })), 400),
            (with(json!({}), json!({ "auto-create-account": false, "auto-create-account-reference-id": "customer-1" })), 400),
            (with(json!({ "account-id": "act_111111111111111111111111" }), json!({})), 404),
            (with(json!({}), json!({ "auto-create-account-type-id": "acttp_111111111111111111111111" })), 404),
            (with(json!({ "report-template-id": "rptp_111111111111111111111111" }), json!({})), 404),
        ];
        for (body, status) in refused {
            assert_eq!(app.post("/reports", body.clone()).await.status, status, "{body}");
        }
    }

    async fn a_template_names_the_kind(db: TestDb) {
        let app = TestApp::start(db).await;
        let new = attributes(json!({ "name": "Strict", "kind": "business-watchlist", "definition": { "names": { "preset": "strict" } } }));
        let template = app.post("/report-templates", new).await.id().to_owned();
        let mut body = json!({ "data": { "attributes": { "report-template-id": template, "query": { "term": "Quay" } } } });
        let made = app.post("/reports?include=report-template,account", body.clone()).await;
        assert_eq!((made.status, made.text_at("/data/type")), (201, "report/business-watchlist"), "{}", made.problem());
        assert_eq!(made.at("/data/relationships/report-template/data"), &json!({ "type": "report-template/business-watchlist", "id": template }));
        let included: Vec<&str> = made.at("/included").as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
        assert_eq!(included, ["account", "report-template/business-watchlist"]);
        body["data"]["type"] = "report/watchlist".into();
        let refused = app.post("/reports", body).await;
        assert_eq!(refused.problem(), "400 Bad Request: data.type must be report/business-watchlist, as its template is of that kind, or be left out");
    }

    /// Who waits gets the result, and the same again under the same key.
    async fn a_report_can_be_waited_for(db: TestDb) {
        let app = TestApp::start(db).await;
        let mut body = asking("email-address", json!({ "email-address": "alexanderjsample@example.com" }));
        body["meta"] = json!({ "processing-mode": "sync", "request-flags": ["any"] });
        let send = async || app.request(Method::POST, "/reports").header("Idempotency-Key", "once").json(&body).send().await;
        let first = send().await;
        assert_eq!((first.status, first.text_at("/data/attributes/status")), (201, "ready"), "{}", first.problem());
        assert_eq!(first.text_at("/data/attributes/email-reputation"), "low");
        let again = send().await;
        assert_eq!((again.id(), again.text_at("/data/attributes/status")), (first.id(), "ready"));
        app.run_jobs().await;
        assert_eq!(attribute(&app, first.id(), "is-continuous").await, json!(false), "it was run once");
    }

    /// Keys of a query can be spelled as those of any request.
    async fn a_query_may_be_spelled_in_camel_or_snake_case(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = ask(&app, "watchlist", json!({ "nameFirst": "Ines", "name_last": "Sala" })).await;
        let shown = report(&app, &id).await;
        assert_eq!((shown.text_at("/data/attributes/name-first"), shown.text_at("/data/attributes/name-last")), ("Ines", "Sala"));
    }
}
