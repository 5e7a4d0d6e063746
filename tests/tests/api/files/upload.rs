//! Giving files to accounts in JSON.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{field, file, papers, pdf, png, url};
use crate::bodies::{attributes, upsert};

on_both! {
    async fn a_selfie_is_given_shown_and_taken_away(db: TestDb) {
        let app = TestApp::start(db).await;
        let selfie = json!({ "reference-id": "u-1", "selfie-photo": { "data": file(&png("me"), "me at the sea.png") } });

        let created = app.post("/accounts", attributes(selfie)).await;
        assert_eq!(created.status, 201, "{}", created.text());
        let value = field(&created, "selfie_photo");
        assert_eq!((&value["filename"], &value["byte-size"]), (&json!("me at the sea.png"), &json!(18)));
        assert_eq!((&value["mime-type"], &value["page-count"]), (&json!("image/png"), &json!(1)));
        assert!(!url(&value).contains("sea"), "nothing personal stands in a link: {value}");
        assert_eq!(app.follow(url(&value)).await.bytes, png("me"));

        let path = format!("/accounts/{}", created.id());
        let removed = app.patch(&path, attributes(json!({ "selfie-photo": { "data": null } }))).await;
        removed.good();
        assert_eq!(field(&removed, "selfie_photo"), Value::Null);
        assert_eq!(app.events().await, ["account.created", "account.updated-fields"]);
        let events = app.all("/events").await;
        let before = &events[1]["attributes"]["payload"]["data"]["attributes"]["fields"]["selfie_photo"]["value"];
        assert_eq!(app.follow(url(before)).await.bytes, png("me"), "history shows what was there");
    }

    async fn files_stand_in_lists_and_objects_too(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let fields = json!({
            "scans": [file(&png("1"), "1.png"), { "type": "file", "value": file(&pdf("2"), "2.pdf") }],
            "contract": { "title": "Lease", "paper": file(&pdf("3"), "3.pdf") },
            "extra": { "data": "not a file", "filename": "at all" }
        });

        let created = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;

        created.good();
        let scans = field(&created, "scans");
        for (n, bytes) in [png("1"), pdf("2")].into_iter().enumerate() {
            assert_eq!(app.follow(url(&scans[n]["value"])).await.bytes, bytes);
        }
        let contract = field(&created, "contract");
        assert_eq!(app.follow(url(&contract["paper"]["value"])).await.bytes, pdf("3"));
        assert_eq!(contract["paper"]["value"].get("page-count"), None, "nobody counts the pages of a PDF");
        assert_eq!(field(&created, "extra"), json!({ "data": "not a file", "filename": "at all" }));
    }

    async fn an_upsert_gives_files_to_the_account_it_finds(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let body = |text: &str| upsert("email", json!({ "account-type-id": ty, "fields": {
            "email": "a@example.test", "passport": file(&pdf(text), "p.pdf") } }));

        let first = app.post("/accounts", body("one")).await;
        let second = app.post("/accounts", body("two")).await;

        assert_eq!((first.status, second.status), (201, 200), "{}", second.text());
        assert_eq!(first.id(), second.id());
        assert_eq!(app.follow(url(&field(&second, "passport"))).await.bytes, pdf("two"));
        assert_eq!(app.follow(url(&field(&first, "passport"))).await.bytes, pdf("one"), "until it is redacted");
    }

    async fn the_same_file_again_changes_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let fields = json!({ "passport": file(&pdf("same"), "p.pdf"), "once": file(&png("o"), "o.png"),
            "scans": [file(&png("1"), "1.png"), file(&png("2"), "2.png")] });
        let created = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;
        let path = format!("/accounts/{}", created.id());
        let events = app.events().await.len();

        let again = app.patch(&path, attributes(json!({ "fields": fields }))).await;
        again.good();
        assert_eq!(again.at("/data/attributes/updated-at"), created.at("/data/attributes/updated-at"));
        assert_eq!(app.events().await.len(), events);

        let renamed = json!({ "fields": { "passport": file(&pdf("same"), "other name.pdf") } });
        let renamed = app.patch(&path, attributes(renamed)).await;
        assert_eq!(field(&renamed, "passport")["filename"], "other name.pdf");
        assert_eq!(app.events().await.len(), events + 1);
    }

    async fn what_a_reply_shows_can_be_sent_back(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let fields = json!({ "passport": file(&pdf("same"), "p.pdf"), "scans": [file(&png("1"), "1.png")],
            "contract": { "title": "Lease", "paper": file(&pdf("3"), "3.pdf") } });
        let created = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;
        let path = format!("/accounts/{}", created.id());
        let events = app.events().await.len();

        let whole = created.at("/data/attributes/fields").clone();
        let back = app.patch(&path, attributes(json!({ "fields": whole }))).await;
        assert_eq!((back.status, app.events().await.len()), (200, events), "{}", back.text());
        let bare = json!({ "fields": { "passport": { "url": url(&field(&created, "passport")) } } });
        let back = app.patch(&path, attributes(bare)).await;
        assert_eq!((back.status, app.events().await.len()), (200, events), "{}", back.text());

        // One more beside the one that is there, and the other away.
        let scans = json!([field(&created, "scans")[0], file(&png("2"), "2.png")]);
        let more = app.patch(&path, attributes(json!({ "fields": { "scans": scans } }))).await;
        let scans = field(&more, "scans");
        assert_eq!(app.follow(url(&scans[0]["value"])).await.bytes, png("1"));
        assert_eq!(app.follow(url(&scans[1]["value"])).await.bytes, png("2"));
    }

    async fn nobody_takes_the_file_of_another_account_or_field(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let fields = json!({ "passport": file(&pdf("mine"), "p.pdf") });
        let mine = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;
        let theirs = app.post("/accounts", attributes(json!({ "account-type-id": ty }))).await;
        let shown = field(&mine, "passport");
        let id = url(&shown).rsplit('/').next().unwrap().split('.').next().unwrap();
        let refusal = "names a file that is not the one stored here; send data and filename to store one";
        let stored = json!({ "id": id, "filename": "p.pdf", "mime-type": "application/pdf", "byte-size": 13, "sha256": "00" });

        for value in [shown.clone(), stored, json!({ "id": id })] {
            let (mine, theirs) = (format!("/accounts/{}", mine.id()), format!("/accounts/{}", theirs.id()));
            for (path, key) in [(&theirs, "passport"), (&mine, "once")] {
                let reply = app.patch(path, attributes(json!({ "fields": { key: value } }))).await;
                let expected = format!("422 Record invalid: fields.{key} {refusal} (/data/attributes/fields/{key})");
                assert_eq!(reply.problem(), expected);
            }
            let fields = json!({ "account-type-id": ty, "fields": { "passport": value } });
            assert_eq!(app.post("/accounts", attributes(fields)).await.status, 422);
        }
        let mut renamed = shown;
        renamed["filename"] = json!("q.pdf");
        let path = format!("/accounts/{}", mine.id());
        let reply = app.patch(&path, attributes(json!({ "fields": { "passport": renamed } }))).await;
        assert!(reply.problem().starts_with("422 Record invalid: fields.passport names the stored file otherwise"), "{}", reply.problem());
        assert_eq!(app.events().await.iter().filter(|name| *name == "account.updated-fields").count(), 0);
    }

    async fn a_repeated_creation_stores_its_file_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = attributes(json!({ "selfie-photo": { "data": file(&png("me"), "me.png") } }));
        let send = || app.request(Method::POST, "/accounts").header("idempotency-key", "files-1").json(&body).send();

        let (first, second) = (send().await, send().await);

        assert_eq!((first.status, &first.bytes), (201, &second.bytes));
        assert_eq!(app.all("/accounts").await.len(), 1);
        assert_eq!(app.follow(url(&field(&second, "selfie_photo"))).await.bytes, png("me"));
    }
}
