//! How long searches take: one client, every operator and shape.

use std::sync::Arc;
use std::time::Instant;

use muster_app::accounts::{NewAccount, OnExisting, Wishes};
use muster_domain::AccountTypeId;
use muster_domain::account_type::Requirements;
use serde_json::{Value, json};

use crate::database::Database;
use crate::figures::Results;
use crate::fill::fill_with;
use crate::requests::{BLANK, Request};
use crate::rounds::{Bench, mib};
use crate::server::{Server, Storage};
use crate::{Outcome, http, note};

/// Accounts when nobody says how many.
pub const FEW: u64 = 10_000;
/// Accounts whose values are asked for.
const ASKED_FOR: usize = 10_000;
/// Scores are below this.
const SCORES: u64 = 10_000_000;

impl Bench<'_> {
    /// Fills a database and searches it, one kind of search after the other.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn search(&self, accounts: u64, results: &mut Results) -> Outcome<()> {
        note(format_args!("{}: filling a database with {accounts} accounts to search", results.title()));
        let database = Database::new(self.scratch, self.engine)?;
        let server = self.start(&database, Storage::Kept)?;
        let ty = account_type(&http::once(&server, Request::create_account_type(&server, &definition()))?)?;
        let key = server.key.clone();
        self.stop(server)?;
        let (began, mut any) = (Instant::now(), Vec::new());
        fill_with(&database, &key, accounts, &mut |unique| {
            if any.len() < ASKED_FOR {
                any.push(unique.to_owned());
            }
            new_account(unique, &ty)
        })?;
        let rate = accounts as f64 / began.elapsed().as_secs_f64();
        results.add_size(&format!("searched accounts per second when filling up to {accounts}"), rate);
        results
            .add_size(&format!("database of {accounts} searched accounts, MiB"), mib(database.size_bytes()?));
        let server = self.start(&database, Storage::Kept)?;
        database.settle()?;
        self.search_all(&server, &Arc::new(any), results)?;
        self.stop(server)
    }

    fn search_all(&self, server: &Server, any: &Arc<Vec<String>>, results: &mut Results) -> Outcome<()> {
        for (name, body) in searches() {
            let request = Request::search(server, &body, Arc::clone(any));
            let figure = http::measure(server, &request, 1, self.options.seconds)?;
            results.add(&format!("search: {name}"), figure);
        }
        Ok(())
    }
}

/// The ID in the answer to the creation of a type.
fn account_type(answer: &[u8]) -> Outcome<AccountTypeId> {
    let body = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |head| head + 4);
    let body: Value = serde_json::from_slice(answer.get(body..).unwrap_or_default())?;
    Ok(body["data"]["id"].as_str().unwrap_or_default().parse::<AccountTypeId>()?)
}

fn definition() -> Value {
    let ordered = json!({ "searchable": true, "ordered": true });
    let exact = json!({ "searchable": true });
    json!({
        "name": "Searched",
        "account-statuses": [{ "name": "Open", "default": true }, { "name": "Held" }, { "name": "Closed" }],
        "identifiers": [{ "key": "customer", "unique": true }],
        "field-schemas": [
            { "key": "name" },
            { "key": "address" },
            { "key": "birthdate" },
            { "key": "email_address" },
            { "key": "customer", "type": "string" },
            { "key": "city", "type": "string", "config": exact },
            { "key": "is_vip", "type": "boolean", "config": exact },
            { "key": "age", "type": "integer", "config": ordered },
            { "key": "score", "type": "integer", "config": ordered },
        ]
    })
}

fn new_account(unique: &str, ty: &AccountTypeId) -> Outcome<NewAccount> {
    let number = u64::from_str_radix(unique, 16)?;
    let status = match number % 1000 {
        0 => "Closed",
        1..30 => "Held",
        _ => "Open",
    };
    let fields = json!({
        "name": { "first": "Alexandra", "last": "Montgomery" },
        "address": { "street_1": "600 California Street, Floor 11", "city": "San Francisco" },
        "birthdate": "1990-12-31",
        "email_address": format!("{unique}@customers.example.com"),
        "customer": format!("c-{unique}"),
        "city": format!("City {}", number / 1000 % 50),
        "is_vip": number / 50_000 % 100 == 0,
        "age": 18 + number / 5_000_000 % 80,
        "score": number / 400_000_000 % SCORES,
    });
    let fields = fields.as_object().cloned().unwrap_or_default();
    Ok(NewAccount {
        account_type_id: Some(ty.clone()),
        wishes: Wishes { status: Some(status.to_owned()), fields, ..Wishes::default() },
        upsert_by: None,
        on_existing: OnExisting::Reject,
        requirements: Requirements::Enforce,
    })
}

fn leaf(attribute: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "attribute": attribute, "operator": operator, "value": value.into() })
}

/// Every operator and shape, under a name.
fn searches() -> Vec<(&'static str, Value)> {
    let query = |query: Value| json!({ "query": query });
    let sorted = |query: Value, attribute: &str, direction: &str| json!({ "query": query, "sort": { "attribute": attribute, "direction": direction } });
    let email = || leaf("fields.email_address", "eq", format!("{BLANK}@customers.example.com"));
    let city = || leaf("fields.city", "eq", "City 7");
    let score = |operator: &str, value: u64| leaf("fields.score", operator, value);
    let status = |name: &str| leaf("status", "eq", name);
    let narrow = || json!({ "and": [score("gte", SCORES / 2), score("lt", SCORES / 2 + SCORES / 5000)] });
    vec![
        ("everything", json!({})),
        ("eq e-mail", query(email())),
        ("eq unique identifier", query(leaf("identifiers.customer", "eq", format!("c-{BLANK}")))),
        ("eq city (2 %)", query(city())),
        ("eq status (97 %)", query(status("Open"))),
        ("eq status (0.1 %)", query(status("Closed"))),
        ("not status (0.1 % left)", query(json!({ "not": { "or": [status("Open"), status("Held")] } }))),
        ("not vip (99 %)", query(json!({ "not": leaf("fields.is_vip", "eq", true) }))),
        ("not not-vip (1 %)", query(json!({ "not": leaf("fields.is_vip", "eq", false) }))),
        ("gt, few", query(score("gt", SCORES - SCORES / 5000))),
        ("lte, half", query(score("lte", SCORES / 2))),
        ("gte and lt, few", query(narrow())),
        ("created today", query(leaf("created_at", "gte", "2020-01-01"))),
        ("updated long ago (none)", query(leaf("updated_at", "lt", "2020-01-01"))),
        ("city and status (0.002 %)", query(json!({ "and": [city(), status("Closed")] }))),
        ("city and vip (0.02 %)", query(json!({ "and": [city(), leaf("fields.is_vip", "eq", true)] }))),
        ("e-mail or city", query(json!({ "or": [email(), city()] }))),
        (
            "city, not vip, half of scores",
            query(json!({ "and": [
            city(), { "not": leaf("fields.is_vip", "eq", true) }, score("gt", SCORES / 2)
        ] })),
        ),
        ("sort by update", sorted(Value::Null, "updated_at", "desc")),
        ("sort by score, asc", sorted(Value::Null, "fields.score", "asc")),
        ("sort by status", sorted(Value::Null, "status", "asc")),
        ("city, sort by update", sorted(city(), "updated_at", "desc")),
        ("city, sort by score", sorted(city(), "fields.score", "desc")),
        ("few, sort by update", sorted(narrow(), "updated_at", "asc")),
        ("open, sort by score", sorted(status("Open"), "fields.score", "desc")),
        ("closed, sort by score", sorted(status("Closed"), "fields.score", "desc")),
    ]
}
