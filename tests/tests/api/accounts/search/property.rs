//! Whatever is searched for: the pages hold what a look at every account finds, in its order.

use std::sync::Arc;

use muster_app::accounts::{self, Account, Among, Limits, Mark, Page, PageRequest, SearchRequest};
use muster_app::{Error, ReadCx, Scope, keys};
use muster_domain::event::{Actor, Source};
use muster_domain::search::{Search, Subject};
use muster_domain::{AccountId, EnvironmentId, IdSource};
use muster_testkit::{Tenant, TestApp, TestDb, on_both};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Map, Value, json};

use super::{eq, other, searchable};
use crate::bodies::{account_type, attributes};

const ACCOUNTS: usize = 140;
const CHANGES: usize = 60;
const ARCHIVED: usize = 10;
/// Random searches per engine within the process, and over HTTP.
const SEARCHES: usize = 300;
const REQUESTED: usize = 40;

/// Values of each field: few, so that accounts share them; spelled so that comparing them matters.
fn values(ty: &str) -> Vec<(&'static str, Vec<Value>)> {
    let texts = |list: &[&str]| list.iter().map(|text| json!(text)).collect::<Vec<_>>();
    let long = |end: &str| json!("x".repeat(260) + end);
    if ty == "other" {
        return vec![
            ("email", texts(&["a@example.com", "B@example.com", "b@EXAMPLE.com"])),
            ("city", texts(&["Oslo", "Bergen"])),
            ("text", texts(&["Ada", "ada", "Zoë", "7"])),
            ("count", texts(&["7", "seven", "2020-01-01"])),
            ("score", vec![json!(-1), json!(0), json!(7), json!(1000)]),
            (
                "since",
                texts(&["2020-01-01T00:00:00Z", "2020-01-01T23:59:59.999999Z", "2021-06-01T12:00:00Z"]),
            ),
        ];
    }
    vec![
        ("city", texts(&["Oslo", " OSLO ", "Bergen", "straße", "STRASSE", "  "])),
        ("code", texts(&["K1", "k1", "K2"])),
        (
            "text",
            [texts(&["Ada", "ada", "Zoë", "b", "", "é"]), vec![long("a"), long("B"), long("c")]].concat(),
        ),
        (
            "count",
            vec![json!(-5), json!(0), json!(7), json!(7.0), json!(8), json!(9_007_199_254_740_993_i64)],
        ),
        (
            "score",
            vec![json!(-0.0), json!(0), json!(0.1), json!(7), json!(7.5), json!(-1e15), json!(u64::MAX)],
        ),
        ("is_vip", vec![json!(true), json!(false)]),
        ("since", texts(&["1999-12-31", "2020-01-01", "2020-01-02"])),
        (
            "seen_at",
            texts(&["2020-01-01T00:00:00Z", "2020-01-01T23:59:59.999999Z", "2020-01-02T01:00:00+02:00"]),
        ),
        ("signed_at", texts(&["2020-01-01T00:00:00Z", "2020-01-01T02:00:00+02:00"])),
        ("mail", texts(&["a@example.com", "B@example.com", "b@EXAMPLE.com"])),
        ("tier", texts(&["low", "high"])),
        (
            "owner",
            vec![
                json!({ "given_name": "Ada", "age": 7 }),
                json!({ "given_name": "ADA" }),
                json!({ "age": 40, "notes": "Ada" }),
            ],
        ),
        ("paper", texts(&["doc_A", "doc_B"])),
        ("hidden", texts(&["Ada"])),
    ]
}

fn random_fields(random: &mut StdRng, ty: &str, n: usize) -> Map<String, Value> {
    let mut fields = Map::new();
    for (key, values) in values(ty) {
        match random.random_range(0..4) {
            0 => {}
            1 => drop(fields.insert(key.to_owned(), Value::Null)),
            _ => drop(fields.insert(key.to_owned(), values.choose(random).unwrap().clone())),
        }
    }
    if ty == "searchable" && random.random_ratio(1, 2) {
        fields.insert("email".to_owned(), json!(format!("Mail-{n}@example.com")));
        fields.insert(
            "badge".to_owned(),
            json!(format!("{}-{n}", if n.is_multiple_of(2) { "B" } else { "b" })),
        );
    }
    fields
}

/// Two types, and the same random accounts for every run; another environment has the like.
pub struct World {
    pub app: TestApp,
    random: StdRng,
    pub types: [(String, &'static str); 2],
    accounts: Vec<(String, &'static str)>,
    /// The accounts as they are in the end.
    all: Vec<Arc<Account>>,
}

impl World {
    pub async fn without_accounts(db: TestDb) -> Self {
        let app = TestApp::start(db).await;
        let types = [
            (account_type(&app, searchable()).await, "searchable"),
            (account_type(&app, other()).await, "other"),
        ];
        Self { app, random: StdRng::seed_from_u64(17), types, accounts: Vec::new(), all: Vec::new() }
    }

    async fn create(db: TestDb) -> Self {
        let mut world = Self::without_accounts(db).await;
        let sibling = world.app.sibling_environment().await;
        for n in 0..ACCOUNTS {
            let key = if n % 20 == 7 { sibling.key.clone() } else { world.app.tenant.key.clone() };
            world.add(n, &key, n % 20 != 7).await;
        }
        world.change().await;
        world.archive().await;
        world.all = world.read(every_account).await.unwrap();
        world
    }

    async fn add(&mut self, n: usize, key: &str, own: bool) {
        let (ty, name) = self.types[usize::from(self.random.random_ratio(1, 3))].clone();
        let mut wishes = json!({ "account-type-id": ty, "fields": random_fields(&mut self.random, name, n) });
        if self.random.random_ratio(1, 3) {
            wishes["reference-id"] = json!(format!("Ref-{n}"));
        }
        let request = self.app.request(hyper::Method::POST, "/accounts").key(key);
        let id = request.json(&attributes(wishes)).send().await.id().to_owned();
        if own {
            self.accounts.push((id, name));
        }
        if self.random.random_ratio(1, 20) {
            self.app.advance(std::time::Duration::from_millis(700));
        }
    }

    async fn change(&mut self) {
        for n in 0..CHANGES {
            let (id, name) = self.accounts.choose(&mut self.random).unwrap().clone();
            let mut wishes = json!({ "fields": random_fields(&mut self.random, name, ACCOUNTS + n) });
            if self.random.random_ratio(1, 2) {
                let statuses = if name == "searchable" {
                    &["Approved", "Closed"][..]
                } else {
                    &["Lost", "approved"][..]
                };
                wishes["account-status"] = json!(statuses.choose(&mut self.random).unwrap());
            }
            self.app.patch(&format!("/accounts/{id}"), attributes(wishes)).await.good();
        }
    }

    async fn archive(&mut self) {
        for _ in 0..ARCHIVED {
            let (id, _) = self.accounts.choose(&mut self.random).unwrap().clone();
            // Some are archived twice: the second time nothing changes.
            self.app.post(&format!("/accounts/{id}/archive"), json!({})).await;
        }
    }

    fn leaf(&mut self) -> Value {
        let moments = ["2026-03-02", "2026-03-02T09:14:08Z", "2026-03-02T09:14:09.900+00:00", "2026-03-03"];
        let ranges = ["eq", "gt", "gte", "lt", "lte"];
        let random = &mut self.random;
        let any = random.random_range(0..ACCOUNTS);
        let (attribute, operators, value) = match random.random_range(0..12) {
            0 => ("type", &ranges[..1], json!(self.types.choose(random).unwrap().0)),
            1 => {
                ("status", &ranges[..1], json!(["new", "Approved", "LOST", "closed"].choose(random).unwrap()))
            }
            2 => ("created_at", &ranges[..], json!(moments.choose(random).unwrap())),
            3 => ("updated_at", &ranges[..], json!(moments.choose(random).unwrap())),
            4 => ("reference_id", &ranges[..1], json!(format!(" ref-{any}"))),
            5 => (
                "identifiers.email",
                &ranges[..1],
                json!(["a@example.com", "b@example.com"].choose(random).unwrap()),
            ),
            6 => ("identifiers.badge", &ranges[..], json!(format!("b-{any}"))),
            7 => ("identifiers.code", &ranges[..1], json!(["K1", "k1"].choose(random).unwrap())),
            _ => return self.field_leaf(),
        };
        json!({ "attribute": attribute, "operator": operators.choose(&mut self.random).unwrap(), "value": value })
    }

    fn field_leaf(&mut self) -> Value {
        let types = ["searchable", "searchable", "other"];
        let all = values(types.choose(&mut self.random).unwrap());
        let (key, values) = loop {
            let (key, values) = all.choose(&mut self.random).unwrap();
            if !["hidden", "code", "email"].contains(key) {
                break (*key, values);
            }
        };
        let mut value = values.choose(&mut self.random).unwrap().clone();
        let key = match key {
            "owner" => {
                let member = *["given_name", "age"].choose(&mut self.random).unwrap();
                value = if member == "age" { json!(7) } else { json!("ada") };
                [format!("owner.{member}"), format!("owner_{member}")]
                    .choose(&mut self.random)
                    .unwrap()
                    .clone()
            }
            "is_vip" => ["is_vip", "isVip", "is-vip"].choose(&mut self.random).unwrap().to_string(),
            key => key.to_owned(),
        };
        let ordered = ["text", "count", "score", "since", "seen_at", "owner.age", "owner_age"];
        let operators = if ordered.contains(&key.as_str()) && !(value.is_string() && key == "count") {
            &["eq", "gt", "gte", "lt", "lte"][..]
        } else {
            &["eq"][..]
        };
        if value.as_str().is_some_and(|text| text.trim().is_empty()) {
            value = json!("ADA");
        }
        let operator = operators.choose(&mut self.random).unwrap();
        json!({ "attribute": format!("fields.{key}"), "operator": operator, "value": value })
    }

    fn node(&mut self, depth: usize) -> Value {
        if depth == 2 || self.random.random_ratio(1, 3) {
            return self.leaf();
        }
        let form = self.random.random_range(0..3);
        if form == 2 {
            return json!({ "not": self.node(depth + 1) });
        }
        let count = self.random.random_range(1..5);
        let clauses: Vec<Value> = (0..count).map(|_| self.node(depth + 1)).collect();
        if form == 0 { json!({ "and": clauses }) } else { json!({ "or": clauses }) }
    }

    fn search(&mut self) -> (Value, Value) {
        let sorts = [
            "created_at",
            "created_at",
            "updated_at",
            "type",
            "status",
            "fields.text",
            "fields.count",
            "fields.score",
            "fields.since",
            "fields.seen_at",
            "fields.owner.age",
            "fields.badge",
        ];
        let query = if self.random.random_ratio(1, 10) { Value::Null } else { self.node(0) };
        let direction = if self.random.random_ratio(1, 2) { "asc" } else { "desc" };
        (query, json!({ "attribute": sorts.choose(&mut self.random).unwrap(), "direction": direction }))
    }

    async fn scope(&self, environment: EnvironmentId) -> Scope {
        let (app, db, now) = (Arc::clone(&self.app.app), self.app.app.db.clone(), self.app.now());
        let read = db.read("test", move |tx| keys::environment(tx, &app.master, &environment));
        let environment = read.await.unwrap();
        Scope {
            environment,
            actor: Actor::Operator,
            source: Source::Request(IdSource::random(now).mint()),
            now,
        }
    }

    /// Runs a query within the process.
    async fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut ReadCx<'_, '_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (app, scope) = (Arc::clone(&self.app.app), self.scope(self.app.tenant.environment.clone()).await);
        let db = app.db.clone();
        let read = db.read("test", move |tx| {
            work(&mut ReadCx { tx, scope: &scope, catalogs: &app.catalogs, master: &app.master })
        });
        read.await
    }

    /// What a look at every account finds.
    async fn expected(&self, query: &Value, sort: &Value) -> Vec<String> {
        let (query, sort, all) = (query.clone(), sort.clone(), self.all.clone());
        let all = self.read(move |cx| {
            let catalog = cx.catalog()?;
            let search =
                Search::read(Some(&query), Some(&sort), catalog.account_types()).map_err(Error::Malformed)?;
            let mut found = Vec::new();
            for account in &all {
                let subject = subject(account);
                if search.query.as_ref().is_none_or(|query| query.matches(&subject)) {
                    found.push((search.sort.key(&subject), account.id.to_string()));
                }
            }
            found.sort_by(|a, b| search.sort.compare((a.0.as_ref(), &a.1), (b.0.as_ref(), &b.1)));
            Ok(found.into_iter().map(|(_, id)| id).collect::<Vec<_>>())
        });
        all.await.unwrap()
    }

    pub async fn page(
        &self,
        (query, sort): (&Value, &Value),
        page: (usize, Limits),
        at: At,
    ) -> (Page<String>, Option<Mark>) {
        let (query, sort) = (query.clone(), sort.clone());
        let found = self.read(move |cx| {
            let (size, limits) = page;
            let (after, before) = at.clone().cursors();
            let request =
                SearchRequest { query: Some(&query), sort: Some(&sort), size, after, before, limits };
            let found = accounts::search(cx, &request)?;
            let page = found.page;
            let items = page.items.iter().map(|account| account.id.to_string()).collect();
            let page = Page { items, has_newer: page.has_newer, has_older: page.has_older };
            Ok((page, found.resume))
        });
        found.await.unwrap()
    }
}

/// Where a page is.
#[derive(Clone, Debug)]
pub enum At {
    Start,
    After(Mark),
    Before(Mark),
}

impl At {
    fn cursors(self) -> (Option<Mark>, Option<Mark>) {
        match self {
            Self::Start => (None, None),
            Self::After(mark) => (Some(mark), None),
            Self::Before(mark) => (None, Some(mark)),
        }
    }
}

/// The place of an account.
pub fn at_account(id: impl AsRef<str>) -> Mark {
    Mark { id: AccountId::trusted(id.as_ref().to_owned()), among: Among::All }
}

fn every_account(cx: &mut ReadCx<'_, '_>) -> Result<Vec<Arc<Account>>, Error> {
    let mut all: Vec<Arc<Account>> = Vec::new();
    loop {
        let after = all.last().map(|account| account.id.clone());
        let request = PageRequest { size: 200, after, before: None, reference_ids: None };
        let page = accounts::page(cx, &request)?;
        all.extend(page.items);
        if !page.has_older {
            return Ok(all);
        }
    }
}

fn subject(account: &Account) -> Subject<'_> {
    Subject {
        account_type: &account.account_type.id,
        status: &account.status.id,
        reference_id: account.reference_id.as_deref(),
        fields: &account.fields,
        created_at: account.created_at,
        updated_at: account.updated_at,
    }
}

on_both! {
    /// However small the limits: they change which index is read, not what is found.
    async fn pages_hold_what_a_look_at_every_account_finds(db: TestDb) {
        let mut world = World::create(db).await;
        let mut found = 0;
        for n in 0..SEARCHES {
            let (query, sort) = world.search();
            let expected = world.expected(&query, &sort).await;
            found += usize::from(!expected.is_empty());
            let few = |random: &mut StdRng| *[1, 5, 40, 10_000].choose(random).unwrap();
            let random = &mut world.random;
            let opened = *[20, 60, 10_000, 10_000].choose(random).unwrap();
            let steps = *[1, 300, 500_000, 500_000].choose(random).unwrap();
            let limits =
                Limits { sorted: few(random), few: few(random), range: few(random), ranges: few(random), opened, steps };
            let page = (random.random_range(20..=100), limits);
            let forwards = walk(&world, (&query, &sort), page).await;
            assert_eq!(forwards, expected, "{n}: {query} {sort} {page:?}");
            if let Some(last) = expected.last().filter(|_| n % 3 == 0) {
                let backwards = walk_back(&world, (&query, &sort), page, last).await;
                assert_eq!(backwards, expected[..expected.len() - 1], "{n}: {query} {sort} {page:?} backwards");
            }
        }
        assert!(found * 2 > SEARCHES, "{found} of {SEARCHES} searches find anything");
    }

    async fn links_lead_through_all_that_is_found(db: TestDb) {
        let mut world = World::create(db).await;
        for _ in 0..REQUESTED {
            let (query, sort) = world.search();
            let expected = world.expected(&query, &sort).await;
            let body = json!({ "query": query, "sort": sort, "page": { "size": world.random.random_range(10..60) } });
            let mut pages: Vec<Vec<String>> = Vec::new();
            let (mut next, mut prev) = (Some("/accounts/search".to_owned()), None);
            while let Some(path) = next {
                let reply = world.app.post(&path, body.clone()).await;
                pages.push(reply.ids().into_iter().map(str::to_owned).collect());
                next = reply.at("/links/next").as_str().map(str::to_owned);
                prev = reply.at("/links/prev").as_str().map(str::to_owned);
            }
            assert_eq!(pages.concat(), expected, "{body}");
            if let Some(prev) = prev {
                let before = world.app.post(&prev, body.clone()).await;
                assert_eq!(before.ids(), pages[pages.len() - 2], "{body} {prev}");
            }
        }
    }

    /// A tenant of another organization searches for what there is, and finds its own.
    async fn no_search_reaches_another_tenant(db: TestDb) {
        let mut world = World::create(db).await;
        let stranger: Tenant = world.app.second_environment().await;
        let own = world.app.request(hyper::Method::POST, "/accounts").key(&stranger.key)
            .json(&attributes(json!({ "fields": { "email_address": "a@example.com" } }))).send().await.id().to_owned();
        for query in [Value::Null, json!({ "not": eq("reference_id", json!("x")) }),
            eq("fields.email_address", json!("A@example.com")), world.node(0)]
        {
            let request = world.app.request(hyper::Method::POST, "/accounts/search").key(&stranger.key);
            let reply = request.json(&json!({ "query": query })).send().await;
            if reply.status == 200 {
                assert!(reply.ids().iter().all(|id| *id == own), "{query}");
            }
        }
        let theirs = json!({ "page": { "after": world.accounts[0].0 }, "sort": { "attribute": "updated_at" } });
        let request = world.app.request(hyper::Method::POST, "/accounts/search").key(&stranger.key);
        assert_eq!(request.json(&theirs).send().await.status, 404);
    }
}

async fn walk(world: &World, search: (&Value, &Value), page: (usize, Limits)) -> Vec<String> {
    let (mut all, mut at) = (Vec::new(), At::Start);
    loop {
        let is_first = matches!(at, At::Start);
        let (found, resume) = world.page(search, page, at).await;
        assert_eq!(found.has_newer, !is_first);
        all.extend(found.items);
        match resume.or_else(|| all.last().filter(|_| found.has_older).map(at_account)) {
            Some(last) => at = At::After(last),
            None => return all,
        }
    }
}

async fn walk_back(
    world: &World,
    search: (&Value, &Value),
    page: (usize, Limits),
    from: &str,
) -> Vec<String> {
    let (mut all, mut at) = (Vec::new(), At::Before(at_account(from)));
    loop {
        let (found, resume) = world.page(search, page, at).await;
        assert!(found.has_older);
        all.splice(0..0, found.items);
        match resume.or_else(|| all.first().filter(|_| found.has_newer).map(at_account)) {
            Some(first) => at = At::Before(first),
            None => return all,
        }
    }
}
