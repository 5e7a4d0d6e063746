//! Erasing verifications, and keeping them from it.

use hyper::Method;
use muster_app::record;
use muster_app::verifications::{GivenId, Means, Submission, Verification};
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::scene::{LINES, Scene, picture};

async fn handed_in(scene: &Scene<'_>) -> Verification {
    let given = GivenId {
        front: Some(picture("the picture page", "erika_passport.png")),
        lines: Some(LINES.to_owned()),
        ..GivenId::default()
    };
    scene.hand_in("passport", Submission::GovernmentId(given), Means::Alone).await
}

on_both! {
    async fn redaction_erases_what_it_says_its_files_and_its_past(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let made = handed_in(&scene).await;
        let (id, document) = (made.id.clone(), made.document.unwrap());
        let before = scene.verification(&id).await;
        let url = before["attributes"]["front-photo-url"].as_str().unwrap().to_owned();

        let redacted = scene.send(Method::DELETE, &format!("/verifications/{id}")).await;
        assert_eq!(redacted.status, 200);
        let attributes = redacted.at("/data/attributes");
        assert_eq!(attributes["status"], "passed");
        assert!(attributes["redacted-at"].is_string());
        for name in ["name-last", "birthdate", "identification-number", "front-photo-url", "country-code"] {
            assert_eq!(attributes[name], Value::Null, "{name}");
        }
        assert_eq!(attributes["photo-urls"], json!([]));
        let checks = attributes["checks"].as_array().unwrap();
        assert!(!checks.is_empty() && checks.iter().all(|check| check["metadata"] == json!({})));
        assert_eq!(app.follow(&url).await.status, 410);
        let document = scene.get(&format!("/documents/{document}?include=document-files")).await;
        assert_eq!(document.at("/data/attributes/front-photo"), &json!(null));
        assert_eq!(document.at("/included/0/attributes/originals"), &json!([]));

        let events = scene.get("/events?page[size]=100").await;
        let told = events.text();
        let of_it = |event: &&Value| event["attributes"]["payload"]["data"]["type"] == "verification/government-id";
        let past: String = events.at("/data").as_array().unwrap().iter().filter(of_it).map(Value::to_string).collect();
        assert!(!past.contains("MUSTERMANN") && !past.contains("C01X00T47"), "{past}");
        assert!(told.contains("verification.redacted") && told.contains("document.redacted"));
        assert_eq!(scene.send(Method::DELETE, &format!("/verifications/{id}")).await.status, 409);
    }

    async fn a_locked_verification_is_not_redacted_nor_is_its_inquiry(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let id = handed_in(&scene).await.id;
        for _ in 0..2 {
            let locked = scene.send(Method::POST, &format!("/verifications/{id}/investigation-lock")).await;
            assert_eq!((locked.status, locked.id()), (200, id.as_str()));
        }
        for path in [format!("/verifications/{id}"), format!("/inquiries/{}", scene.inquiry)] {
            let refused = scene.send(Method::DELETE, &path).await;
            assert_eq!(refused.status, 409, "{}", refused.text());
            assert!(refused.text().contains("locked"), "{}", refused.text());
        }
        let unlocked = scene.send(Method::POST, &format!("/verifications/{id}/investigation-unlock")).await;
        assert_eq!(unlocked.status, 200);

        let redacted = scene.send(Method::DELETE, &format!("/inquiries/{}", scene.inquiry)).await;
        assert_eq!(redacted.status, 200, "{}", redacted.text());
        app.run_jobs().await;
        let found = scene.verification(&id).await;
        assert_eq!(found["attributes"]["name-last"], Value::Null);
        assert!(found["attributes"]["redacted-at"].is_string());
        let events = scene.events().await;
        let place = |name: &str| events.iter().position(|event| event == name).unwrap();
        assert!(place("verification.redacted") < place("inquiry.redacted"));
        assert_eq!(events.iter().filter(|name| name.as_str() == "verification.investigation-locked").count(), 1);
    }

    async fn a_lock_comes_too_late_once_the_redaction_of_the_inquiry_has_begun(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let id = handed_in(&scene).await.id;
        let redacted = scene.send(Method::DELETE, &format!("/inquiries/{}", scene.inquiry)).await;
        assert_eq!(redacted.status, 200, "{}", redacted.text());
        let locked = scene.send(Method::POST, &format!("/verifications/{id}/investigation-lock")).await;
        assert_eq!(locked.status, 409, "{}", locked.text());
        app.run_jobs().await;
        assert!(scene.verification(&id).await["attributes"]["redacted-at"].is_string());
    }

    async fn what_was_locked_during_a_redaction_is_redacted_when_it_is_unlocked(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let id = handed_in(&scene).await.id;
        let other = scene.begin("face").await;
        assert_eq!(scene.send(Method::DELETE, &format!("/inquiries/{}", scene.inquiry)).await.status, 200);
        // As if the lock had come at the same moment.
        let subject = id.clone();
        scene.write(move |cx| {
            let mut found = record::get::<Verification>(cx.tx, cx.scope, cx.master, subject.as_str())?;
            let next = Verification { locked_at: Some(cx.scope.now), ..found.item.clone() };
            record::update(cx, &mut found, next, Vec::new())
        }).await;
        app.run_jobs().await;
        assert_eq!(scene.verification(&id).await["attributes"]["redacted-at"], Value::Null);
        assert!(scene.verification(&other).await["attributes"]["redacted-at"].is_string());
        let told = |events: Vec<String>| events.iter().filter(|name| name.as_str() == "inquiry.redacted").count();
        assert_eq!(told(scene.events().await), 0, "not all is done");

        let unlocked = scene.send(Method::POST, &format!("/verifications/{id}/investigation-unlock")).await;
        assert_eq!(unlocked.status, 200, "{}", unlocked.text());
        app.run_jobs().await;
        assert!(scene.verification(&id).await["attributes"]["redacted-at"].is_string());
        assert_eq!(told(scene.events().await), 1);
    }

    async fn redaction_keeps_the_status_of_what_was_handed_in(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let selfie = Submission::Selfie { center: picture("a face", "f.png"), left: None, right: None };
        let submitted = scene.hand_in("face", selfie, Means::Alone).await.id;
        let open = scene.begin("email").await;
        for (id, status) in [(submitted, "submitted"), (open, "canceled")] {
            let redacted = scene.send(Method::DELETE, &format!("/verifications/{id}")).await;
            assert_eq!(redacted.at("/data/attributes/status"), &json!(status), "{}", redacted.text());
        }
    }
}
