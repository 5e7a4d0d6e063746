//! The Rust client against a running server, on both engines: every operation has a method, every method comes back
//! typed, and the types are those of the OpenAPI document.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod example;
mod operations;
mod scene;
mod schema;
mod types;

#[path = "../../../crates/client/examples/upsert.rs"]
#[expect(dead_code, reason = "the test calls what the program's start calls")]
mod upsert;
