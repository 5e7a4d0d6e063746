//! Resources on the wire: attributes and relationships of each noun, in the newest version.

mod account;
mod account_type;
mod api_log;
mod event;
mod rate_limit;
mod timeline;

pub use account_type::definition_members as account_type_definition;

use std::sync::Arc;

use muster_app::accounts::{Account, Entry, Origin};
use muster_app::api_logs::ApiLog;
use muster_app::events::Event;
use muster_domain::AccountType;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::rate_limit::Decision;

/// One resource of a reply.
pub enum Resource {
    /// An account.
    Account(Arc<Account>),
    /// An account type as published.
    AccountType(Arc<AccountType>),
    /// An account type with everything that Muster's own operations let be written.
    ExtendedAccountType(Arc<AccountType>),
    /// An event.
    Event(Box<Event>),
    /// A resource object as it stands.
    Made(Box<Value>),
    /// What happened to an account.
    TimelineEntry(Box<Entry>),
    /// Where a value of an account comes from.
    FieldOrigin(Arc<Account>, Box<Origin>),
    /// A request in the log.
    ApiLog(Box<ApiLog>),
    /// What is left of the requests of a minute.
    RateLimit(Decision),
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Account(account) => account::AccountResource::new(account).serialize(serializer),
            Self::AccountType(ty) => account_type::published(ty).serialize(serializer),
            Self::ExtendedAccountType(ty) => account_type::extended(ty).serialize(serializer),
            Self::Event(event) => event::EventResource::new(event).serialize(serializer),
            Self::Made(object) => object.serialize(serializer),
            Self::TimelineEntry(entry) => timeline::entry(entry).serialize(serializer),
            Self::FieldOrigin(account, origin) => timeline::origin(account, origin).serialize(serializer),
            Self::ApiLog(log) => api_log::ApiLogResource::new(log).serialize(serializer),
            Self::RateLimit(decision) => rate_limit::RateLimitResource::new(*decision).serialize(serializer),
        }
    }
}

/// The schemas of all resources and of what they are made of, by name: JSON Schema, newest version, kebab case.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("account", account::schema()),
        ("account-type", account_type::schema()),
        ("extended-account-type", account_type::extended_schema()),
        ("field-schema", account_type::field_schema()),
        ("field-schema-definition", account_type::field_schema_definition()),
        ("event", event::schema()),
        ("batch-item", crate::operations::batch_item_schema()),
        ("timeline-entry", timeline::entry_schema()),
        ("field-origin", timeline::origin_schema()),
    ];
    all.extend(account::value_schemas());
    all
}

/// A reference to a resource: its type and ID.
#[derive(Serialize)]
struct Identity<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
}

/// A relationship to one other resource.
#[derive(Serialize)]
struct ToOne<'a> {
    data: Identity<'a>,
}
