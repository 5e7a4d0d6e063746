//! Files: given in JSON and in forms, kept sealed, had by signed links.

mod download;
mod multipart;
mod redaction;
mod rules;
mod upload;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_testkit::TestApp;
use serde_json::{Value, json};

use crate::bodies::account_type;

/// Bytes that are a PNG by their beginning; `text` makes them somebody's.
fn png(text: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", text.as_bytes()].concat()
}

fn pdf(text: &str) -> Vec<u8> {
    [b"%PDF-1.7\n", text.as_bytes()].concat()
}

/// A file as it is given in JSON.
fn file(bytes: &[u8], filename: &str) -> Value {
    json!({ "data": STANDARD.encode(bytes), "filename": filename })
}

/// The stored value of a field of a reply.
fn field(reply: &muster_testkit::Reply, key: &str) -> Value {
    reply.at(&format!("/data/attributes/fields/{key}/value")).clone()
}

fn url(value: &Value) -> &str {
    value["url"].as_str().unwrap()
}

/// A type with files of every manner.
async fn papers(app: &TestApp) -> String {
    let definition = json!({
        "name": "Papers",
        "identifiers": [{ "key": "email", "unique": true }],
        "field-schemas": [
            { "key": "email", "type": "string" },
            { "key": "count", "type": "integer" },
            { "key": "extra", "type": "json" },
            { "key": "passport", "type": "file" },
            { "key": "small", "type": "file", "config": {
                "min-file-size-bytes": 10, "max-file-size-bytes": 40,
                "supported-mime-types": ["image/jpg", "text/plain"] } },
            { "key": "short", "type": "file", "config": {
                "page-count-limit-enabled": true, "page-count-min": 1, "page-count-max": 3 } },
            { "key": "once", "type": "file", "config": { "write-policy": "write_once" } },
            { "key": "deed", "type": "file", "config": { "redaction-policy": "never" } },
            { "key": "scans", "type": "array", "config": { "item-schema": { "type": "file" } } },
            { "key": "contract", "type": "hash", "config": { "item-schemas": [
                { "key": "title", "type": "string" }, { "key": "paper", "type": "file" }
            ] } }
        ]
    });
    account_type(app, definition).await
}
