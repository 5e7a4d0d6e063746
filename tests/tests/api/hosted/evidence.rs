//! Documents and IDs that are handed in on a page.

use hyper::Method;
use muster_testkit::browser::File;
use muster_testkit::{Browser, TestApp, TestDb, on_both};
use serde_json::json;

use super::{PDF, PNG, begin_document, inquiry};
use crate::bodies::attributes;

/// Texts, files, and the status that they lead to.
type Given<'g> = (&'g [(&'g str, &'g str)], &'g [File<'g>], &'g str);

on_both! {
    async fn files_are_told_by_their_content_and_kept_sealed(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin_document(&app, &inquiry).await;
        let none = browser.upload(&page, &[], &[]).await;
        assert_eq!((none.status, none.fault("file-1")), (422, "Please choose a file."));
        let program = browser.upload(&page, &[], &[("file-1", "bill.pdf", b"MZ\x90\0 not a bill at all")]).await;
        assert!(program.fault("file-1").contains("not accepted"), "{}", program.html);
        let empty = browser.upload(&page, &[], &[("file-1", "bill.pdf", b"")]).await;
        assert_eq!(empty.fault("file-1"), "This file is empty.");
        let large = [PDF, &vec![b' '; 11 << 20]].concat();
        let large = browser.upload(&page, &[], &[("file-1", "bill.pdf", &large)]).await;
        assert_eq!(large.fault("file-1"), "This file is too large. The limit is 10 MB.");
        let many: Vec<_> = ["file-1", "file-2", "file-3"].iter().map(|name| (*name, "x.pdf", PDF)).collect();
        assert_eq!(browser.upload(&page, &[], &many).await.status, 422);
        let next = browser.upload(&page, &[], &[("file-1", "../../bill.pdf", PDF)]).await;
        assert_eq!(next.title(), "Your passport", "{}", next.html);
        let shown = app.get(&format!("/inquiries/{inquiry}?include=documents")).await;
        let document = shown.at("/included/0/attributes/files/0");
        assert_eq!(document["filename"], "bill.pdf", "{document}");
        assert_eq!(document["byte-size"], PDF.len());
        let file = app.follow(document["url"].as_str().unwrap()).await;
        assert_eq!(file.bytes, PDF);
    }

    async fn the_machine_readable_zone_is_read_from_typed_or_uploaded_text(db: TestDb) {
        let app = TestApp::start(db).await;
        let zone = "P<UTOMUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F3304156<<<<<<<<<<<<<<04";
        let wrong = zone.replace("F3304156", "F3304157");
        let names = ["One", "Two", "Three"];
        let given: [Given<'_>; 3] = [
            (&[("mrz", zone)], &[], "passed"),
            (&[], &[("mrz-file", "zone.txt", zone.as_bytes())], "passed"),
            (&[("mrz", &wrong)], &[], "failed"),
        ];
        for (name, (texts, files, status)) in names.into_iter().zip(given) {
            let template = crate::hosted::template_with(&app, name, json!({})).await;
            let made = app.post("/inquiries", attributes(json!({ "inquiry-template-id": template }))).await;
            let (mut browser, page) = begin_document(&app, made.id()).await;
            let page = browser.upload(&page, &[], &[("file-1", "bill.pdf", PDF)]).await;
            let nonsense = [("class", "pp"), ("mrz", "these are no lines")];
            let refused = browser.upload(&page, &nonsense, &[("front", "front.png", PNG)]).await;
            assert!(refused.fault("mrz").contains("cannot be read"), "{}", refused.html);
            let texts: Vec<_> = [("class", "pp")].iter().chain(texts).copied().collect();
            let files: Vec<_> = [("front", "front.png", PNG)].iter().chain(files).copied().collect();
            browser.upload(&page, &texts, &files).await;
            let shown = app.get(&format!("/inquiries/{}?include=verifications", made.id())).await;
            let included = shown.at("/included").as_array().unwrap();
            let id = included.iter().find(|one| one["type"] == "verification/government-id").unwrap();
            assert_eq!(id["attributes"]["status"], status, "{name}: {id}");
            if status == "passed" {
                assert_eq!(id["attributes"]["birthdate"], "1974-08-12");
            }
        }
    }

    async fn an_outcome_can_be_made_up_in_a_sandbox_only(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        let mut definition = crate::hosted::definition("Face", &json!({}));
        definition["steps"] = json!([
            { "name": "verification_selfie", "kind": "selfie", "title": "Your face", "verification": "face", "next": "success" },
            { "name": "success", "kind": "complete" },
        ]);
        definition["verifications"] = json!([{ "key": "face", "kind": "selfie" }]);
        let made = app.post("/inquiry-templates", attributes(json!({ "definition": definition }))).await;
        let mut browser = Browser::new(&app);
        let link = format!("/verify?inquiry-template-id={}&environment-id={}", made.id(), production.environment);
        let page = browser.open(&link).await;
        let still = browser.send(&page, "simulate", &[("outcome", "passed")]).await;
        assert_eq!(still.title(), "Your face", "production makes nothing up");
        let page = browser.upload(&page, &[], &[("center", "me.png", PNG)]).await;
        assert_eq!(page.title(), "All done", "{}", page.html);
        let list = app.request(Method::GET, "/inquiries").key(&production.key).send().await;
        let face = list.text_at("/data/0/relationships/verifications/data/0/id");
        let face = app.request(Method::GET, &format!("/verifications/{face}")).key(&production.key).send().await;
        assert_eq!(face.text_at("/data/attributes/status"), "submitted", "nothing passes because nobody looked");
        let mut sandbox = Browser::new(&app);
        let page = sandbox.open(&format!("/verify?inquiry-template-id={}&environment=sandbox", made.id())).await;
        assert_eq!(sandbox.send(&page, "simulate", &[("outcome", "passed")]).await.title(), "All done");
    }
}
