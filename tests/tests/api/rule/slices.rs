//! A slice does what its items would do one after the other.

use std::sync::Arc;

use muster_app::accounts::preview::{self, Preview};
use muster_app::accounts::{self, Account, Answer, FindOrCreate, NewAccount, OnExisting, Outcome, Wishes};
use muster_app::idempotency::Answered;
use muster_app::{Error, Scope, keys};
use muster_domain::account::ReferenceId;
use muster_domain::account_type::Requirements;
use muster_domain::event::{Actor, Source};
use muster_domain::{AccountTypeId, IdSource};
use muster_testkit::{Tenant, TestApp, TestDb, on_both};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::bodies::{attributes, everything};

/// Runs of random items per engine.
const RUNS: u64 = 25;
const ITEMS: usize = 48;
/// Few values, so that most items collide.
const VALUES: u32 = 5;

/// One item, before it is prepared.
#[derive(Clone, Debug)]
struct Item {
    reference: Option<u32>,
    email: Option<u32>,
    badge: Option<u32>,
    count: u32,
    upsert_by: Option<&'static str>,
    on_existing: OnExisting,
}

/// Items whose order follows from their keys. Two things would make it depend on more: an update that
/// gives a key back, and updates that reach one account by two different keys.
fn random_items(random: &mut StdRng) -> Vec<Item> {
    let by_reference = random.random_ratio(1, 2);
    (0..ITEMS)
        .map(|_| {
            let mut key = |of: u32| random.random_ratio(of, 4).then(|| random.random_range(0..VALUES));
            let (reference, email, badge) = (key(3), key(2), key(1));
            let item = Item {
                reference,
                email,
                badge,
                count: random.random_range(0..3),
                upsert_by: None,
                on_existing: OnExisting::Reject,
            };
            match random.random_range(0..3) {
                0 => item,
                1 => Item { on_existing: OnExisting::Reuse, ..item },
                2 if by_reference && reference.is_some() => Item {
                    email: None,
                    badge: None,
                    upsert_by: Some("reference-id"),
                    on_existing: OnExisting::Update,
                    ..item
                },
                2 if !by_reference && email.is_some() => Item {
                    reference: None,
                    badge: None,
                    upsert_by: Some("email"),
                    on_existing: OnExisting::Update,
                    ..item
                },
                _ => item,
            }
        })
        .collect()
}

impl Item {
    fn command(&self, account_type: &AccountTypeId) -> NewAccount {
        let mut fields = json!({ "count": self.count });
        // Spelled in two ways, as callers do.
        let spell = |text: String| if self.count == 1 { text.to_uppercase() } else { text };
        if let Some(email) = self.email {
            fields["email"] = json!(spell(format!("user{email}@example.test")));
        }
        if let Some(badge) = self.badge {
            fields["badge"] = json!(format!("badge-{badge}"));
        }
        let Value::Object(fields) = fields else { unreachable!() };
        let reference = self.reference.map(|n| ReferenceId::parse(&spell(format!("key {n}"))).unwrap());
        NewAccount {
            account_type_id: Some(account_type.clone()),
            wishes: Wishes { reference_id: reference.map(Some), fields, ..Wishes::default() },
            upsert_by: self.upsert_by.map(str::to_owned),
            on_existing: self.on_existing,
            requirements: Requirements::Enforce,
        }
    }
}

/// Runs items in slices in an environment of their own. Returns what each was told, the accounts without
/// what differs from run to run, and the names of the events.
async fn outcome(app: &TestApp, items: &[Item], slices: &[usize]) -> (Vec<String>, Vec<Value>, Vec<String>) {
    let tenant = app.second_environment().await;
    let (scope, catalog, account_type) = set_up(app, &tenant).await;
    let mut told = Vec::new();
    let mut rest = items;
    for size in slices {
        let (slice, later) = rest.split_at(*size);
        rest = later;
        app.advance(std::time::Duration::from_millis(1));
        let scope = Scope { now: app.now(), ..scope.clone() };
        let mut ids = IdSource::random(scope.now);
        let prepared: Vec<FindOrCreate> = slice
            .iter()
            .map(|item| {
                let (scope, catalog) = (scope.clone(), Arc::clone(&catalog));
                accounts::prepare(
                    scope,
                    catalog,
                    &app.app.master,
                    &item.command(&account_type),
                    &mut ids,
                    None,
                )
                .unwrap()
            })
            .collect();
        let answers = foreseen_and_done(app, Arc::new(prepared)).await;
        told.extend(answers.iter().map(name));
    }
    let list = async |path: &str| {
        app.request(hyper::Method::GET, path)
            .key(&tenant.key)
            .send()
            .await
            .at("/data")
            .as_array()
            .unwrap()
            .clone()
    };
    let mut accounts: Vec<Value> = list("/accounts?page[size]=100")
        .await
        .into_iter()
        .map(|account| {
            let at = |pointer: &str| account.pointer(pointer).unwrap().clone();
            json!([
                at("/attributes/reference-id"),
                at("/attributes/fields/email/value"),
                at("/attributes/fields/badge/value"),
                at("/attributes/fields/count/value")
            ])
        })
        .collect();
    accounts.sort_by_key(Value::to_string);
    let mut events: Vec<String> = list("/events?page[size]=100")
        .await
        .iter()
        .map(|event| event["attributes"]["name"].as_str().unwrap().to_owned())
        .collect();
    events.sort();
    (told, accounts, events)
}

/// Does what items want. A preview must have said what comes of it.
async fn foreseen_and_done(app: &TestApp, prepared: Arc<Vec<FindOrCreate>>) -> Vec<Answer> {
    let (master, items) = (Arc::clone(&app.app.master), Arc::clone(&prepared));
    let foreseen = app.app.db.read("test", move |tx| preview::find_or_create(tx, &master, &items));
    let foreseen: Vec<_> = foreseen.await.unwrap().iter().map(foreseen_name).collect();
    let master = Arc::clone(&app.app.master);
    let done = app.app.db.write("test", move |tx| accounts::find_or_create(tx, &master, &prepared));
    let answers = done.await.unwrap();
    let came: Vec<_> = answers.iter().map(|answer| (name(answer), state(answer))).collect();
    assert_eq!(foreseen, came, "a preview says what comes");
    answers
}

async fn set_up(app: &TestApp, tenant: &Tenant) -> (Scope, Arc<muster_app::Catalog>, AccountTypeId) {
    let made =
        app.request(hyper::Method::POST, "/account-types").key(&tenant.key).json(&attributes(everything()));
    let account_type = made.send().await.id().parse().unwrap();
    let (app, id, organization) =
        (Arc::clone(&app.app), tenant.environment.clone(), tenant.organization.clone());
    let (master, catalogs, now) = (Arc::clone(&app.master), Arc::clone(&app.catalogs), app.now());
    let read = app.db.read("test", move |tx| {
        Ok::<_, Error>((keys::environment(tx, &master, &id)?, catalogs.current(tx, &organization)?))
    });
    let (environment, catalog) = read.await.unwrap();
    (Scope { environment, actor: Actor::System, source: Source::CommandLine, now }, catalog, account_type)
}

fn name(answer: &Answer) -> String {
    match answer {
        Answer::Outcome(Ok(Outcome::Created(_))) => "created".to_owned(),
        Answer::Outcome(Ok(Outcome::Existing(_))) => "existing".to_owned(),
        Answer::Outcome(Ok(Outcome::Updated(_))) => "updated".to_owned(),
        Answer::Outcome(Ok(Outcome::Unchanged(_))) => "unchanged".to_owned(),
        Answer::Outcome(Err(error)) => error.to_string(),
        Answer::Kept(Answered::Made(made)) => format!("reply {}", made.reply.status),
        Answer::Kept(Answered::Replayed(reply)) => format!("reply {} again", reply.status),
    }
}

/// What an account holds, without what no preview can know.
fn state_of(account: &Account) -> Value {
    json!([account.reference_id, account.fields.0, account.status.name, account.version])
}

fn state(answer: &Answer) -> Value {
    match answer {
        Answer::Outcome(Ok(outcome)) => state_of(outcome.account()),
        _ => Value::Null,
    }
}

fn foreseen_name(preview: &Preview) -> (String, Value) {
    let (name, account) = match preview {
        Preview::Create(account) => ("created", account),
        Preview::Skip(account) => ("existing", account),
        Preview::Update { after, .. } => ("updated", after),
        Preview::Unchanged(account) => ("unchanged", account),
        Preview::Refused(error) => return (error.to_string(), Value::Null),
    };
    (name.to_owned(), state_of(account))
}

fn random_slices(random: &mut StdRng) -> Vec<usize> {
    let mut sizes = Vec::new();
    let mut left = ITEMS;
    while left > 0 {
        let size = random.random_range(1..=left.min(20));
        sizes.push(size);
        left -= size;
    }
    sizes
}

on_both! {
    async fn random_slices_end_as_their_items_one_by_one(db: TestDb) {
        let app = TestApp::start(db).await;
        for seed in 0..RUNS {
            let mut random = StdRng::seed_from_u64(seed);
            let items = random_items(&mut random);
            let slices = random_slices(&mut random);

            let one_by_one = outcome(&app, &items, &[1; ITEMS]).await;
            let sliced = outcome(&app, &items, &slices).await;

            assert!(one_by_one.1.len() > 5 && one_by_one.2.len() > one_by_one.1.len(), "seed {seed} shows something");
            let differs = (0..ITEMS).find(|&i| one_by_one.0[i] != sliced.0[i]);
            if let Some(i) = differs {
                let (found, expected) = (&sliced.0[i], &one_by_one.0[i]);
                panic!("seed {seed}, slices {slices:?}: item {i} is {found:?}, alone {expected:?}\n{items:?}");
            }
            assert_eq!(sliced, one_by_one, "seed {seed}");
        }
    }
}
