//! Many at once, over few keys, in two processes.

use std::collections::BTreeMap;
use std::sync::Arc;

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::bodies::{account_type, attributes, everything, reference, upsert};

const TASKS: usize = 64;
const CREATIONS: usize = 200;
const KEYS: usize = 50;

/// Runs tasks that take turns at two processes and counts the statuses of their replies. Who is told that
/// the server is busy comes again, as its reply says.
async fn statuses(
    app: TestApp,
    (tasks, requests): (usize, usize),
    body: impl Fn(usize, usize) -> Value + Send + Sync + 'static,
) -> (TestApp, BTreeMap<u16, usize>) {
    let apps = Arc::new([app.second_process(), app]);
    let body = Arc::new(body);
    let mut running = JoinSet::new();
    for task in 0..tasks {
        let (apps, body) = (Arc::clone(&apps), Arc::clone(&body));
        running.spawn(async move {
            let mut statuses = Vec::new();
            for i in 0..requests {
                loop {
                    let status = apps[task % 2].post("/accounts", body(task, i)).await.status;
                    statuses.push(status);
                    if status != 503 {
                        break;
                    }
                }
            }
            statuses
        });
    }
    let mut counts = BTreeMap::new();
    while let Some(statuses) = running.join_next().await {
        for status in statuses.unwrap() {
            *counts.entry(status).or_default() += 1;
        }
    }
    let [_, app] = Arc::into_inner(apps).unwrap();
    (app, counts)
}

fn count(names: &[String], name: &str) -> usize {
    names.iter().filter(|found| *found == name).count()
}

on_both! {
    /// Half of the tasks create, half of them upsert without changing anything.
    async fn fifty_keys_make_fifty_accounts(db: TestDb) {
        let app = TestApp::start(db).await;

        let (app, counts) = statuses(app, (TASKS, CREATIONS), |task, i| {
            let spelled = format!("key {}", (task * 7 + i) % KEYS);
            if task % 4 < 2 { reference(&spelled) } else { upsert("reference-id", json!({ "reference-id": spelled.to_uppercase() })) }
        }).await;

        assert_eq!(counts.keys().copied().collect::<Vec<_>>(), [200, 201, 409], "{counts:?}");
        assert_eq!(counts[&201], KEYS);
        assert_eq!(counts.values().sum::<usize>(), TASKS * CREATIONS);
        assert_eq!(app.all("/accounts").await.len(), KEYS);
        assert_eq!(app.events().await, vec!["account.created"; KEYS]);
    }

    /// Upserts that change something: every change is one event and none is lost.
    async fn updates_at_the_same_time_do_not_lose_each_other(db: TestDb) {
        let app = TestApp::start(db).await;

        let (app, mut counts) = statuses(app, (16, 25), |task, i| {
            let fields = json!({ "name-first": format!("{task}-{i}") });
            let mut attributes = json!({ "reference-id": format!("key {}", i % 3) });
            attributes.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            upsert("reference-id", attributes)
        }).await;

        // Writers of one account get into each other's way on PostgreSQL.
        counts.remove(&503);
        let events = app.events().await;
        assert_eq!(counts, BTreeMap::from([(200, 397), (201, 3)]));
        assert_eq!(count(&events, "account.created"), 3);
        assert_eq!(count(&events, "account.updated-fields"), 397);
        for account in app.all("/accounts").await {
            let id = account["id"].as_str().unwrap();
            let told = app.all(&format!("/events?filter[object-id]={id}")).await;
            assert!(told.iter().any(|event| event["attributes"]["payload"]["data"] == account), "an event ends where {id} is");
        }
    }

    /// Two unique keys per account, paired anew by every request: neither may be held twice.
    async fn two_keys_of_one_account_are_each_held_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;

        let (app, counts) = statuses(app, (32, 25), move |task, i| {
            let (a, b) = ((task + i * 3) % 12, (task * 5 + i) % 12);
            let email = format!("user{b}@example.test");
            let attributes_of = json!({ "account-type-id": ty, "reference-id": format!("key {a}"), "fields": { "email": email } });
            if task % 2 == 0 { attributes(attributes_of) } else { upsert("reference-id", attributes_of) }
        }).await;

        assert!(counts.keys().all(|status| [200, 201, 409].contains(status)), "{counts:?}");
        let accounts = app.all("/accounts").await;
        assert_eq!(accounts.len(), counts[&201]);
        assert_eq!(count(&app.events().await, "account.created"), accounts.len());
        for pointer in ["/attributes/reference-id", "/attributes/fields/email/value"] {
            let mut values: Vec<String> = accounts.iter().map(|account| account.pointer(pointer).unwrap().to_string()).collect();
            values.sort();
            values.dedup();
            assert_eq!(values.len(), accounts.len(), "{pointer}");
        }
    }

    /// A tag that nobody had before is made once, however many bring it.
    async fn a_new_tag_is_made_once(db: TestDb) {
        let app = TestApp::start(db).await;

        let (app, counts) = statuses(app, (16, 5), |task, i| {
            let name = format!("tag {i}");
            attributes(json!({ "tags": [if task % 2 == 0 { name.to_uppercase() } else { name }] }))
        }).await;

        assert_eq!(counts, BTreeMap::from([(201, 80)]));
        let mut names: Vec<String> = app.all("/accounts").await.iter()
            .map(|account| account["attributes"]["tags"][0].as_str().unwrap().to_owned()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 5, "{names:?}");
    }
}
