//! `/accounts/{account-id}/consolidate`, `preview-consolidation`, `unconsolidate`

use muster_testkit::app::Reply;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, upsert};

struct World {
    app: TestApp,
    ty: String,
}

impl World {
    async fn create(db: TestDb) -> Self {
        let app = TestApp::start(db).await;
        let ty = account_type(
            &app,
            json!({ "name": "Client",
            "identifiers": [{ "key": "badge", "unique": true }],
            "field-schemas": [
                { "key": "badge", "type": "string" }, { "key": "phone", "type": "string" },
                { "key": "crm", "type": "string", "config": { "write-policy": "write_once" } },
                { "key": "photo", "type": "file" }
            ],
            "relation-schemas": [
                { "key": "friends", "target": "Client", "many": true, "inverse": "friends" },
                { "key": "boss", "target": "Client", "inverse": "staff" },
                { "key": "staff", "target": "Client", "many": true, "inverse": "boss" }
            ] }),
        )
        .await;
        Self { app, ty }
    }

    async fn account(&self, reference: &str, fields: Value) -> String {
        let body = json!({ "account-type-id": self.ty, "reference-id": reference, "tags": [reference], "fields": fields });
        self.app.post("/accounts", attributes(body)).await.id().to_owned()
    }

    async fn relate(&self, id: &str, key: &str, target: &str) {
        let meta = json!({ "relation-schema-key": key, "target-object-id": target });
        self.app.post(&format!("/accounts/{id}/add-relation"), json!({ "meta": meta })).await.good();
    }

    async fn send(&self, id: &str, verb: &str, meta: Value) -> Reply {
        self.app.post(&format!("/accounts/{id}/{verb}"), json!({ "meta": meta })).await
    }

    /// Everything of an account but when it last changed.
    async fn state(&self, id: &str) -> Value {
        let mut state = self.app.get(&format!("/accounts/{id}")).await.json;
        state["data"]["attributes"]["updated-at"].take();
        for key in ["friends", "boss", "staff"] {
            let related = self.app.get(&format!("/accounts/{id}/relations?filter[key]={key}")).await;
            state[key] = json!(related.ids());
        }
        state["listed"] = json!(self.app.get("/accounts?page[size]=100").await.ids().contains(&id));
        state
    }
}

on_both! {
    async fn undoing_a_consolidation_restores_both_accounts_exactly(db: TestDb) {
        let world = World::create(db).await;
        let kept = world.account("kept", json!({ "badge": "B-1", "phone": "1" })).await;
        let gone = world.account("gone", json!({ "badge": "B-2", "phone": "2" })).await;
        let others = [world.account("x", json!({})).await, world.account("y", json!({})).await, world.account("z", json!({})).await];
        world.relate(&kept, "friends", &others[0]).await;
        world.relate(&gone, "friends", &others[0]).await;
        world.relate(&gone, "friends", &others[1]).await;
        world.relate(&gone, "friends", &kept).await;
        world.relate(&kept, "boss", &others[0]).await;
        world.relate(&gone, "boss", &others[2]).await;
        world.relate(&others[1], "boss", &gone).await;
        let all = [&kept, &gone, &others[0], &others[1], &others[2]];
        let mut before = Vec::new();
        for id in all {
            before.push(world.state(id).await);
        }

        let meta = json!({ "source-account-ids": [gone], "fields": { "badge": gone, "phone": gone } });
        let merged = world.send(&kept, "consolidate", meta).await;
        assert_eq!(merged.status, 202, "{}", merged.text());
        assert_eq!(merged.id(), kept);
        let state = world.state(&kept).await;
        assert_eq!(state["data"]["attributes"]["fields"]["badge"]["value"], "B-2");
        assert_eq!(state["data"]["attributes"]["reference-id"], "kept");
        assert_eq!(state["friends"], json!([others[1], others[0]]));
        assert_eq!(state["boss"], json!([others[0]]), "the place of one is taken");
        assert_eq!(state["staff"], json!([others[1]]));
        assert_eq!(world.state(&others[2]).await["staff"], json!([]));
        let state = world.state(&gone).await;
        assert_eq!((&state["listed"], &state["friends"]), (&json!(false), &json!([])));

        let undone = world.send(&kept, "unconsolidate", json!({ "source-account-ids": [gone] })).await;
        assert_eq!(undone.at("/meta"), &json!({ "restored-account-ids": [gone], "kept-fields": [] }));
        for (id, before) in all.into_iter().zip(before) {
            assert_eq!(world.state(id).await, before);
        }
        // The unique values are where they were.
        let badge = |badge: &str| upsert("badge", json!({ "account-type-id": world.ty, "fields": { "badge": badge } }));
        assert_eq!(world.app.post("/accounts", badge("B-1")).await.id(), kept);
        assert_eq!(world.app.post("/accounts", badge("B-2")).await.id(), gone);
    }

    async fn a_source_leads_to_the_survivor_and_is_told(db: TestDb) {
        let world = World::create(db).await;
        let (kept, gone) = (world.account("kept", json!({})).await, world.account("gone", json!({ "badge": "B-2" })).await);
        world.send(&kept, "consolidate", json!({ "source-account-ids": [gone, gone] })).await.good();

        let body = json!({ "account-type-id": world.ty, "reference-id": "gone", "fields": { "phone": "9" } });
        let found = world.app.post("/accounts", upsert("reference-id", body)).await;
        assert_eq!((found.status, found.id()), (200, kept.as_str()));
        let names = world.app.events().await;
        let told: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != "account.created").collect();
        assert_eq!(told.len(), 1 + 4, "{told:?}");
        for name in ["account.consolidated-with", "account.consolidated", "account.archived"] {
            assert!(told.contains(&name), "{name}");
        }
        let again = world.send(&kept, "consolidate", json!({ "source-account-ids": [gone] })).await;
        assert_eq!(again.problem(), format!("409 Conflict: {gone} was consolidated into {kept} before"));
        let restore = world.app.post(&format!("/accounts/{gone}/restore"), json!({})).await;
        assert_eq!(restore.problem(), format!("409 Conflict: this account was consolidated into {kept}; unconsolidate it there"));
    }

    async fn a_value_changed_since_is_kept(db: TestDb) {
        let world = World::create(db).await;
        let (kept, gone) = (world.account("kept", json!({ "phone": "1" })).await, world.account("gone", json!({ "phone": "2" })).await);
        world.send(&kept, "consolidate", json!({ "source-account-ids": [gone], "fields": { "phone": gone } })).await.good();
        world.app.patch(&format!("/accounts/{kept}"), attributes(json!({ "fields": { "phone": "3" } }))).await.good();

        let undone = world.app.post(&format!("/accounts/{kept}/unconsolidate"), json!({})).await;

        assert_eq!(undone.at("/meta/kept-fields"), &json!(["phone"]));
        assert_eq!(undone.at("/data/attributes/fields/phone/value"), "3");
    }

    async fn a_preview_shows_where_they_differ_and_changes_nothing(db: TestDb) {
        let world = World::create(db).await;
        let (kept, gone) = (world.account("kept", json!({ "phone": "1", "crm": "c" })).await, world.account("gone", json!({ "phone": "2", "crm": "c" })).await);
        world.relate(&gone, "friends", &kept).await;
        let before = world.app.events().await;

        let meta = json!({ "source-account-ids": [gone], "fields": { "phone": gone } });
        let seen = world.send(&kept, "preview-consolidation", meta).await;

        let text = |value: &str| json!({ "type": "string", "value": value });
        assert_eq!(seen.at("/data/attributes/fields/phone"), &text("2"));
        assert_eq!(seen.at("/meta"), &json!({ "relation-count": 1, "fields": { "phone": { "survivor": gone, "values": [
            { "account-id": kept, "field": text("1") }, { "account-id": gone, "field": text("2") },
        ] } } }));
        assert_eq!(world.app.events().await, before);
    }

    async fn what_cannot_be_merged_is_refused(db: TestDb) {
        let world = World::create(db).await;
        let (kept, gone) = (world.account("kept", json!({ "crm": "a" })).await, world.account("gone", json!({ "crm": "b" })).await);
        let user = world.app.post("/accounts", attributes(json!({}))).await.id().to_owned();
        let before = world.app.events().await;
        let table = [
            (json!({}), "400 Bad Request: meta.source_account_ids must name at least one account".to_owned()),
            (json!({ "source-account-ids": "x" }), "400 Bad Request: meta.source_account_ids must be an array of IDs of accounts".into()),
            (json!({ "source-account-ids": ["x"] }), "400 Bad Request: meta.source_account_ids.0 must be an ID that starts with act_".into()),
            (json!({ "source-account-ids": [gone, kept] }), "422 Record invalid: meta.source-account-ids.1 is the account that the others are merged into (/meta/source-account-ids/1)".into()),
            (json!({ "source-account-ids": ["act_111111111111111111111111"] }), "422 Record invalid: meta.source-account-ids.0 names no account of this environment (/meta/source-account-ids/0)".into()),
            (json!({ "source-account-ids": [user] }), "422 Record invalid: meta.source-account-ids.0 is an account of another type (/meta/source-account-ids/0)".into()),
            (json!({ "source-account-ids": [gone], "fields": { "phone": user } }), "422 Record invalid: meta.fields.phone must name one of the accounts that are merged (/meta/fields/phone)".into()),
            (json!({ "source-account-ids": [gone], "fields": { "crm": gone } }), "422 Record invalid: meta.fields.crm has a value already and can be written only once (/meta/fields/crm)".into()),
            (json!({ "source-account-ids": [gone], "fields": { "photo": gone } }), "422 Record invalid: meta.fields.photo holds files, which stay with their account (/meta/fields/photo)".into()),
            (json!({ "source-account-ids": [gone], "fields": { "shoe": gone } }), "422 Record invalid: meta.fields.shoe is not an active field of this account type (/meta/fields/shoe)".into()),
        ];
        for (meta, problem) in table {
            assert_eq!(world.send(&kept, "consolidate", meta.clone()).await.problem(), problem);
            assert_eq!(world.send(&kept, "preview-consolidation", meta).await.problem(), problem);
        }
        let undo = world.send(&kept, "unconsolidate", json!({ "source-account-ids": [gone] })).await;
        assert_eq!(undo.problem(), "422 Record invalid: meta.source-account-ids.0 was not consolidated into this account (/meta/source-account-ids/0)");
        assert_eq!(world.app.events().await, before);
    }

    /// A third account has taken the value meanwhile: nothing is undone by half.
    async fn a_unique_value_that_is_gone_stops_the_undoing(db: TestDb) {
        let world = World::create(db).await;
        let (kept, gone) = (world.account("kept", json!({ "badge": "B-1" })).await, world.account("gone", json!({ "badge": "B-2" })).await);
        world.send(&kept, "consolidate", json!({ "source-account-ids": [gone], "fields": { "badge": gone } })).await.good();
        world.app.patch(&format!("/accounts/{kept}"), attributes(json!({ "fields": { "badge": "B-3" } }))).await.good();
        world.account("third", json!({ "badge": "B-2" })).await;
        let before = (world.state(&kept).await, world.state(&gone).await);

        let undone = world.app.post(&format!("/accounts/{kept}/unconsolidate"), json!({})).await;

        assert_eq!(undone.problem(), format!("409 Record not unique: the badge of {gone} is in use by another account now; change it there first"));
        assert_eq!((world.state(&kept).await, world.state(&gone).await), before);
    }

    /// A sync by a unique identifier goes on when duplicates were merged.
    async fn a_unique_value_of_a_source_leads_to_the_survivor(db: TestDb) {
        let world = World::create(db).await;
        let (kept, gone) = (world.account("kept", json!({ "badge": "B-1" })).await, world.account("gone", json!({ "badge": "B-2" })).await);
        world.send(&kept, "consolidate", json!({ "source-account-ids": [gone] })).await.good();

        let body = json!({ "account-type-id": world.ty, "fields": { "badge": "B-2", "phone": "7" } });
        let synced = world.app.post("/accounts", upsert("badge", body)).await;

        assert_eq!((synced.status, synced.id()), (200, kept.as_str()), "{}", synced.text());
        assert_eq!(synced.at("/data/attributes/fields/badge/value"), "B-1");
        assert_eq!(synced.at("/data/attributes/fields/phone/value"), "7");
    }

    async fn relations_changed_since_stay_as_they_are(db: TestDb) {
        let world = World::create(db).await;
        let (kept, gone) = (world.account("kept", json!({})).await, world.account("gone", json!({})).await);
        let (x, y) = (world.account("x", json!({})).await, world.account("y", json!({})).await);
        world.relate(&x, "boss", &gone).await;
        world.relate(&gone, "friends", &y).await;
        world.send(&kept, "consolidate", json!({ "source-account-ids": [gone] })).await.good();
        let remove = |key: &str, target: &str| json!({ "meta": { "relation-schema-key": key, "target-object-id": target } });
        world.app.post(&format!("/accounts/{kept}/remove-relation"), remove("friends", &y)).await.good();
        world.app.post(&format!("/accounts/{x}/remove-relation"), remove("boss", &kept)).await.good();
        world.relate(&x, "boss", &y).await;

        world.app.post(&format!("/accounts/{kept}/unconsolidate"), json!({})).await.good();

        assert_eq!(world.state(&x).await["boss"], json!([y]), "one boss, the new one");
        assert_eq!(world.state(&gone).await["staff"], json!([]));
        assert_eq!(world.state(&gone).await["friends"], json!([]), "removed on purpose");
    }

    /// Two sources brought the same relation and the same field: each is undone by itself.
    async fn merges_are_undone_in_any_order(db: TestDb) {
        let world = World::create(db).await;
        let kept = world.account("kept", json!({ "phone": "0" })).await;
        let (one, two) = (world.account("one", json!({ "phone": "1" })).await, world.account("two", json!({ "phone": "2" })).await);
        let x = world.account("x", json!({})).await;
        world.relate(&one, "friends", &x).await;
        world.relate(&two, "friends", &x).await;
        for source in [&one, &two] {
            let meta = json!({ "source-account-ids": [source], "fields": { "phone": source } });
            world.send(&kept, "consolidate", meta).await.good();
        }
        let phone = async || world.state(&kept).await["data"]["attributes"]["fields"]["phone"]["value"].clone();
        assert_eq!(phone().await, "2");

        world.send(&kept, "unconsolidate", json!({ "source-account-ids": [one] })).await.good();
        assert_eq!((phone().await, world.state(&kept).await["friends"].clone()), (json!("2"), json!([x])));
        world.send(&kept, "unconsolidate", json!({ "source-account-ids": [two] })).await.good();
        assert_eq!((phone().await, world.state(&kept).await["friends"].clone()), (json!("0"), json!([])));
        assert_eq!(world.state(&x).await["friends"], json!([two, one]));
    }
}
