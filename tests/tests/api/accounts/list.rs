//! `GET /accounts`

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything, reference};

async fn with_accounts(db: TestDb, n: usize) -> (TestApp, Vec<String>) {
    let app = TestApp::start(db).await;
    let mut newest_first = Vec::new();
    for i in 0..n {
        newest_first.insert(0, app.post("/accounts", reference(&format!("r-{i}"))).await.id().to_owned());
    }
    (app, newest_first)
}

on_both! {
    async fn an_empty_list_has_no_links(db: TestDb) {
        let app = TestApp::start(db).await;

        assert_eq!(app.get("/accounts").await.json, json!({ "data": [], "links": { "prev": null, "next": null } }));
    }

    async fn accounts_are_paged_newest_first_in_both_directions(db: TestDb) {
        let (app, all) = with_accounts(db, 25).await;

        let first = app.get("/accounts").await;
        let second = app.get(first.text_at("/links/next")).await;
        let third = app.get(second.text_at("/links/next")).await;
        let back = app.get(third.text_at("/links/prev")).await;
        let start = app.get(back.text_at("/links/prev")).await;

        assert_eq!(first.ids(), all[..10]);
        assert_eq!(second.ids(), all[10..20]);
        assert_eq!(third.ids(), all[20..]);
        assert_eq!(back.ids(), all[10..20]);
        assert_eq!(start.ids(), all[..10]);
        assert_eq!([first.at("/links/prev"), third.at("/links/next"), start.at("/links/prev")], [&Value::Null; 3]);
        assert_eq!(first.text_at("/links/next"), format!("/api/v1/accounts?page%5Bafter%5D={}", all[9]));
        assert_eq!(back.text_at("/links/prev"), format!("/api/v1/accounts?page%5Bbefore%5D={}", all[10]));
    }

    async fn links_keep_the_other_parameters(db: TestDb) {
        let (app, all) = with_accounts(db, 3).await;

        let page = app.get("/accounts?page[size]=1&fields[account]=tags").await;
        let next = app.get(page.text_at("/links/next")).await;

        assert_eq!(page.text_at("/links/next"),
            format!("/api/v1/accounts?fields%5Baccount%5D=tags&page%5Bafter%5D={}&page%5Bsize%5D=1", all[0]));
        assert_eq!(next.ids(), all[1..2]);
        assert_eq!(next.at("/data/0/attributes"), &json!({ "tags": [] }));
        assert_eq!(app.get("/accounts?page[size]=100").await.ids(), all);
    }

    /// A cursor is a place in the order, not an account: it may lie before the first or after the last.
    async fn a_page_beyond_the_end_is_empty(db: TestDb) {
        let (app, all) = with_accounts(db, 2).await;

        assert_eq!(app.get(&format!("/accounts?page[after]={}", all[1])).await.at("/data"), &json!([]));
        assert_eq!(app.get(&format!("/accounts?page[before]={}", all[0])).await.at("/data"), &json!([]));
        assert_eq!(app.get(&format!("/accounts?page[before]={}", all[1])).await.ids(), all[..1]);
    }

    async fn reference_ids_are_found_however_they_are_listed(db: TestDb) {
        let (app, all) = with_accounts(db, 5).await;
        let (r4, r1) = (&all[0], &all[3]);
        let queries = [
            "filter[reference-id]=r-1,r-4",
            "filter%5Breference-id%5D=r-4,r-1",
            "filter[reference-id][]=r-1&filter[reference-id][]=r-4",
            "filter%5Breference_id%5D%5B%5D=R-4&filter[referenceId]=R-1",
            "filter[reference-id]=r-1,r-4,r-1,nobody,",
        ];
        for query in queries {
            assert_eq!(app.get(&format!("/accounts?{query}")).await.ids(), [r4, r1], "{query}");
        }
        assert_eq!(app.get("/accounts?filter[reference-id]=%20R-2%20").await.ids(), all[2..3]);
        assert_eq!(app.get("/accounts?filter[reference-id]=nobody").await.at("/data"), &json!([]));
    }

    async fn a_filtered_list_is_paged_too(db: TestDb) {
        let (app, all) = with_accounts(db, 5).await;
        let query = "filter[reference-id]=r-0,r-1,r-2,r-3,r-4&page[size]=2";

        let first = app.get(&format!("/accounts?{query}")).await;
        let second = app.get(first.text_at("/links/next")).await;
        let third = app.get(second.text_at("/links/next")).await;
        let back = app.get(third.text_at("/links/prev")).await;

        assert_eq!([first.ids(), second.ids(), third.ids()].concat(), all);
        assert_eq!(back.ids(), second.ids());
        assert_eq!(third.at("/links/next"), &Value::Null);
    }

    async fn a_reference_id_is_found_in_every_type(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let user = app.post("/accounts", reference("u-1")).await;
        let typed = app.post("/accounts", attributes(json!({ "account-type-id": ty, "reference-id": "U-1" }))).await;

        let found = app.get("/accounts?filter[reference-id]=u-1").await;

        assert_eq!(found.ids(), [typed.id(), user.id()]);
    }

    /// Who was told that an account exists finds it in the list at once.
    async fn a_list_shows_a_write_that_was_answered(db: TestDb) {
        let app = TestApp::start(db).await;
        let other = app.second_process();

        for i in 0..20 {
            let account = app.post("/accounts", reference(&format!("r-{i}"))).await;
            assert_eq!(other.get("/accounts?page[size]=1").await.ids(), [account.id()]);
        }
    }
}
