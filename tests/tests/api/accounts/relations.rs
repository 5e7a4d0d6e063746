//! `/accounts/{account-id}/add-relation`, `remove-relation`, `relations`

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes};

/// People with one employer and any number of friends; employers with any number of employees.
struct World {
    app: TestApp,
    ann: String,
    bob: String,
    acme: String,
    zeta: String,
}

impl World {
    async fn create(db: TestDb) -> Self {
        let app = TestApp::start(db).await;
        let employer = account_type(&app, json!({ "name": "Employer" })).await;
        let person = account_type(
            &app,
            json!({ "name": "Person", "relation-schemas": [
            { "key": "employed_by", "target": "Employer", "inverse": "employees" },
            { "key": "friends", "target": "Person", "many": true, "inverse": "friends" }
        ] }),
        )
        .await;
        app.patch(
            &format!("/account-types/{employer}"),
            attributes(json!({ "name": "Employer", "relation-schemas": [
            { "key": "employees", "target": "Person", "many": true, "inverse": "employed_by" }
        ] })),
        )
        .await
        .good();
        let of = async |ty: &str, name: &str| {
            let body = attributes(json!({ "account-type-id": ty, "reference-id": name }));
            app.post("/accounts", body).await.id().to_owned()
        };
        let (ann, bob) = (of(&person, "ann").await, of(&person, "bob").await);
        let (acme, zeta) = (of(&employer, "acme").await, of(&employer, "zeta").await);
        Self { app, ann, bob, acme, zeta }
    }

    async fn change(&self, verb: &str, id: &str, key: &str, target: &str) -> muster_testkit::app::Reply {
        let meta = json!({ "relation-schema-key": key, "target-object-id": target });
        self.app.post(&format!("/accounts/{id}/{verb}-relation"), json!({ "meta": meta })).await
    }

    async fn related(&self, id: &str, key: &str) -> Vec<String> {
        let reply = self.app.get(&format!("/accounts/{id}/relations?filter[key]={key}")).await;
        reply.ids().into_iter().map(str::to_owned).collect()
    }
}

on_both! {
    async fn a_relation_shows_at_both_ends_and_goes_at_both(db: TestDb) {
        let world = World::create(db).await;

        world.change("add", &world.ann, "employed_by", &world.acme).await.good();
        world.change("add", &world.bob, "employed-by", &world.acme).await.good();
        assert_eq!(world.related(&world.acme, "employees").await, [world.bob.clone(), world.ann.clone()]);
        assert_eq!(world.related(&world.ann, "employed_by").await, std::slice::from_ref(&world.acme));

        let again = world.change("add", &world.ann, "employed_by", &world.acme).await;
        assert_eq!((again.status, again.id()), (200, world.ann.as_str()));
        world.change("remove", &world.acme, "employees", &world.ann).await.good();
        assert_eq!(world.related(&world.acme, "employees").await, std::slice::from_ref(&world.bob));
        assert_eq!(world.related(&world.ann, "employed_by").await, Vec::<String>::new());
        let absent = world.change("remove", &world.ann, "employed_by", &world.acme).await;
        assert_eq!(absent.problem(), "404 Record not found");
    }

    async fn both_ends_are_told_with_key_and_target(db: TestDb) {
        let world = World::create(db).await;
        world.change("add", &world.ann, "employed_by", &world.acme).await.good();

        let events = world.app.all("/events?filter[name]=account.added-relation").await;
        let told: Vec<Value> = events.iter().map(|event| json!([
            event["attributes"]["payload"]["data"]["id"], event["attributes"]["context"],
        ])).collect();
        let context = |key: &str, target: &str| json!({
            "relation-schema-key": key, "target-account-id": target, "target-txn-id": null,
        });
        assert_eq!(told.len(), 2);
        assert!(told.contains(&json!([world.ann, context("employed_by", &world.acme)])), "{told:?}");
        assert!(told.contains(&json!([world.acme, context("employees", &world.ann)])), "{told:?}");
    }

    async fn what_does_not_fit_is_refused(db: TestDb) {
        let world = World::create(db).await;
        world.change("add", &world.ann, "employed_by", &world.acme).await.good();
        let table = [
            (&world.ann, "employed_by", world.zeta.as_str(), format!("409 Conflict: {} has another account as its employed_by; remove that relation first", world.ann)),
            (&world.zeta, "employees", &world.ann, format!("409 Conflict: {} has another account as its employed_by; remove that relation first", world.ann)),
            (&world.ann, "boss", &world.bob, "422 Record invalid: meta.relation-schema-key names no relation of this account type: employed_by, friends (/meta/relation-schema-key)".into()),
            (&world.ann, "friends", &world.acme, "422 Record invalid: meta.target-object-id must be an account of the type Person, where friends leads to (/meta/target-object-id)".into()),
            (&world.ann, "friends", &world.ann, "422 Record invalid: meta.target-object-id must be another account than the first (/meta/target-object-id)".into()),
            (&world.ann, "friends", "txn_1", "422 Record invalid: meta.target-object-id must be an account: this version has no transactions (/meta/target-object-id)".into()),
            (&world.ann, "friends", "act_111111111111111111111111", "404 Record not found".into()),
            (&world.ann, "", &world.bob, "400 Bad Request: meta.relation_schema_key is missing".into()),
        ];
        for (id, key, target, problem) in table {
            assert_eq!(world.change("add", id, key, target).await.problem(), problem, "{key} {target}");
        }
        let archived = format!("/accounts/{}/archive", world.bob);
        world.app.post(&archived, json!({})).await.good();
        assert_eq!(world.change("add", &world.ann, "friends", &world.bob).await.status, 409);
        assert_eq!(world.related(&world.ann, "friends").await, Vec::<String>::new());
    }

    async fn pages_and_bounds_narrow_the_list(db: TestDb) {
        let world = World::create(db).await;
        let app = &world.app;
        world.change("add", &world.ann, "employed_by", &world.acme).await.good();
        app.advance(std::time::Duration::from_hours(48));
        world.change("add", &world.bob, "employed_by", &world.acme).await.good();
        let path = format!("/accounts/{}/relations", world.acme);

        let first = app.get(&format!("{path}?filter[key]=employees&page[size]=1&include=account-type")).await;
        assert_eq!(first.ids(), [world.bob.as_str()]);
        assert_eq!(first.at("/included/0/type"), "account-type");
        let second = app.get(first.text_at("/links/next")).await;
        assert_eq!((second.ids(), second.at("/links/next")), (vec![world.ann.as_str()], &Value::Null));
        assert_eq!(app.get(second.text_at("/links/prev")).await.ids(), [world.bob.as_str()]);
        // The clock of tests starts on 2026-03-02.
        for (bounds, expected) in [
            ("filter[created-at-start]=2026-03-03", vec![world.bob.as_str()]),
            ("filter[created-at-end]=2026-03-02", vec![world.ann.as_str()]),
            ("filter[created-at-start]=2026-03-02T00:00:00Z&filter[created-at-end]=2026-03-04", vec![world.bob.as_str(), &world.ann]),
        ] {
            assert_eq!(app.get(&format!("{path}?filter[key]=employees&{bounds}")).await.ids(), expected, "{bounds}");
        }
        for (query, problem) in [
            ("", "400 Bad Request: filter[key] is missing: name the relation that is to be listed"),
            ("?filter[key]=a,b", "400 Bad Request: filter[key] takes one key"),
            ("?filter[key]=x", "400 Bad Request: filter[key] names no relation of this account type: employees"),
            ("?filter[key]=employees&filter[created-at-start]=monday", "400 Bad Request: filter[created_at_start] must be an instant like 2026-01-31T12:00:00Z or a date like 2026-01-31"),
        ] {
            assert_eq!(app.get(&format!("{path}{query}")).await.problem(), problem, "{query}");
        }
    }

    /// Two requests at once must not give an account two employers.
    async fn a_race_for_the_one_place_has_one_winner(db: TestDb) {
        let world = World::create(db).await;
        for round in 0..10 {
            let person = world.app.get(&format!("/accounts/{}", world.ann)).await;
            let ty = person.text_at("/data/relationships/account-type/data/id").to_owned();
            let new = attributes(json!({ "account-type-id": ty, "reference-id": format!("p{round}") }));
            let id = world.app.post("/accounts", new).await.id().to_owned();
            let (a, b) = tokio::join!(
                world.change("add", &id, "employed_by", &world.acme),
                world.change("add", &world.zeta, "employees", &id),
            );
            let mut statuses = [a.status, b.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "{} {}", a.text(), b.text());
            assert_eq!(world.related(&id, "employed_by").await.len(), 1);
        }
    }
}
