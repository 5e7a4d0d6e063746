//! `GET /api-keys`: newest first, by name, by pages.

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::json;

use crate::bodies::attributes;

on_both! {
    async fn keys_are_listed_newest_first_page_by_page(db: TestDb) {
        let app = TestApp::start(db).await;
        let mut ids = vec![app.get("/api-keys").await.ids()[0].to_owned()];
        for n in 0..6 {
            let name = if n % 2 == 0 { "Even" } else { "Odd, really" };
            ids.insert(0, app.post("/api-keys", attributes(json!({ "name": name }))).await.id().to_owned());
        }
        app.post(&format!("/api-keys/{}/expire", ids[0]), json!({ "meta": { "expires-in-seconds": 0 } })).await.good();

        assert_eq!(app.get("/api-keys").await.ids(), ids);
        let first = app.get("/api-keys?page[size]=3").await;
        assert_eq!(first.ids(), ids[..3]);
        assert!(first.at("/links/prev").is_null());
        let second = app.get(first.text_at("/links/next")).await;
        assert_eq!(second.ids(), ids[3..6]);
        assert_eq!(app.get(second.text_at("/links/prev")).await.ids(), ids[..3]);
        let last = app.get(second.text_at("/links/next")).await;
        assert_eq!(last.ids(), ids[6..]);
        assert!(last.at("/links/next").is_null());

        let even: Vec<&String> = ids[1..6].iter().step_by(2).collect();
        assert_eq!(app.get("/api-keys?filter[name]=Even").await.ids(), even);
        let page = app.get("/api-keys?filter[name]=Even&page[size]=2").await;
        assert_eq!(page.ids(), even[..2]);
        let rest = app.get(page.text_at("/links/next")).await;
        assert_eq!(rest.ids(), even[2..]);
        assert_eq!(app.get(rest.text_at("/links/prev")).await.ids(), even[..2]);
        assert_eq!(app.get("/api-keys?filter[name]=Even,Test").await.ids().len(), 4);
        assert_eq!(app.get("/api-keys?filter[name]=even").await.ids(), Vec::<&str>::new());
        assert_eq!(app.get("/api-keys?filter[note]=x").await.status, 400);
        assert_eq!(app.get("/api-keys?page[after]=act_1").await.status, 400);
        assert!(!app.get("/api-keys").await.text().contains(r#""value""#));
    }
}
