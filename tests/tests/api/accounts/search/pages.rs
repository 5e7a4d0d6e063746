//! Pages of what was found, and what else a search takes.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{eq, searchable};
use crate::bodies::{account_type, attributes, reference};

async fn with_accounts(db: TestDb, n: usize) -> (TestApp, Vec<String>) {
    let app = TestApp::start(db).await;
    let mut newest_first = Vec::new();
    for i in 0..n {
        newest_first.insert(0, app.post("/accounts", reference(&format!("r-{i}"))).await.id().to_owned());
    }
    (app, newest_first)
}

on_both! {
    async fn an_empty_search_finds_everything_newest_first(db: TestDb) {
        let (app, all) = with_accounts(db, 12).await;

        let first = app.post("/accounts/search", json!({})).await;
        let second = app.post(first.text_at("/links/next"), json!({})).await;
        let nulls = json!({ "query": null, "sort": null, "page": null });

        assert_eq!([first.ids(), second.ids()], [&all[..10], &all[10..]]);
        assert_eq!(first.at("/links/prev"), &Value::Null);
        assert_eq!(first.text_at("/links/next"), format!("/api/v1/accounts/search?page%5Bafter%5D={}", all[9]));
        assert_eq!(second.at("/links/next"), &Value::Null);
        assert_eq!(app.post("/accounts/search", nulls).await.ids(), first.ids());
        assert_eq!(first.at("/data/0"), app.get(&format!("/accounts/{}", all[0])).await.at("/data"));
    }

    async fn the_query_goes_before_the_body(db: TestDb) {
        let (app, all) = with_accounts(db, 9).await;
        let search = async |query: &str, page: Value| {
            let reply = app.post(&format!("/accounts/search{query}"), json!({ "page": page })).await;
            reply.ids().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };

        assert_eq!(search("", json!({ "size": 2 })).await, all[..2]);
        assert_eq!(search("", json!({ "size": 2, "after": all[1] })).await, all[2..4]);
        assert_eq!(search("", json!({ "size": 2, "before": all[4] })).await, all[2..4]);
        assert_eq!(search("?page[size]=3", json!({ "size": 2, "after": all[1] })).await, all[2..5]);
        assert_eq!(search(&format!("?page[after]={}", all[5]), json!({ "size": 2, "after": all[1] })).await, all[6..8]);
        assert_eq!(search(&format!("?page[before]={}", all[5]), json!({ "size": 2, "after": all[1] })).await, all[3..5]);
    }

    async fn ascending_is_the_other_way_round(db: TestDb) {
        let (app, mut all) = with_accounts(db, 7).await;
        all.reverse();
        let body = json!({ "sort": { "attribute": "created_at", "direction": "asc" }, "page": { "size": 3 } });

        let first = app.post("/accounts/search", body.clone()).await;
        let second = app.post(first.text_at("/links/next"), body.clone()).await;
        let back = app.post(second.text_at("/links/prev"), body.clone()).await;

        assert_eq!([first.ids(), second.ids(), back.ids()], [&all[..3], &all[3..6], &all[..3]]);
    }

    async fn those_without_a_value_come_last_in_either_direction(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, searchable()).await;
        let mut ids = Vec::new();
        for count in [Some(2), None, Some(1), Some(2), None] {
            let body = attributes(json!({ "account-type-id": ty, "fields": { "count": count } }));
            ids.push(app.post("/accounts", body).await.id().to_owned());
        }
        for (direction, order) in [("asc", [2, 0, 3, 1, 4]), ("desc", [3, 0, 2, 4, 1])] {
            let expected: Vec<&String> = order.iter().map(|&i| &ids[i]).collect();
            let body = json!({ "sort": { "attribute": "fields.count", "direction": direction }, "page": { "size": 2 } });
            let mut found: Vec<String> = Vec::new();
            let mut next = Some("/accounts/search".to_owned());
            while let Some(path) = next {
                let page = app.post(&path, body.clone()).await;
                found.extend(page.ids().into_iter().map(str::to_owned));
                next = page.at("/links/next").as_str().map(str::to_owned);
            }
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{direction}");
        }
    }

    /// In the order of creation a cursor is a place; in any other it must be an account.
    async fn a_cursor_that_is_no_account_is_not_found(db: TestDb) {
        let (app, all) = with_accounts(db, 3).await;
        let cursor = "act_111111111111111111111111";
        let body = json!({ "sort": { "attribute": "updated_at", "direction": "asc" } });
        let path = format!("/accounts/search?page[after]={cursor}");

        assert_eq!(app.post(&path, body).await.problem(), "404 Record not found");
        let ascending = json!({ "sort": { "attribute": "created_at", "direction": "asc" } });
        assert_eq!(app.post(&path, ascending).await.ids(), [&all[2], &all[1], &all[0]]);
    }

    async fn replies_are_shaped_as_any_other(db: TestDb) {
        let (app, all) = with_accounts(db, 2).await;
        let body = json!({ "query": eq("reference_id", json!("r-1")) });

        let sparse = app.post("/accounts/search?fields[account]=reference-id", body.clone()).await;
        let request = app.request(Method::POST, "/accounts/search").header("Key-Inflection", "camel");
        let camel = request.json(&body).send().await;

        assert_eq!(sparse.ids(), [&all[0]]);
        assert_eq!(sparse.at("/data/0/attributes"), &json!({ "reference-id": "r-1" }));
        assert_eq!(camel.at("/data/0/attributes/referenceId"), "r-1");
    }

    /// A search changes nothing: nothing is kept under its key, and the key is free for a write.
    async fn an_idempotency_key_has_no_effect_on_a_search(db: TestDb) {
        let (app, all) = with_accounts(db, 1).await;
        let send = async |path: &str, body: Value| {
            app.request(Method::POST, path).header("Idempotency-Key", "k-1").json(&body).send().await
        };

        assert_eq!(send("/accounts/search", json!({ "sort": 1 })).await.status, 400);
        assert_eq!(send("/accounts/search", json!({})).await.ids(), all);
        let created = send("/accounts", reference("r-9")).await.id().to_owned();
        assert_eq!(send("/accounts/search", json!({})).await.ids(), [created.as_str(), &all[0]]);
        assert_eq!(send("/accounts", reference("r-9")).await.id(), created);
    }
}
