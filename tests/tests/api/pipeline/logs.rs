//! What is logged when requests go wrong: enough to find the cause, and nobody's data.

use std::io::Write;
use std::sync::{Arc, Mutex, Once};

use hyper::Method;
use muster_store::{Statement, params};
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::bodies::{attributes, reference};

/// The log of the whole test binary: there can be one only.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn capture() -> Self {
        static LOG: Mutex<Option<Log>> = Mutex::new(None);
        static START: Once = Once::new();
        let log = LOG.lock().unwrap().get_or_insert_default().clone();
        START.call_once(|| {
            let filter = EnvFilter::new("info,muster_api=trace,muster_app=trace,muster_store=trace");
            let writer = log.clone();
            let subscriber = tracing_subscriber::fmt().with_ansi(false).with_env_filter(filter);
            subscriber.with_writer(move || writer.clone()).init();
        });
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

on_both! {
    async fn a_log_names_the_request_and_no_person(db: TestDb) {
        let log = Log::capture();
        let app = TestApp::start(db).await;
        let body = json!({ "reference-id": "log-1", "name-first": "Wilhelmina", "name-last": "Quackenbush",
            "birthdate": "1931-07-19", "phone-number": "+4798765432", "email-address": "wilma@quack.test" });
        let account = app.post("/accounts", attributes(body.clone())).await;
        app.post("/accounts", attributes(body)).await;
        for fields in [json!({ "birthdate": "1931-07-99 Quackenbush" }), json!({ "Quackenbush": "Wilhelmina" }), json!({ "name": "Wilhelmina" })] {
            app.post("/accounts", attributes(json!({ "fields": fields }))).await;
        }
        app.request(Method::POST, "/accounts").body_bytes("{\"Wilhelmina\": Quackenbush").send().await;
        app.get("/accounts?filter[reference-id]=Wilhelmina%zzQuackenbush").await;
        damage_accounts(&app).await;

        let broken = app.request(Method::GET, &format!("/accounts/{}", account.id())).breaks().send().await;

        assert_eq!((broken.status, broken.text().as_str()), (500, r#"{"errors":[{"title":"Internal server error"}]}"#));
        let text = log.text();
        assert!(text.contains(broken.header("request-id")), "the cause is logged under the request");
        for value in ["wilhelmina", "quackenbush", "1931-07", "98765432", "wilma"] {
            assert!(!text.to_lowercase().contains(value), "{value}");
        }
        assert!(!text.contains(&app.tenant.key), "nor is a secret logged");
    }

    /// The cause of an error is Muster's and stays inside.
    async fn a_damaged_account_harms_no_other(db: TestDb) {
        let app = TestApp::start(db).await;
        app.post("/accounts", reference("u-1")).await.good();
        damage_accounts(&app).await;

        let fresh = app.post("/accounts", reference("u-2")).await;

        assert_eq!(app.get(&format!("/accounts/{}", fresh.id())).await.status, 200);
        assert_eq!(app.request(Method::GET, "/accounts").breaks().send().await.text(), r#"{"errors":[{"title":"Internal server error"}]}"#);
    }
}

async fn damage_accounts(app: &TestApp) {
    static DAMAGE: std::sync::LazyLock<Statement> = std::sync::LazyLock::new(|| Statement {
        name: "test",
        sql: "UPDATE accounts SET fields = $1".to_owned().leak(),
    });
    let damaged = app.app.db.write("test", |tx| {
        tx.execute(&DAMAGE, params![&b"damaged damaged damaged damaged"[..]]).map(|_| ())
    });
    damaged.await.unwrap();
}
