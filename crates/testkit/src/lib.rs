//! What the tests of Muster share: both databases, a running app, an HTTP client.

pub mod db;

pub use db::TestDb;
