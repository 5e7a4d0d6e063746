//! A request that would read too much ends early, and the next one goes on.

use muster_app::accounts::{Among, Limits};
use muster_testkit::{TestDb, on_both};
use serde_json::{Value, json};

use super::eq;
use super::property::{At, World, at_account};
use crate::bodies::attributes;

/// Accounts with these fields, oldest first.
async fn with_accounts(db: TestDb, fields: Vec<Value>) -> (World, Vec<String>) {
    let world = World::without_accounts(db).await;
    let mut ids = Vec::new();
    for fields in fields {
        let body = attributes(json!({ "account-type-id": world.types[0].0, "fields": fields }));
        ids.push(world.app.post("/accounts", body).await.id().to_owned());
    }
    (world, ids)
}

on_both! {
    /// Whoever has a value is opened in vain, and counts nevertheless.
    async fn looking_for_accounts_without_a_value_ends_early_too(db: TestDb) {
        let fields = (0..12).map(|count| if count < 11 { json!({ "count": count }) } else { json!({}) });
        let (world, ids) = with_accounts(db, fields.collect()).await;
        let sort = json!({ "attribute": "fields.count", "direction": "asc" });
        let limits = Limits { opened: 4, ..Limits::default() };
        let page = async |at| world.page((&Value::Null, &sort), (5, limits), at).await;

        let (first, mark) = page(At::After(at_account(&ids[10]))).await;
        let (second, next) = page(At::After(mark.clone().unwrap())).await;
        let (third, _) = page(At::After(next.clone().unwrap())).await;
        let (back, before) = page(At::Before(next.unwrap())).await;

        assert_eq!(mark.unwrap().among, Among::Blank);
        assert_eq!([first.has_older, second.has_older], [true, true]);
        assert_eq!([first.items, second.items, third.items], [&[], &[], &ids[11..]]);
        assert_eq!((back.items.len(), before.map(|mark| mark.id.to_string())), (0, Some(ids[3].clone())));
    }

    async fn a_place_among_those_without_a_value_is_a_cursor(db: TestDb) {
        let fields = vec![json!({}), json!({ "count": 1 }), json!({ "count": 2 }), json!({})];
        let (world, ids) = with_accounts(db, fields).await;
        let search = async |side: &str, by: &str| {
            let sort = json!({ "attribute": by, "direction": "asc" });
            let body = json!({ "sort": sort, "page": { side: format!("{}.blank", ids[2]) } });
            world.app.post("/accounts/search", body).await
        };

        assert_eq!(search("after", "fields.count").await.ids(), [&ids[3]]);
        assert_eq!(search("before", "fields.count").await.ids(), [&ids[1], &ids[2], &ids[0]]);
        let problem = search("after", "updated_at").await.problem();
        assert!(problem.starts_with("400 ") && problem.contains("page.after is a place in the order"), "{problem}");
    }

    /// Indexes that have next to nothing in common are not walked to their ends in one request.
    async fn bringing_indexes_together_ends_early(db: TestDb) {
        let fields = (0..16).map(|n| match n {
            0 => json!({ "tier": "low", "is_vip": true }),
            n if n % 2 == 1 => json!({ "tier": "low", "since": "2020-01-01" }),
            _ => json!({ "is_vip": true, "since": "2020-01-01" }),
        });
        let (world, ids) = with_accounts(db, fields.collect()).await;
        let (low, vip) = (eq("fields.tier", json!("low")), eq("fields.is_vip", json!(true)));
        let sort = json!({ "attribute": "created_at", "direction": "desc" });
        for query in [
            json!({ "and": [low, vip] }),
            json!({ "or": [{ "and": [low, vip] }, { "and": [vip, low] }] }),
            json!({ "not": eq("fields.since", json!("2020-01-01")) }),
        ] {
            let few = Limits { steps: 1, ..Limits::default() };
            let (first, resume) = world.page((&query, &sort), (5, few), At::Start).await;
            assert!(first.items.is_empty() && first.has_older && resume.is_some(), "{query}");
            let (mut found, mut next) = (Vec::new(), resume);
            while let Some(mark) = next.take() {
                let (page, resume) = world.page((&query, &sort), (5, few), At::After(mark)).await;
                found.extend(page.items);
                next = resume;
            }
            assert_eq!(found, ids[..1], "{query}");
            let (all, resume) = world.page((&query, &sort), (5, Limits::default()), At::Start).await;
            assert_eq!((all.items, resume), (found, None), "{query}");
        }
    }
}
