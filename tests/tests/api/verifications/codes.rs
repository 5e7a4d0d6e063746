//! Codes sent by e-mail.

use std::time::Duration;

use hyper::Method;
use muster_app::Error;
use muster_app::verifications::{self, Delivery, How, Means, Submission, enter_code, means, send_code};
use muster_domain::VerificationId;
use muster_domain::verification::VerificationKind;
use muster_domain::verification::code::{Entered, SANDBOX_CODE, TRIES_MAX};
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::json;

use super::scene::{Scene, picture};

async fn send(scene: &Scene<'_>, id: &VerificationId, delivery: Delivery) -> muster_app::Result<String> {
    let id = id.clone();
    let sent = scene.on_inquiry(move |cx, inquiry| {
        send_code(cx, inquiry, &id, "erika@example.org", delivery).map(|(_, code)| code.expose().to_owned())
    });
    sent.await
}

async fn enter(scene: &Scene<'_>, id: &VerificationId, code: &str) -> muster_app::Result<Entered> {
    let (id, code) = (id.clone(), code.to_owned());
    scene.on_inquiry(move |cx, inquiry| enter_code(cx, inquiry, &id, &code).map(|(_, entered)| entered)).await
}

on_both! {
    async fn the_right_code_confirms_and_passes(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::of(&app, app.sibling_environment().await).await;
        let id = scene.begin("email").await;
        assert!(enter(&scene, &id, "000042").await.is_err(), "nothing was sent yet");
        assert_eq!(send(&scene, &id, Delivery::Sent(42)).await.unwrap(), "000042");
        assert_eq!(enter(&scene, &id, "000041").await.unwrap(), Entered::Wrong { tries_left: TRIES_MAX - 1 });
        assert_eq!(enter(&scene, &id, "000 042").await.unwrap(), Entered::Right);
        let found = scene.get(&format!("/verification/email-addresses/{id}")).await;
        assert_eq!(found.at("/data/attributes/status"), &json!("passed"));
        assert_eq!(found.at("/data/attributes/email-address"), &json!("erika@example.org"));
        assert_eq!(found.at("/data/attributes/confirmation-code"), &json!(""));
        assert_eq!(
            found.at("/data/attributes/checks/0/name"),
            &json!("email_address_confirmation_comparison")
        );
        assert!(matches!(enter(&scene, &id, "000042").await, Err(Error::Conflict { .. })));
        let dump = app.dump();
        assert!(!dump.windows(17).any(|window| window == b"erika@example.org"));
    }

    async fn codes_run_out_and_are_not_sent_at_once_again(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::of(&app, app.sibling_environment().await).await;
        let id = scene.begin("email").await;
        for random in 0..5 {
            send(&scene, &id, Delivery::Sent(random)).await.unwrap();
            assert!(send(&scene, &id, Delivery::Sent(9)).await.is_err(), "half a minute must pass");
            for _ in 1..TRIES_MAX {
                assert!(matches!(enter(&scene, &id, "999999").await, Ok(Entered::Wrong { .. })));
            }
            assert_eq!(enter(&scene, &id, "999999").await.unwrap(), Entered::TriedTooOften);
            app.advance(Duration::from_secs(31));
        }
        assert_eq!(scene.verification(&id).await["attributes"]["status"], "failed");
    }

    async fn beginning_again_gives_no_more_codes_and_no_more_attempts(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::of(&app, app.sibling_environment().await).await;
        for random in 0..5 {
            let id = scene.begin("email").await;
            send(&scene, &id, Delivery::Sent(random)).await.unwrap();
            let again = scene.begin("email").await;
            assert!(send(&scene, &again, Delivery::Sent(9)).await.is_err(), "half a minute must pass");
            app.advance(Duration::from_secs(31));
        }
        let last = scene.begin("email").await;
        assert!(send(&scene, &last, Delivery::Sent(9)).await.is_err(), "five codes were sent");
        let listed = scene.get(&format!("/inquiries/{}", scene.inquiry)).await;
        let made = listed.at("/data/relationships/verifications/data").as_array().unwrap().len();
        assert_eq!(made, 1, "nobody counts a second one beside it");
    }

    async fn nothing_is_sent_entered_or_handed_in_after_a_decision(db: TestDb) {
        for action in ["approve", "decline", "mark-for-review"] {
            let app = TestApp::start(TestDb::of(db.engine())).await;
            let scene = Scene::of(&app, app.sibling_environment().await).await;
            let (email, face) = (scene.begin("email").await, scene.begin("face").await);
            send(&scene, &email, Delivery::Sent(42)).await.unwrap();
            app.advance(Duration::from_secs(31));
            let path = format!("/inquiries/{}/{action}", scene.inquiry);
            let decided = scene.send(Method::POST, &path).await;
            assert_eq!(decided.status, 200, "{}", decided.text());
            for id in [&email, &face] {
                assert_eq!(scene.verification(id).await["attributes"]["status"], "canceled");
            }
            let refused = enter(&scene, &email, "000042").await;
            assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
            assert!(matches!(send(&scene, &email, Delivery::Sent(7)).await, Err(Error::Conflict { .. })));
            let selfie = Submission::Selfie { center: picture("a face", "f.png"), left: None, right: None };
            let refused = scene.on_inquiry(move |cx, inquiry| {
                let how = How::Checked(Means::Alone);
                verifications::submit(cx, inquiry, &face, &selfie, how).map(|_| ())
            });
            let refused = refused.await;
            assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
        }
    }

    async fn a_sandbox_has_one_code_and_production_needs_a_mail_server(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        let id = scene.begin("email").await;
        assert_eq!(send(&scene, &id, Delivery::Shown).await.unwrap(), SANDBOX_CODE);
        assert_eq!(enter(&scene, &id, SANDBOX_CODE).await.unwrap(), Entered::Right);
        let production = Scene::of(&app, app.sibling_environment().await).await;
        let shown = production.begin("email").await;
        assert!(send(&production, &shown, Delivery::Shown).await.is_err());
        for (scene, expected) in [(&scene, Ok(Means::Sandbox)), (&production, Err(()))] {
            let app = std::sync::Arc::clone(&scene.app.app);
            let found = scene.write(move |cx| {
                Ok([VerificationKind::EmailAddress, VerificationKind::Database]
                    .map(|kind| means(&app, cx.scope, kind).map_err(|_| ())))
            });
            assert_eq!(found.await, [expected, expected]);
        }
    }
}
