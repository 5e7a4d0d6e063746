//! `last-used-at`: written beside the requests.

use std::time::Duration;

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

on_both! {
    /// A process that ends writes what it knows; the newest use of any process is shown.
    async fn the_newest_use_of_a_key_is_shown_once_its_process_has_written_it(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = app.post("/api-keys", attributes(json!({ "name": "A" }))).await;
        let path = format!("/api-keys/{}", made.id());
        let key = made.text_at("/data/attributes/value");
        let shown = async || app.get(&path).await.at("/data/attributes/last-used-at").clone();
        let (early, late) = (app.second_process(), app.second_process());

        early.request(Method::GET, "/accounts").key(key).send().await.good();
        app.advance(Duration::from_secs(60));
        late.request(Method::GET, "/accounts").key(key).send().await.good();
        let used = app.now();
        assert_eq!(shown().await, Value::Null, "a request writes nothing");

        drop(late);
        assert_eq!(shown().await, json!(used.to_rfc3339_millis()));
        drop(early);
        assert_eq!(shown().await, json!(used.to_rfc3339_millis()), "an older use is no news");
    }

    async fn a_request_that_is_turned_away_is_no_use(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();
        let made = app.post("/api-keys", attributes(json!({ "name": "A", "permissions": ["event.read"] }))).await;
        let key = made.text_at("/data/attributes/value");
        assert_eq!(other.request(Method::GET, "/accounts").key(key).send().await.status, 403);
        drop(other);
        let shown = app.get(&format!("/api-keys/{}", made.id())).await;
        assert_eq!(shown.at("/data/attributes/last-used-at"), &Value::Null);
    }
}
