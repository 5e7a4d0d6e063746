//! Verifications that a sandbox makes up (spec A.11, vector 21).

use muster_app::verifications::simulate;
use muster_app::{Error, Result};
use muster_domain::VerificationId;
use muster_domain::verification::Decision;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::json;

use super::scene::Scene;

async fn made_up(scene: &Scene<'_>, key: &'static str, decision: Decision) -> Result<VerificationId> {
    let template = scene.template(key).await;
    let made = scene.on_inquiry(move |cx, inquiry| simulate(cx, inquiry, &template, decision));
    made.await.map(|verification| verification.item.id)
}

on_both! {
    async fn events_tell_first_what_was_handed_in_and_then_of_the_verification(db: TestDb) {
        let app = TestApp::start(db).await;
        for (key, first, decision, last) in [
            ("passport", "document", Decision::Failed, "verification.failed"),
            ("bill", "document", Decision::Passed, "verification.passed"),
            ("face", "selfie", Decision::Passed, "verification.passed"),
            ("register", "", Decision::Failed, "verification.failed"),
        ] {
            let scene = Scene::of(&app, app.second_environment().await).await;
            made_up(&scene, key, decision).await.unwrap();
            let mut expected: Vec<String> = Vec::new();
            if !first.is_empty() {
                expected.extend(["created", "submitted", "processed"].map(|verb| format!("{first}.{verb}")));
            }
            expected.extend(["verification.created", "inquiry.started", "verification.submitted", last].map(str::to_owned));
            let mut events = scene.events().await;
            events.retain(|name| name != "account.created" && name != "inquiry.created");
            assert_eq!(events, expected, "{key}");
        }
    }

    async fn each_kind_is_retrieved_by_its_own_path_and_by_the_common_one(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        for (key, kind, path) in [
            ("passport", "government-id", "government-ids"),
            ("bill", "document", "documents"),
            ("face", "selfie", "selfies"),
            ("register", "database", "databases"),
        ] {
            let id = made_up(&scene, key, Decision::Passed).await.unwrap();
            let found = scene.get(&format!("/verification/{path}/{id}")).await;
            assert_eq!(found.at("/data/type"), &json!(format!("verification/{kind}")));
            assert_eq!(found.at("/data/attributes/status"), &json!("passed"));
            let checks = found.at("/data/attributes/checks").as_array().unwrap();
            assert!(!checks.is_empty() && checks.iter().all(|check| check["status"] == "passed"));
            assert_eq!(scene.verification(&id).await, *found.at("/data"));
            assert_eq!(scene.get(&format!("/verification/email-addresses/{id}")).await.status, 404);
        }
        let inquiry = scene.get(&format!("/inquiries/{}", scene.inquiry)).await;
        assert_eq!(inquiry.at("/data/attributes/status"), &json!("pending"));
        assert_eq!(inquiry.at("/data/relationships/verifications/data").as_array().unwrap().len(), 4);
        assert_eq!(inquiry.at("/data/relationships/selfies/data/0/type"), &json!("selfie/profile-and-center"));
    }

    async fn only_a_sandbox_makes_up_and_only_four_kinds(db: TestDb) {
        let app = TestApp::start(db).await;
        let scene = Scene::new(&app).await;
        assert!(matches!(made_up(&scene, "email", Decision::Passed).await, Err(Error::Invalid(_))));
        let production = Scene::of(&app, app.sibling_environment().await).await;
        assert!(matches!(made_up(&production, "passport", Decision::Passed).await, Err(Error::Invalid(_))));
        assert!(!production.events().await.iter().any(|name| name.starts_with("verification.")));
    }
}
