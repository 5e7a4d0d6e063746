//! What the tests of Muster share: both databases, a running app, an HTTP client.

pub mod app;
pub mod browser;
mod contract;
pub mod db;
pub mod files;
mod jobs;
mod outside;
mod server;

pub use app::{Reply, Tenant, TestApp};
pub use browser::{Browser, Page};
pub use db::TestDb;
