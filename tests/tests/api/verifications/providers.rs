//! Providers that check what Muster cannot.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use muster_app::outside::{Answer, Failure, Outside, Providers, Question};
use muster_app::verifications::{GivenId, Means, Submission};
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::scene::{LINES, Scene, outcome, picture};

/// A provider that gives one answer after the other, and the last one for ever.
struct Played {
    answers: Vec<Result<Value, Failure>>,
    asked: AtomicUsize,
}

impl Providers for Played {
    fn knows(&self, topic: &str) -> bool {
        topic.starts_with("verification/")
    }

    fn ask(&self, question: &Question) -> Result<Answer, Failure> {
        assert!(question.id.starts_with("ver_"));
        let page = if question.topic == "verification/selfie" { "center" } else { "front" };
        assert_eq!(question.body["files"][0]["page"], page);
        assert!(question.body["files"][0]["data"].as_str().is_some_and(|data| data.len() > 8));
        let turn = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        self.answers[turn].clone().map(Answer)
    }
}

async fn asked(db: TestDb, answers: Vec<Result<Value, Failure>>) -> Value {
    let center = picture("a face", "face.png");
    asked_about(db, "face", Submission::Selfie { center, left: None, right: None }, answers).await
}

async fn asked_about(
    db: TestDb,
    key: &'static str,
    submission: Submission,
    answers: Vec<Result<Value, Failure>>,
) -> Value {
    let providers: Arc<dyn Providers> = Arc::new(Played { answers, asked: AtomicUsize::new(0) });
    let outside = Outside { providers: Some(providers), ..Outside::default() };
    let app = TestApp::start_outside(db, outside).await;
    let scene = Scene::of(&app, app.sibling_environment().await).await;
    let made = scene.hand_in(key, submission, Means::Provider).await;
    assert_eq!(made.status.as_str(), "submitted");
    for _ in 0..4 {
        app.run_jobs().await;
        app.advance(Duration::from_secs(60));
    }
    scene.verification(&made.id).await
}

fn answer(status: &str) -> Value {
    json!({ "status": "ready", "checks": [
        { "name": "selfie_liveness_detection", "status": status, "reasons": ["told", "Erika Mustermann"], "metadata": { "score": 1 } },
        { "name": 7, "status": "passed" },
        { "name": "Erika Mustermann", "status": "failed" },
        { "name": "selfie_pose_detection", "status": "perhaps" },
    ] })
}

on_both! {
    async fn a_provider_decides_late_and_after_failing(db: TestDb) {
        let unreachable = Err(Failure::Unreachable("timeout".to_owned()));
        let pending = Ok(json!({ "status": "pending", "retry-after-seconds": 5 }));
        let found = asked(db, vec![unreachable, pending, Ok(answer("passed"))]).await;
        assert_eq!(found["attributes"]["status"], "passed");
        assert_eq!(outcome(&found, "selfie_liveness_detection"), "passed");
        assert_eq!(outcome(&found, "selfie_pose_detection"), "not_applicable");
        let checks = found["attributes"]["checks"].to_string();
        assert!(checks.contains("told") && !checks.contains("Erika"), "words only: they outlive a redaction");
    }

    async fn a_provider_that_is_not_ready_for_a_day_leaves_it_to_somebody(db: TestDb) {
        let pending = json!({ "status": "pending", "retry-after-seconds": 3600 });
        let playing = Arc::new(Played { answers: vec![Ok(pending)], asked: AtomicUsize::new(0) });
        let providers: Arc<dyn Providers> = playing.clone();
        let outside = Outside { providers: Some(providers), ..Outside::default() };
        let app = TestApp::start_outside(db, outside).await;
        let scene = Scene::of(&app, app.sibling_environment().await).await;
        let selfie = Submission::Selfie { center: picture("a face", "f.png"), left: None, right: None };
        let made = scene.hand_in("face", selfie, Means::Provider).await;
        for _ in 0..30 {
            app.run_jobs().await;
            app.advance(Duration::from_secs(3601));
        }
        assert_eq!(playing.asked.load(Ordering::SeqCst), 25, "at once and for a day");
        let found = scene.verification(&made.id).await;
        assert_eq!(found["attributes"]["status"], "submitted");
        assert!(scene.events().await.contains(&"selfie.processed".to_owned()));
    }

    async fn an_answer_that_says_nothing_passes_nothing(db: TestDb) {
        for said in [Ok(json!({})), Ok(answer("not_applicable")), Err(Failure::Refused("400".to_owned()))] {
            let found = asked(TestDb::of(db.engine()), vec![said]).await;
            assert_eq!(found["attributes"]["status"], "submitted");
        }
    }

    async fn good_lines_do_not_pass_where_the_provider_was_of_no_help(db: TestDb) {
        let passport = || {
            let front = Some(picture("the picture page", "passport.png"));
            Submission::GovernmentId(GivenId { front, lines: Some(LINES.to_owned()), ..GivenId::default() })
        };
        let useless = [Ok(json!({})), Ok(json!({ "checks": [] })), Err(Failure::Refused("413".to_owned()))];
        for said in useless {
            let found = asked_about(TestDb::of(db.engine()), "passport", passport(), vec![said]).await;
            assert_eq!(outcome(&found, "id_mrz_inconsistency_detection"), "passed");
            assert_eq!(found["attributes"]["status"], "submitted");
        }
        let good = json!({ "checks": [{ "name": "id_tamper_detection", "status": "passed" }] });
        let found = asked_about(TestDb::of(db.engine()), "passport", passport(), vec![Ok(good)]).await;
        assert_eq!(found["attributes"]["status"], "passed");
    }
}
