//! Handing in, being checked, being decided.

use hyper::Method;
use muster_app::verifications::{GivenDocument, GivenId, Means, Submission, decide};
use muster_app::{Error, verifications};
use muster_domain::verification::Decision;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::json;

use super::scene::{LINES, Scene, outcome, picture};

fn passport(lines: Option<&str>) -> Submission {
    Submission::GovernmentId(GivenId {
        id_class: Some("pp".to_owned()),
        country: Some("DE".to_owned()),
        front: Some(picture("the picture page of Erika", "erika_passport.png")),
        lines: lines.map(str::to_owned),
        ..GivenId::default()
    })
}

on_both! {
    async fn a_passport_with_good_lines_passes_and_shows_what_it_says(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::of(&app, app.sibling_environment().await).await;
        let made = scene.hand_in("passport", passport(Some(LINES)), Means::Alone).await;
        let found = scene.get(&format!("/verification/government-ids/{}?include=document", made.id)).await;
        let attributes = found.at("/data/attributes");
        for (name, value) in [
            ("status", json!("passed")),
            ("country-code", json!("DE")),
            ("name-first", json!("ERIKA")),
            ("name-last", json!("MUSTERMANN")),
            ("birthdate", json!("1964-08-12")),
            ("expiration-date", json!("2027-02-28")),
            ("identification-number", json!("C01X00T47")),
            ("id-class", json!("pp")),
            ("capture-method", json!("upload")),
            ("address-city", json!(null)),
            ("back-photo-url", json!(null)),
            ("from-reusable-persona", json!(false)),
        ] {
            assert_eq!(attributes[name], value, "{name}");
        }
        let data = found.at("/data");
        assert_eq!(outcome(data, "id_inquiry_comparison"), "passed");
        assert_eq!(outcome(data, "id_tamper_detection"), "not_applicable");
        let url = attributes["front-photo-url"].as_str().unwrap();
        assert!(app.follow(url).await.bytes.ends_with(b"the picture page of Erika"));
        assert_eq!(attributes["photo-urls"][0]["page"], "front");
        assert_eq!(found.at("/included/0/type"), &json!("document/government-id"));

        let document = made.document.unwrap();
        for path in ["documents", "document/government-ids"] {
            let found = scene.get(&format!("/{path}/{document}?include=document-files")).await;
            assert_eq!(found.at("/data/attributes/front-photo/filename"), &json!("erika_passport.png"));
            assert_eq!(found.at("/data/attributes/name-last"), &json!("MUSTERMANN"));
            assert_eq!(found.at("/included/0/attributes/capture-method"), &json!("upload"));
        }
        assert_eq!(scene.get(&format!("/document/generics/{document}")).await.status, 404);
        let events = scene.events().await;
        let from = events.iter().position(|name| name == "verification.created").unwrap();
        assert_eq!(events[from..], [
            "verification.created", "inquiry.started", "document.created", "document.submitted",
            "verification.submitted", "document.processed", "verification.passed",
        ]);
    }

    async fn without_proof_somebody_has_to_look(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::of(&app, app.sibling_environment().await).await;
        let made = scene.hand_in("passport", passport(None), Means::Alone).await;
        assert_eq!(scene.verification(&made.id).await["attributes"]["status"], "submitted");
        let id = made.id.clone();
        scene.write(move |cx| decide(cx, &id, Decision::Failed)).await;
        let decided = scene.verification(&made.id).await;
        assert_eq!(decided["attributes"]["status"], "failed");
        assert!(decided["attributes"]["completed-at-ts"].is_i64());
        let id = made.id.clone();
        let again = scene.try_write(move |cx| decide(cx, &id, Decision::Passed)).await;
        assert!(matches!(again, Err(Error::Conflict { .. })));

        let given = GivenDocument { files: vec![picture("a bill", "bill.png")], ..GivenDocument::default() };
        let bill = scene.hand_in("bill", Submission::Document(given), Means::Alone).await;
        let found = scene.verification(&bill.id).await;
        assert_eq!(found["attributes"]["status"], "tentatively_passed");
        assert_eq!(found["attributes"]["files"][0]["filename"], "bill.png");
        let selfie = Submission::Selfie { center: picture("me", "me.png"), left: None, right: None };
        let face = scene.hand_in("face", selfie, Means::Alone).await;
        let found = scene.verification(&face.id).await;
        assert_eq!(found["attributes"]["status"], "submitted");
        assert_eq!(outcome(&found, "selfie_liveness_detection"), "not_applicable");
    }

    async fn a_document_of_somebody_else_fails(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let other = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
        let made = scene.hand_in("passport", passport(Some(other)), Means::Alone).await;
        let found = scene.verification(&made.id).await;
        assert_eq!(found["attributes"]["status"], "failed");
        assert_eq!(outcome(&found, "id_inquiry_comparison"), "failed");
        assert_eq!(outcome(&found, "id_expired_detection"), "failed");
        // One attempt is left, then none.
        scene.hand_in("passport", passport(None), Means::Alone).await;
        let third = scene.on_inquiry(|cx, inquiry| verifications::create(cx, inquiry, "passport")).await;
        assert!(matches!(third, Err(Error::Conflict { .. })));
    }

    async fn nothing_that_was_handed_in_stands_in_the_clear(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        scene.hand_in("passport", passport(Some(LINES)), Means::Alone).await;
        let dump = app.dump();
        let has = |text: &str| dump.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(has("verification.passed"));
        for part in ["MUSTERMANN", "Mustermann", "C01X00T47", "1964-08-12", "picture page", "erika_passport"] {
            assert!(!has(part), "{part}");
        }
    }

    async fn what_was_not_handed_in_is_canceled_when_the_inquiry_expires(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let open = scene.begin("face").await;
        let expired = scene.send(Method::POST, &format!("/inquiries/{}/expire", scene.inquiry)).await;
        assert_eq!(expired.status, 200, "{}", expired.text());
        assert_eq!(scene.verification(&open).await["attributes"]["status"], "canceled");
        assert!(scene.events().await.contains(&"verification.canceled".to_owned()));
        let late = scene.on_inquiry(|cx, inquiry| verifications::create(cx, inquiry, "face")).await;
        assert!(matches!(late, Err(Error::Conflict { .. })));
    }

    async fn an_event_shows_the_verification_as_it_was(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        scene.hand_in("passport", passport(Some(LINES)), Means::Alone).await;
        let reply = scene.get("/events?page[size]=50&filter[name]=verification.created,verification.submitted").await;
        let events = reply.at("/data").as_array().unwrap();
        let status = |at: usize| &events[at]["attributes"]["payload"]["data"]["attributes"]["status"];
        assert_eq!((status(1), status(0)), (&json!("initiated"), &json!("submitted")));
    }

    async fn a_verification_is_printed(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let made = scene.hand_in("passport", passport(Some(LINES)), Means::Alone).await;
        let printed = scene.get(&format!("/verifications/{}/print", made.id)).await;
        assert_eq!(printed.header("content-type"), "application/pdf");
        let pdf = lopdf::Document::load_mem(&printed.bytes).unwrap();
        let pages: Vec<u32> = pdf.get_pages().keys().copied().collect();
        let text: String = pdf.extract_text(&pages).unwrap().split_whitespace().collect();
        for part in [made.id.as_str(), "MUSTERMANN", "1964-08-12", "id_mrz_detection", "passed", "erika_passport.png"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let unknown = scene.get("/verifications/ver_111111111111111111111111/print").await;
        assert_eq!(unknown.status, 404);
        assert!(unknown.header("content-type").starts_with("application/json"));
    }
}
