//! Resources on the wire: attributes and relationships of each noun, in the newest version.

mod account;
mod account_type;
mod event;
mod timeline;

use std::sync::Arc;

use muster_app::accounts::{Account, Entry, Origin};
use muster_app::events::Event;
use muster_domain::AccountType;
use serde::{Serialize, Serializer};

use crate::links::FileLinks;

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
    /// What happened to an account.
    TimelineEntry(Box<Entry>),
    /// Where a value of an account comes from.
    FieldOrigin(Arc<Account>, Box<Origin>),
}

/// A resource as it is shown to one caller, who gets links to the files in it.
pub struct Shown<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// Makes the links.
    pub links: &'a FileLinks,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.resource.show(self.links, serializer)
    }
}

impl Resource {
    fn show<S: Serializer>(&self, links: &FileLinks, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Account(account) => account::AccountResource::new(account, links).serialize(serializer),
            Self::AccountType(ty) => account_type::published(ty).serialize(serializer),
            Self::ExtendedAccountType(ty) => account_type::extended(ty).serialize(serializer),
            Self::Event(event) => event::EventResource::new(event, links).serialize(serializer),
            Self::TimelineEntry(entry) => timeline::entry(entry, links).serialize(serializer),
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
