//! Requests as bytes: written once, with slots for what differs from one to the next.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::numbers::{HEX_CHARS, Numbers, hex};
use crate::server::Server;

/// What a slot holds until it is filled.
pub const BLANK: &str = "0000000000000000";
const BLANK_ID: &str = "act_000000000000000000000000";

/// One client's request.
#[derive(Clone, Debug)]
pub struct Request {
    bytes: Vec<u8>,
    slots: Vec<Range<usize>>,
    numbers: Arc<Numbers>,
    /// What the slots take: one of these, or a number.
    ids: Option<Arc<Vec<String>>>,
    /// The only status that counts.
    pub status: u16,
}

/// Whether creations carry an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// None does.
    Without,
    /// Each has its own.
    Unique,
}

impl Request {
    /// `POST /accounts`.
    pub fn create(server: &Server, keys: Keys) -> Self {
        let body = json!({ "data": { "attributes": {
            "reference-id": reference(BLANK),
            "fields": fields(BLANK),
        } } })
        .to_string();
        let key = match keys {
            Keys::Without => String::new(),
            Keys::Unique => format!("Idempotency-Key: key-{BLANK}\r\n"),
        };
        let more = format!("Content-Type: application/json\r\nContent-Length: {}\r\n{key}", body.len());
        let text = head("POST", "/accounts", server, &more) + &body;
        Self::new(text, BLANK, None, 201)
    }

    /// `GET /accounts/{id}` of any of these.
    pub fn retrieve(server: &Server, ids: Arc<Vec<String>>) -> Self {
        Self::new(head("GET", &format!("/accounts/{BLANK_ID}"), server, ""), BLANK_ID, Some(ids), 200)
    }

    /// `GET /accounts`, ten after any of these.
    pub fn list(server: &Server, ids: Arc<Vec<String>>) -> Self {
        let path = format!("/accounts?page%5Bsize%5D=10&page%5Bafter%5D={BLANK_ID}");
        Self::new(head("GET", &path, server, ""), BLANK_ID, Some(ids), 200)
    }

    /// `POST /accounts/search` with this body; [`BLANK`] in it is any of these.
    pub fn search(server: &Server, body: &Value, any: Arc<Vec<String>>) -> Self {
        let body = body.to_string();
        let more = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        Self::new(head("POST", "/accounts/search", server, &more) + &body, BLANK, Some(any), 200)
    }

    /// `POST /account-types` with this definition, which cannot be sent twice.
    pub fn create_account_type(server: &Server, definition: &Value) -> Self {
        let body = json!({ "data": { "attributes": definition } }).to_string();
        let more = format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        Self::new(head("POST", "/account-types", server, &more) + &body, BLANK, None, 201)
    }

    fn new(text: String, blank: &str, ids: Option<Arc<Vec<String>>>, status: u16) -> Self {
        let slots = text.match_indices(blank).map(|(at, _)| at..at + blank.len()).collect();
        Self { bytes: text.into_bytes(), slots, numbers: Arc::new(Numbers::new()), ids, status }
    }

    /// Makes the next one.
    pub fn next(&mut self) -> &[u8] {
        let number = self.numbers.next();
        let digits: [u8; HEX_CHARS] = hex(number);
        let filling = match &self.ids {
            Some(ids) => ids[pick(number, ids.len())].as_bytes(),
            None => &digits,
        };
        for slot in &self.slots {
            self.bytes[slot.clone()].copy_from_slice(filling);
        }
        &self.bytes
    }
}

/// One of `count` places.
pub fn pick(number: u64, count: usize) -> usize {
    usize::try_from(number % count.max(1) as u64).unwrap_or(0)
}

fn head(method: &str, path: &str, server: &Server, more: &str) -> String {
    format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n{more}\r\n",
        server.address, server.key
    )
}

/// The reference ID of an account.
pub fn reference(unique: &str) -> String {
    format!("customer-{unique}")
}

/// The fields of an account: ten values.
pub fn fields(unique: &str) -> Map<String, Value> {
    let fields = json!({
        "name": { "first": "Alexandra", "last": "Montgomery" },
        "address": {
            "street_1": "600 California Street, Floor 11",
            "city": "San Francisco",
            "subdivision": "California",
            "postal_code": "94109",
            "country_code": "US",
        },
        "birthdate": "1990-12-31",
        "phone_number": "+14155550132",
        "email_address": format!("{unique}@customers.example.com"),
    });
    match fields {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
