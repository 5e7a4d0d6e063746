//! Reports that a provider answers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::Method;
use muster_app::outside::{Answer, Failure, Outside, Providers, Question};
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{ask, asking, attribute, report};

/// A provider of e-mail reports that gives one answer after the other, and the last one for ever.
struct Played {
    answers: Vec<Result<Value, Failure>>,
    asked: AtomicUsize,
}

impl Providers for Played {
    fn knows(&self, topic: &str) -> bool {
        ["report/email-address", "report/adverse-media"].contains(&topic)
    }

    fn ask(&self, question: &Question) -> Result<Answer, Failure> {
        let asked = question.body["report-id"].as_str().unwrap();
        assert_eq!(question.id, format!("{asked}-1"), "asking again is the same question");
        let query = &question.body["query"];
        assert!(query["email-address"] == "ines@example.com" || query["term"] == "Ines Sala", "{query}");
        let turn = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        self.answers[turn].clone().map(Answer)
    }
}

/// What becomes of a report that these answers are given to: its ID.
async fn answered(db: TestDb, answers: Vec<Result<Value, Failure>>) -> (TestApp, String) {
    answered_about(db, ("email-address", json!({ "email-address": "ines@example.com" })), answers).await
}

/// The same, of a report of any kind.
async fn answered_about(
    db: TestDb,
    (kind, query): (&str, Value),
    answers: Vec<Result<Value, Failure>>,
) -> (TestApp, String) {
    let providers: Arc<dyn Providers> = Arc::new(Played { answers, asked: AtomicUsize::new(0) });
    let app = TestApp::start_outside(db, Outside { providers: Some(providers), ..Outside::default() }).await;
    let id = ask(&app, kind, query).await;
    for _ in 0..8 {
        app.run_jobs().await;
        app.advance(Duration::from_secs(60));
    }
    (app, id)
}

fn unreachable() -> Result<Value, Failure> {
    Err(Failure::Unreachable("timeout".to_owned()))
}

/// Does jobs for some hours.
async fn wait_hours(app: &TestApp, hours: u32) {
    for _ in 0..hours * 6 {
        app.advance(Duration::from_mins(10));
        app.run_jobs().await;
    }
}

/// A provider of e-mail reports that is slow the first time: it says that it was asked, and answers when it is let.
struct Slow {
    asked: Mutex<Option<Sender<()>>>,
    answers: Mutex<Receiver<()>>,
}

impl Providers for Slow {
    fn knows(&self, topic: &str) -> bool {
        topic == "report/email-address"
    }

    fn ask(&self, _: &Question) -> Result<Answer, Failure> {
        let asked = self.asked.lock().unwrap().take();
        if let Some(asked) = asked {
            asked.send(()).unwrap();
            self.answers.lock().unwrap().recv().unwrap();
        }
        Ok(Answer(json!({ "status": "ready", "has-match": false })))
    }
}

/// The body that asks for an e-mail report and waits for it.
fn waiting() -> Value {
    let mut body = asking("email-address", json!({ "email-address": "ines@example.com" }));
    body["meta"] = json!({ "processing-mode": "sync" });
    body
}

on_both! {
    /// The answer that somebody waits for comes after a job was quicker: the run that was asked for since is made.
    async fn a_slow_first_run_takes_no_later_one_out(db: TestDb) {
        let ((asked, was_asked), (answer, answers)) = (channel(), channel());
        let providers: Arc<dyn Providers> = Arc::new(Slow { asked: Mutex::new(Some(asked)), answers: Mutex::new(answers) });
        let app = TestApp::start_outside(db, Outside { providers: Some(providers), ..Outside::default() }).await;
        let meanwhile = async {
            tokio::task::spawn_blocking(move || was_asked.recv().unwrap()).await.unwrap();
            app.advance(Duration::from_mins(2));
            app.run_jobs().await;
            let id = app.get("/reports").await.ids()[0].to_owned();
            assert_eq!(attribute(&app, &id, "status").await, json!("ready"), "the job has made the first run");
            app.request(Method::POST, &format!("/reports/{id}/run")).send().await.good();
            answer.send(()).unwrap();
            id
        };
        let (made, id) = tokio::join!(app.post("/reports", waiting()), meanwhile);
        assert_eq!(made.id(), id);
        app.run_jobs().await;
        assert_eq!(app.get(&format!("/reports/{id}/runs")).await.ids().len(), 2);
    }

    async fn a_request_that_comes_twice_takes_no_run_out(db: TestDb) {
        let app = TestApp::start(db).await;
        let send = || app.request(Method::POST, "/reports").json(&waiting()).header("Idempotency-Key", "k-1").send();
        let id = send().await.id().to_owned();
        app.request(Method::POST, &format!("/reports/{id}/run")).send().await.good();
        assert_eq!(send().await.id(), id);
        app.run_jobs().await;
        assert_eq!(app.get(&format!("/reports/{id}/runs")).await.ids().len(), 2);
    }

    async fn a_provider_may_answer_late_and_after_failing(db: TestDb) {
        let told = json!({ "email-reputation": "low", "email-is-spam": true, "nobody-knows": 1 });
        let ready = json!({ "status": "ready", "has-match": true, "attributes": told });
        let pending = json!({ "status": "pending", "retry-after-seconds": 5 });
        let (app, id) = answered(db, vec![unreachable(), Ok(pending), Ok(ready)]).await;
        let shown = report(&app, &id).await;
        assert_eq!((shown.text_at("/data/attributes/status"), shown.at("/data/attributes/has-match")), ("ready", &json!(true)));
        assert_eq!((shown.text_at("/data/attributes/email-reputation"), shown.at("/data/attributes/tags")), ("low", &json!([])));
        assert_eq!(app.get(&format!("/reports/{id}/runs")).await.ids().len(), 1);
    }

    async fn a_provider_of_no_help_makes_nothing_clean(db: TestDb) {
        let odd = json!({ "status": "ready", "has-match": false, "attributes": { "email-reputation": 7 } });
        let (app, id) = answered(db, vec![Ok(odd)]).await;
        assert_eq!(attribute(&app, &id, "status").await, json!("errored"));
        let runs = app.get(&format!("/reports/{id}/runs")).await;
        assert!(runs.text_at("/data/0/attributes/error").contains("email-reputation must be a string"), "{}", runs.text());
    }

    /// What leaves out whether there is a match must not pass for clean.
    async fn an_answer_that_says_too_little_is_no_clean_result(db: TestDb) {
        let term = json!({ "term": "Ines Sala" });
        let entity = json!({
            "entity-id": "", "name": "", "akas": [], "birthdates": [], "match-types": [], "media": [], "sources": [],
        });
        let ready = |rest: Value| {
            let mut answer = json!({ "status": "ready" });
            answer.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            Ok(answer)
        };
        let table = [
            (ready(json!({})), "has-match must be true or false"),
            (ready(json!({ "has-match": "no" })), "has-match must be true or false"),
            (ready(json!({ "has-match": false })), "related-sources must be given"),
            (ready(json!({ "has-match": true, "attributes": { "related-sources": [] } })), "related-sources must have somebody"),
            (ready(json!({ "has-match": true, "attributes": { "related-sources": [entity] } })), "must have an ID"),
        ];
        let answers = table.iter().map(|(answer, _)| answer.clone()).collect();
        let (app, first) = answered_about(db, ("adverse-media", term.clone()), answers).await;
        let mut ids = vec![first];
        for _ in 1..table.len() {
            ids.push(ask(&app, "adverse-media", term.clone()).await);
            app.run_jobs().await;
        }
        for (id, (_, why)) in ids.iter().zip(&table) {
            assert_eq!(attribute(&app, id, "status").await, json!("errored"), "{why}");
            let runs = app.get(&format!("/reports/{id}/runs")).await;
            assert!(runs.text_at("/data/0/attributes/error").contains(why), "{}", runs.text());
        }
    }

    async fn a_provider_that_found_nobody_says_so(db: TestDb) {
        let clean = json!({ "status": "ready", "has-match": false, "attributes": { "related-sources": [] } });
        let (app, id) = answered_about(db, ("adverse-media", json!({ "term": "Ines Sala" })), vec![Ok(clean)]).await;
        let shown = report(&app, &id).await;
        assert_eq!((shown.text_at("/data/attributes/status"), shown.at("/data/attributes/has-match")), ("ready", &json!(false)));
    }

    async fn a_provider_that_is_away_is_waited_for_for_half_a_day(db: TestDb) {
        let (app, id) = answered(db, vec![unreachable()]).await;
        wait_hours(&app, 6).await;
        assert_eq!(attribute(&app, &id, "status").await, json!("pending"));
        wait_hours(&app, 18).await;
        assert_eq!(attribute(&app, &id, "status").await, json!("errored"));
        assert_eq!(app.events().await.last().unwrap(), "report/email-address.errored");
        let runs = app.get(&format!("/reports/{id}/runs")).await;
        assert!(runs.text_at("/data/0/attributes/error").contains("unreachable"), "{}", runs.text());
    }

    async fn a_provider_that_is_never_ready_is_waited_for_for_a_day(db: TestDb) {
        let pending = json!({ "status": "pending", "retry-after-seconds": 600 });
        let (app, id) = answered(db, vec![Ok(pending.clone()), unreachable(), Ok(pending)]).await;
        wait_hours(&app, 23).await;
        assert_eq!(attribute(&app, &id, "status").await, json!("pending"));
        wait_hours(&app, 2).await;
        assert_eq!(attribute(&app, &id, "status").await, json!("errored"));
        let runs = app.get(&format!("/reports/{id}/runs")).await;
        assert!(runs.text_at("/data/0/attributes/error").contains("not ready"), "{}", runs.text());
    }

    /// Whoever waits is not told that it cannot be done when it may be done later.
    async fn a_provider_that_is_away_leaves_a_synchronous_run_to_its_job(db: TestDb) {
        let ready = json!({ "status": "ready", "has-match": false });
        let providers: Arc<dyn Providers> = Arc::new(Played { answers: vec![unreachable(), Ok(ready)], asked: AtomicUsize::new(0) });
        let app = TestApp::start_outside(db, Outside { providers: Some(providers), ..Outside::default() }).await;
        let made = app.post("/reports", waiting()).await;
        assert_eq!(made.text_at("/data/attributes/status"), "pending");
        app.advance(Duration::from_mins(2));
        app.run_jobs().await;
        assert_eq!(attribute(&app, made.id(), "status").await, json!("ready"));
    }

    /// Versions before the history had a list of runs in the report, which was empty at the end.
    async fn older_versions_have_an_empty_list_of_runs(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = ask(&app, "watchlist", json!({ "term": "Ines Sala" })).await;
        let old = app.request(Method::GET, &format!("/reports/{id}")).header("Persona-Version", "2025-10-27");
        assert_eq!(old.send().await.at("/data/attributes/run-history"), &json!([]));
        assert_eq!(attribute(&app, &id, "run-history").await, Value::Null);
    }
}
