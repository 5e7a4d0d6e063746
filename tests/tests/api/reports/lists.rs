//! Reports that look into lists which the operator has loaded.

use std::time::Duration;

use hyper::Method;
use muster_app::user_audit_logs::Operator;
use muster_app::watchlists::{self, Import, OnLoss};
use muster_domain::IdSource;
use muster_screening::{
    Alias, BirthDate, Certainty, Country, CountryRole, CryptoAddress, Entity, Kind, List, ListType, Name,
    PartialDate, Position, Quality,
};
use muster_store::Tx;
use muster_store::watchlists::{self as watchlist_rows, ListRow};
use muster_testkit::db::NOW;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{ask, attribute, report};
use crate::bodies::attributes;

const DAY: Duration = Duration::from_hours(24);

/// Puts a list in the place of the one with its slug.
async fn load(app: &TestApp, slug: &str, kind: ListType, entities: Vec<Entity>) {
    let import = Import {
        organization: app.tenant.organization.clone(),
        list: List {
            slug: slug.to_owned(),
            name: format!("List {slug}"),
            url: Some(format!("https://lists.example/{slug}")),
            flag_code: Some("US".to_owned()),
            types: vec![kind],
        },
        source: "test".to_owned(),
        operator: Operator { login: "ada".to_owned(), program: "test".to_owned() },
        on_loss: OnLoss::Accept,
    };
    let app = std::sync::Arc::clone(&app.app);
    let entities = entities.into_iter().map(Ok::<_, &str>);
    let work = move || watchlists::import(&app, &import, entities, &mut |_| {}).unwrap();
    tokio::task::spawn_blocking(work).await.unwrap();
}

fn person(id: &str, name: &str) -> Entity {
    Entity { id: id.to_owned(), kind: Kind::Person, name: Name::whole(name), ..Entity::default() }
}

/// Somebody of whom much is known.
fn wrona() -> Entity {
    let on = PartialDate::parse("1961-03").unwrap();
    Entity {
        birth_dates: vec![BirthDate { on, until: None, certainty: Certainty::Stated }],
        countries: vec![Country { code: "PL".to_owned(), role: CountryRole::Nationality }],
        akas: vec![Alias { name: Name::whole("Thomas Crow"), quality: Quality::Strong }],
        ..person("7", "Tomasz Wrona")
    }
}

async fn run(app: &TestApp, kind: &str, query: Value) -> String {
    let id = ask(app, kind, query).await;
    app.run_jobs().await;
    id
}

/// Asks for a watchlist report every ten days.
async fn monitored(app: &TestApp, term: &str) -> String {
    let name = format!("Monitored {}", app.all("/report-templates").await.len());
    let new = json!({ "name": name, "kind": "watchlist", "definition": { "interval-days": 10 } });
    let template = app.post("/report-templates", attributes(new)).await.id().to_owned();
    let body =
        json!({ "data": { "attributes": { "report-template-id": template, "query": { "term": term } } } });
    let id = app.post("/reports", body).await.id().to_owned();
    app.run_jobs().await;
    id
}

async fn runs(app: &TestApp, id: &str) -> usize {
    app.run_jobs().await;
    app.get(&format!("/reports/{id}/runs")).await.ids().len()
}

/// Puts a list in that cannot be read.
async fn damage(app: &TestApp) {
    let organization = app.tenant.organization.clone();
    let broken = ListRow {
        slug: "broken".to_owned(),
        about: "{".to_owned(),
        version: IdSource::random(NOW).mint(),
        created_at: NOW,
        updated_at: NOW,
    };
    let put = move |tx: &mut Tx<'_>| watchlist_rows::put(tx, &organization, &broken);
    app.app.db.write("test.damage", put).await.unwrap();
}

/// Takes it out again.
async fn mend(app: &TestApp) {
    let organization = app.tenant.organization.clone();
    let remove = move |tx: &mut Tx<'_>| watchlist_rows::remove(tx, &organization, "broken");
    app.app.db.write("test.mend", remove).await.unwrap();
}

on_both! {
    async fn a_hit_tells_its_list_and_the_names_that_matched(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "sdn", ListType::Sanction, vec![wrona(), person("8", "Maria Lis")]).await;
        let id = run(&app, "watchlist", json!({ "name-first": "Thomas", "name-last": "Crow", "birthdate": "1961-03-09" })).await;
        let shown = report(&app, &id).await;
        let born = json!([{ "month": "03", "year": "1961", "granularity": "month" }]);
        assert_eq!(shown.at("/data/attributes/matched-lists"), &json!([{
            "name": "List sdn", "url": "https://lists.example/sdn", "list-type": "sanction", "list-types": ["sanction"],
            "slug": "sdn", "flag-code": "US", "entities": [
                { "name": "Tomasz Wrona", "alias-type": "primary_name", "birthdates": born },
                { "name": "Thomas Crow", "alias-type": "aka", "birthdates": born },
            ],
        }]));
        assert_eq!((shown.text_at("/data/attributes/status"), shown.at("/data/attributes/has-match")), ("ready", &json!(true)));
        let runs = app.get(&format!("/reports/{id}/runs")).await;
        assert_eq!(runs.text_at("/data/0/attributes/hits/0/entity-id"), "sdn:7");
        assert_eq!(runs.at("/data/0/attributes/hits/0/why/match-types"), &json!(["exact", "aka"]));
        assert_eq!(runs.text_at("/data/0/attributes/searched-lists/0/slug"), "sdn");

        let nobody = run(&app, "watchlist", json!({ "term": "Ines Sala" })).await;
        let shown = report(&app, &nobody).await;
        assert_eq!(shown.at("/data/attributes/matched-lists"), &json!([]), "searched, and nobody found");
        assert_eq!(shown.text_at("/data/attributes/status"), "ready");
        assert_eq!(attribute(&app, &nobody, "tags").await, json!([]), "nothing is made up");
    }

    /// A list of other people is not a list of these.
    async fn each_kind_looks_into_lists_of_its_kind(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "sdn", ListType::Sanction, vec![
            wrona(),
            Entity { kind: Kind::Organization, ..person("9", "Quay Trading LLC") },
            Entity { crypto_addresses: vec![CryptoAddress { currency: "XBT".into(), address: "1BoatSLRHtKNngkdXEeobR76b53LETtpyT".into() }], ..person("10", "Maria Lis") },
        ]).await;
        let status = async |kind: &str, query: Value| {
            let id = run(&app, kind, query).await;
            (attribute(&app, &id, "status").await.as_str().unwrap().to_owned(), attribute(&app, &id, "has-match").await.as_bool().unwrap())
        };
        assert_eq!(status("business-watchlist", json!({ "term": "Quay Trading" })).await, ("ready".into(), true));
        assert_eq!(status("business-watchlist", json!({ "term": "Tomasz Wrona" })).await, ("ready".into(), false));
        assert_eq!(status("crypto-address-watchlist", json!({ "crypto-address": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT" })).await, ("ready".into(), true));
        assert_eq!(status("crypto-address-watchlist", json!({ "crypto-address": "1Other" })).await, ("ready".into(), false));
        assert_eq!(status("politically-exposed-person", json!({ "term": "Tomasz Wrona" })).await, ("errored".into(), false));

        let exposed = Entity {
            topics: vec!["role.pep".into()],
            positions: vec![Position { name: "Minister".into(), start: Some("2019-01-01".into()), ..Position::default() }],
            ..wrona()
        };
        load(&app, "peps", ListType::Pep, vec![exposed]).await;
        let id = run(&app, "politically-exposed-person", json!({ "term": "Tomasz Wrona", "country-code": "pl" })).await;
        let shown = report(&app, &id).await;
        let first = shown.at("/data/attributes/result/0");
        assert_eq!((&first["entity-id"], &first["pep-type"], &first["positions"][0]["name"]), (&json!("7"), &json!("pep"), &json!("Minister")));
        assert_eq!(first["sources"]["peps"]["name"], "List peps");
        let business = run(&app, "business-watchlist", json!({ "term": "Quay Trading" })).await;
        assert_eq!(attribute(&app, &business, "sanction-list").await, json!([{ "name": "List sdn", "url": "https://lists.example/sdn" }]));
        assert_eq!(attribute(&app, &business, "matched-lists").await, json!(["sdn"]));
        assert_eq!(attribute(&app, &business, "warning-list").await, json!([]));
    }

    /// A list of politically exposed persons need not say so of each of them; a list of others says nothing of the sort.
    async fn whoever_is_on_a_list_of_exposed_persons_is_one(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "peps", ListType::Pep, vec![person("1", "Maria Lis")]).await;
        load(&app, "sdn", ListType::Sanction, vec![person("2", "Tomasz Wrona")]).await;
        for (term, expected) in [("Maria Lis", true), ("Tomasz Wrona", false)] {
            let id = run(&app, "politically-exposed-person", json!({ "term": term })).await;
            let shown = report(&app, &id).await;
            let told = (shown.text_at("/data/attributes/status"), shown.at("/data/attributes/has-match"));
            assert_eq!(told, ("ready", &json!(expected)), "{term}");
        }
    }

    /// A report keeps 250 hits; that there were more is not forgotten when those are dismissed.
    async fn hits_beyond_those_that_are_kept_are_a_match_all_the_same(db: TestDb) {
        let app = TestApp::start(db).await;
        let many = (0..253).map(|number| person(&number.to_string(), "Tomasz Wrona")).collect();
        load(&app, "sdn", ListType::Sanction, many).await;
        let id = monitored(&app, "Tomasz Wrona").await;
        let dismiss = async || {
            let reply = app.post(&format!("/reports/{id}/dismiss"), attributes(json!({ "reason": "Another man." }))).await;
            let attributes = reply.at("/data/attributes");
            (attributes["matched-lists"].clone(), attributes["has-match"].clone(), attributes["is-recurring"].clone())
        };
        assert_eq!(dismiss().await, (json!([]), json!(true), json!(false)), "three were never shown");
        app.request(Method::POST, &format!("/reports/{id}/run")).send().await.good();
        app.run_jobs().await;
        let shown = attribute(&app, &id, "matched-lists").await;
        assert_eq!(shown[0]["entities"].as_array().unwrap().len(), 3, "now they are");
        assert_eq!(dismiss().await, (json!([]), json!(false), json!(true)));
    }

    async fn a_template_says_how_names_are_compared_and_where(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "sdn", ListType::Sanction, vec![person("1", "John Smith")]).await;
        let with = async |name: &str, definition: Value| {
            let new = json!({ "name": name, "kind": "watchlist", "definition": definition });
            let template = app.post("/report-templates", attributes(new)).await.id().to_owned();
            let body = json!({ "data": { "attributes": { "report-template-id": template, "query": { "term": "Jon Smyth" } } } });
            let id = app.post("/reports", body).await.id().to_owned();
            app.run_jobs().await;
            id
        };
        for (preset, expected) in [("exact", false), ("strict", false), ("tolerant", true)] {
            let id = with(preset, json!({ "names": { "preset": preset } })).await;
            assert_eq!(attribute(&app, &id, "has-match").await, json!(expected), "{preset}");
        }
        let id = with("Sound", json!({ "names": { "preset": "custom", "equivalents": true, "partial": true } })).await;
        assert_eq!(attribute(&app, &id, "has-match").await, json!(true));
        let id = with("Elsewhere", json!({ "lists": ["sdn", "eu"] })).await;
        assert_eq!(attribute(&app, &id, "status").await, json!("errored"), "a list that is missing was not searched");
        let runs = app.get(&format!("/reports/{id}/runs")).await;
        assert!(runs.text_at("/data/0/attributes/error").ends_with("not loaded: eu"), "{}", runs.text());
    }

    /// What is new in a list does not wait for the schedule; what is old in it is not looked at again.
    async fn a_list_that_changes_is_looked_into_at_once(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "sdn", ListType::Sanction, vec![person("1", "John Smith")]).await;
        let (wrona, sala) = (monitored(&app, "Tomasz Wrona").await, monitored(&app, "Ines Sala").await);
        load(&app, "sdn", ListType::Sanction, vec![person("1", "John Smith"), person("2", "Tomasz Wrona")]).await;
        assert_eq!((runs(&app, &wrona).await, runs(&app, &sala).await), (2, 1));
        let shown = report(&app, &wrona).await;
        assert_eq!((shown.at("/data/attributes/has-match"), shown.at("/data/attributes/is-recurring")), (&json!(true), &json!(false)));
        let matched = app.get("/events?filter[name]=report/watchlist.matched").await;
        assert_eq!(matched.text_at("/data/0/attributes/payload/data/id"), wrona);
        load(&app, "sdn", ListType::Sanction, vec![person("2", "Tomasz Wrona"), person("3", "Tomasz Wrona")]).await;
        assert_eq!((runs(&app, &wrona).await, runs(&app, &sala).await), (2, 1), "a hit that waits for somebody stops it");
    }

    /// What was dismissed is forgotten when there is something new to know.
    async fn a_dismissal_lasts_until_its_entity_changes(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "sdn", ListType::Sanction, vec![person("2", "Tomasz Wrona")]).await;
        let id = monitored(&app, "Tomasz Wrona").await;
        let dismissed = app.post(&format!("/reports/{id}/dismiss"), attributes(json!({ "reason": "Another man.", "dismiss-type": "all" }))).await;
        assert_eq!(dismissed.at("/data/attributes/matched-lists"), &json!([]), "{}", dismissed.problem());
        let ignored = dismissed.at("/data/attributes/ignore-list/0");
        assert_eq!((&ignored["match"]["slug"], &ignored["match"]["entities"][0]["group-id"], &ignored["ignore-reason"]), (&json!("sdn"), &json!("sdn:2"), &json!("Another man.")));
        app.advance(DAY * 10);
        assert_eq!(runs(&app, &id).await, 2);
        assert_eq!(attribute(&app, &id, "has-match").await, json!(false), "dismissed is dismissed");

        load(&app, "sdn", ListType::Sanction, vec![person("2", "Tomasz Wrona"), person("4", "Maria Lis")]).await;
        assert_eq!(runs(&app, &id).await, 2, "nothing new of him");
        let changed = Entity { remarks: Some("Seen again".into()), ..person("2", "Tomasz Wrona") };
        load(&app, "sdn", ListType::Sanction, vec![changed, person("4", "Maria Lis")]).await;
        assert_eq!(runs(&app, &id).await, 3);
        assert_eq!(attribute(&app, &id, "has-match").await, json!(true));
    }

    /// A hit that came while somebody was looking at the others is not dismissed with them.
    async fn hits_that_nobody_has_seen_are_not_dismissed(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "sdn", ListType::Sanction, vec![person("2", "Tomasz Wrona")]).await;
        let id = run(&app, "watchlist", json!({ "term": "Tomasz Wrona" })).await;
        let seen = attribute(&app, &id, "completed-at").await;
        load(&app, "sdn", ListType::Sanction, vec![person("2", "Tomasz Wrona"), person("3", "Tomasz Wrona")]).await;
        app.request(Method::POST, &format!("/reports/{id}/run")).send().await.good();
        app.run_jobs().await;
        let dismiss = async |seen: Value| {
            let mut body = attributes(json!({ "reason": "Another man." }));
            body["meta"] = json!({ "completed-at": seen });
            app.post(&format!("/reports/{id}/dismiss"), body).await
        };
        let refused = dismiss(seen).await;
        assert_eq!(refused.status, 409);
        assert!(refused.problem().contains("run since"), "{}", refused.problem());
        assert_eq!(dismiss(json!("yesterday")).await.status, 400);
        assert_eq!(attribute(&app, &id, "has-match").await, json!(true));
        let dismissed = dismiss(attribute(&app, &id, "completed-at").await).await;
        assert_eq!(dismissed.at("/data/attributes/has-match"), &json!(false), "{}", dismissed.problem());
    }

    /// The first list is what a monitored report without one was waiting for.
    async fn a_report_that_had_no_list_is_run_when_one_is_loaded(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = monitored(&app, "Ines Sala").await;
        assert_eq!(attribute(&app, &id, "status").await, json!("errored"));
        load(&app, "sdn", ListType::Sanction, vec![person("1", "John Smith")]).await;
        assert_eq!(runs(&app, &id).await, 2);
        assert_eq!(attribute(&app, &id, "status").await, json!("ready"));
        assert_eq!(app.events().await.iter().filter(|name| *name == "report/watchlist.errored").count(), 1);
    }

    /// What is wrong inside Muster for half a day ends one run, not all that would follow.
    async fn a_run_that_fails_time_and_again_ends_and_the_schedule_goes_on(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "sdn", ListType::Sanction, vec![person("1", "John Smith")]).await;
        let id = monitored(&app, "Ines Sala").await;
        damage(&app).await;
        app.advance(DAY * 10);
        for _ in 0..24 {
            app.run_jobs().await;
            app.advance(Duration::from_hours(1));
        }
        let shown = report(&app, &id).await;
        assert_eq!((shown.text_at("/data/attributes/status"), shown.at("/data/attributes/is-recurring")), ("errored", &json!(true)));
        let last = app.get(&format!("/reports/{id}/runs")).await;
        assert!(last.text_at("/data/0/attributes/error").contains("time and again"), "{}", last.text());
        assert_eq!(app.events().await.last().unwrap(), "report/watchlist.errored");

        mend(&app).await;
        app.advance(DAY * 10);
        assert_eq!(runs(&app, &id).await, 3);
        assert_eq!(attribute(&app, &id, "status").await, json!("ready"));
    }

    async fn a_report_is_printed(db: TestDb) {
        let app = TestApp::start(db).await;
        load(&app, "sdn", ListType::Sanction, vec![wrona()]).await;
        let id = run(&app, "watchlist", json!({ "term": "Tomasz Wrona" })).await;
        app.post(&format!("/reports/{id}/dismiss"), attributes(json!({ "reason": "Another man." }))).await.good();
        let simulated = run(&app, "email-address", json!({ "email-address": "ines@example.com" })).await;
        for id in [id, simulated] {
            let printed = app.request(Method::GET, &format!("/reports/{id}/print")).send().await;
            assert_eq!((printed.status, printed.header("content-type")), (200, "application/pdf"));
            assert!(printed.bytes.starts_with(b"%PDF-") && printed.bytes.len() > 2000);
        }
        assert_eq!(app.get("/reports/rep_111111111111111111111111/print").await.status, 404);
    }
}
