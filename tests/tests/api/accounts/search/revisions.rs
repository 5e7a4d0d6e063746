//! Changing what can be searched, and databases from before there was search.

use muster_app::accounts::{Progress, environments_to_reindex, reindex_environment};
use muster_store::{Statement, params};
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{eq, find, leaf};
use crate::bodies::{account_type, attributes};

static FORGET_EXACT: Statement = Statement { name: "test", sql: "DELETE FROM field_index" };
static FORGET_ORDERED: Statement = Statement { name: "test", sql: "DELETE FROM ordered_index" };
static TO_BE_INDEXED: Statement =
    Statement { name: "test", sql: "INSERT INTO search_backlog (environment_id, after_id) VALUES ($1, '')" };
static COUNT_ORDERED: Statement = Statement { name: "test", sql: "SELECT COUNT(*) FROM ordered_index" };

async fn entries(app: &TestApp) -> i64 {
    let count = app.app.db.read("test", |tx| tx.query(&COUNT_ORDERED, &[], |row| row.int(0)));
    count.await.unwrap()[0]
}

fn definition(config: Value) -> Value {
    json!({ "name": "Person", "field-schemas": [
        { "key": "nick", "type": "string", "config": config },
        { "key": "home", "type": "hash", "config": { "item-schemas": [{ "key": "city", "type": "string", "config": config }] } },
    ] })
}

async fn revise(app: &TestApp, ty: &str, config: Value) {
    app.patch(&format!("/account-types/{ty}"), attributes(definition(config))).await.good();
}

on_both! {
    async fn a_field_that_becomes_searchable_is_found_in_stored_accounts(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, definition(json!({}))).await;
        let wishes = json!({ "account-type-id": ty, "fields": { "nick": "Ada", "home": { "city": "Oslo" } } });
        let id = app.post("/accounts", attributes(wishes)).await.id().to_owned();

        revise(&app, &ty, json!({ "searchable": true })).await;
        assert_eq!(find(&app, eq("fields.nick", json!("ada"))).await, [id.as_str()]);
        assert_eq!(find(&app, eq("fields.home.city", json!("oslo"))).await, [id.as_str()]);

        revise(&app, &ty, json!({ "searchable": true, "ordered": true })).await;
        assert_eq!(find(&app, leaf("fields.nick", "gt", json!("a"))).await, [id.as_str()]);
        assert_eq!(find(&app, leaf("fields.home.city", "lte", json!("oslo"))).await, [id.as_str()]);

        revise(&app, &ty, json!({})).await;
        let refused = app.post("/accounts/search", json!({ "query": eq("fields.nick", json!("ada")) })).await;
        assert_eq!(refused.status, 400);
        assert_eq!(entries(&app).await, 0, "nothing is kept in order any more");
        revise(&app, &ty, json!({ "searchable": true, "ordered": true })).await;
        assert_eq!(find(&app, leaf("fields.nick", "lt", json!("b"))).await, [id.as_str()]);
    }

    /// Accounts of an older Muster stand in no index: they are indexed in slices, and until then a search
    /// says that it has to wait rather than leaving them out.
    async fn accounts_from_before_there_was_search_are_indexed_later(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, definition(json!({ "searchable": true, "ordered": true }))).await;
        let wishes = json!({ "account-type-id": ty, "fields": { "nick": "Ada" } });
        let id = app.post("/accounts", attributes(wishes)).await.id().to_owned();
        let environment = app.tenant.environment.clone();
        app.app.db.write("test", move |tx| {
            tx.execute(&FORGET_EXACT, &[])?;
            tx.execute(&FORGET_ORDERED, &[])?;
            tx.execute(&TO_BE_INDEXED, params![&environment])
        }).await.unwrap();

        assert_eq!(app.post("/accounts/search", json!({})).await.status, 503);
        assert_eq!(slices(&app).await, [1, 0]);

        assert_eq!(find(&app, eq("fields.nick", json!("ada"))).await, [id.as_str()]);
        assert_eq!(find(&app, leaf("fields.nick", "gte", json!("ada"))).await, [id.as_str()]);
        assert_eq!(slices(&app).await, [0; 0]);
    }
}

/// Indexes what waits for it, and tells how many accounts each slice had.
async fn slices(app: &TestApp) -> Vec<usize> {
    let (master, catalogs, now) = (app.app.master.clone(), app.app.catalogs.clone(), app.now());
    let work = move |tx: &mut muster_store::Tx<'_>| {
        let mut counts = Vec::new();
        for environment in environments_to_reindex(tx)? {
            let catalog = catalogs.current(tx, &environment.organization_id)?;
            loop {
                let slice = reindex_environment(tx, &master, (&environment.id, &catalog), now)?;
                counts.push(slice.accounts);
                if slice.progress == Progress::Done {
                    break;
                }
            }
        }
        Ok::<_, muster_app::Error>(counts)
    };
    app.app.db.write("test", work).await.unwrap()
}
