//! What becomes of files when personal data is erased, and what history tells of them.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{field, file, papers, pdf, png, url};
use crate::bodies::attributes;

on_both! {
    async fn redaction_takes_files_and_what_they_were_before(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let fields = |text: &str| json!({ "passport": file(&pdf(text), "p.pdf") });
        let first = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields("old") }))).await;
        let path = format!("/accounts/{}", first.id());
        let second = app.patch(&path, attributes(json!({ "fields": fields("new") }))).await;
        let links = [&first, &second].map(|reply| url(&field(reply, "passport")).to_owned());
        for link in &links {
            assert_eq!(app.follow(link).await.status, 200);
        }

        let redacted = app.request(Method::DELETE, &path).send().await;

        assert_eq!((redacted.status, field(&redacted, "passport")), (200, Value::Null), "{}", redacted.text());
        for link in &links {
            assert_eq!(app.follow(link).await.problem(), "410 Gone: This file was erased");
        }
        let again = app.patch(&path, attributes(json!({ "fields": fields("after") }))).await;
        assert_eq!(app.follow(url(&field(&again, "passport"))).await.bytes, pdf("after"));
    }

    async fn a_field_that_is_never_redacted_keeps_its_file(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let fields = json!({ "passport": file(&pdf("p"), "p.pdf"), "deed": file(&png("kept"), "deed.png") });
        let account = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;
        let path = format!("/accounts/{}", account.id());
        let former = json!({ "fields": { "deed": file(&png("now"), "deed.png") } });
        app.patch(&path, attributes(former)).await.good();
        let links = ["passport", "deed"].map(|key| url(&field(&account, key)).to_owned());

        app.request(Method::DELETE, &path).send().await.good();

        for link in &links {
            assert_eq!(app.follow(link).await.status, 410, "what was replaced goes, too");
        }
        let deed = field(&app.get(&path).await, "deed");
        assert_eq!(deed["filename"], "deed.png");
        assert_eq!(app.follow(url(&deed)).await.bytes, png("now"));
    }

    async fn the_timeline_links_the_files_of_then(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", json!({})).await;
        let path = format!("/accounts/{}", account.id());
        for text in ["one", "two"] {
            let selfie = json!({ "selfie-photo": { "data": file(&png(text), "me.png") } });
            app.patch(&path, attributes(selfie)).await.good();
        }

        let timeline = app.get(&format!("{path}/timeline")).await;

        let change = timeline.at("/data/0/attributes/changes/fields/selfie_photo");
        assert_eq!(app.follow(url(&change["before"]["value"])).await.bytes, png("one"), "{change}");
        assert_eq!(app.follow(url(&change["after"]["value"])).await.bytes, png("two"));
    }
}
