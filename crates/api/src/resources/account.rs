//! Accounts on the wire (spec C.1).

use muster_app::accounts::Account;
use muster_domain::Timestamp;
use muster_domain::account_type::PresentedFields;
use serde::Serialize;

use super::{Identity, ToOne};
use crate::links::FileLinks;

/// The resource object of an account.
#[derive(Serialize)]
pub struct AccountResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
    relationships: Relationships<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    reference_id: Option<&'a str>,
    account_type_name: &'a str,
    created_at: String,
    updated_at: String,
    redacted_at: Option<String>,
    fields: PresentedFields<'a>,
    tags: Vec<&'a str>,
    account_status: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Relationships<'a> {
    account_type: ToOne<'a>,
}

impl<'a> AccountResource<'a> {
    /// Shows an account with links to its files.
    pub fn new(account: &'a Account, links: &'a FileLinks) -> Self {
        let ty = &account.account_type;
        Self {
            kind: "account",
            id: account.id.as_str(),
            attributes: Attributes {
                reference_id: account.reference_id.as_deref(),
                account_type_name: &ty.name,
                created_at: account.created_at.to_rfc3339_seconds(),
                updated_at: account.updated_at.to_rfc3339_seconds(),
                redacted_at: account.redacted_at.map(Timestamp::to_rfc3339_seconds),
                fields: ty.present(&account.fields, links),
                tags: account.tags.iter().map(|tag| tag.name.as_str()).collect(),
                account_status: &account.status.name,
            },
            relationships: Relationships {
                account_type: ToOne { data: Identity { kind: "account-type", id: ty.id.as_str() } },
            },
        }
    }
}
