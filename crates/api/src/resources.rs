//! Resources on the wire: attributes and relationships of each noun, in the newest version.

mod account;
mod account_type;
mod api_key;
mod event;
mod timeline;
mod user;
mod user_audit_log;

use std::sync::Arc;

use muster_app::accounts::{Account, Entry, Origin};
use muster_app::events::Event;
use muster_app::keys::{ApiKey, Issued};
use muster_app::user_audit_logs::{User, UserAuditLog};
use muster_domain::AccountType;
use serde::{Serialize, Serializer};

/// One resource of a reply.
pub enum Resource {
    /// An account.
    Account(Arc<Account>),
    /// An account type as published.
    AccountType(Arc<AccountType>),
    /// An account type with everything that Muster's own operations let be written.
    ExtendedAccountType(Arc<AccountType>),
    /// An API key.
    ApiKey(Box<ApiKey>),
    /// An API key that was made just now, with its secret.
    NewApiKey(Box<Issued>),
    /// An event.
    Event(Box<Event>),
    /// Somebody who works with Muster.
    User(Box<User>),
    /// What somebody did with Muster.
    UserAuditLog(Box<UserAuditLog>),
    /// What happened to an account.
    TimelineEntry(Box<Entry>),
    /// Where a value of an account comes from.
    FieldOrigin(Arc<Account>, Box<Origin>),
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Account(account) => account::AccountResource::new(account).serialize(serializer),
            Self::AccountType(ty) => account_type::published(ty).serialize(serializer),
            Self::ExtendedAccountType(ty) => account_type::extended(ty).serialize(serializer),
            Self::ApiKey(key) => api_key::ApiKeyResource::new(key, None).serialize(serializer),
            Self::NewApiKey(issued) => {
                api_key::ApiKeyResource::new(&issued.key, Some(&issued.secret)).serialize(serializer)
            }
            Self::Event(event) => event::EventResource::new(event).serialize(serializer),
            Self::User(user) => user::UserResource::new(user).serialize(serializer),
            Self::UserAuditLog(entry) => {
                user_audit_log::UserAuditLogResource::new(entry).serialize(serializer)
            }
            Self::TimelineEntry(entry) => timeline::entry(entry).serialize(serializer),
            Self::FieldOrigin(account, origin) => timeline::origin(account, origin).serialize(serializer),
        }
    }
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
