//! Hiding accounts and bringing them back. Muster's own: the public API has events for it, no operation.

use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{AccountId, Timestamp};
use muster_store::organizations::Hold;
use serde_json::{Map, Value, json};

use super::change::alter;
use super::update::{expect_types, open, write};
use super::{Account, Opened, Outcome};
use crate::{Cx, Error, Result};

/// Hides an account from lists and searches. Its keys stay taken. Nothing happens to one that is hidden.
///
/// # Errors
/// [`Error::NotFound`].
pub fn archive(cx: &mut Cx<'_, '_>, id: &AccountId) -> Result<Outcome> {
    expect_types(cx, Hold::AsItIs)?;
    let opened = open(cx, id)?;
    if opened.account.archived_at.is_some() {
        return Ok(Outcome::Unchanged(Arc::new(opened)));
    }
    let new = Account { archived_at: Some(cx.scope.now), ..Account::clone(&opened.account) };
    change(cx, &opened, new, EventName::AccountArchived)
}

/// Brings an account back. Nothing happens to one that is not hidden.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it was merged into another account.
pub fn restore(cx: &mut Cx<'_, '_>, id: &AccountId) -> Result<Outcome> {
    expect_types(cx, Hold::AsItIs)?;
    let opened = open(cx, id)?;
    if let Some(survivor) = &opened.account.consolidated_into {
        return Err(Error::Conflict {
            title: "Conflict",
            details: format!("this account was consolidated into {survivor}; unconsolidate it there"),
        });
    }
    if opened.account.archived_at.is_none() {
        return Ok(Outcome::Unchanged(Arc::new(opened)));
    }
    let new = Account { archived_at: None, ..Account::clone(&opened.account) };
    change(cx, &opened, new, EventName::AccountRestored)
}

fn change(cx: &mut Cx<'_, '_>, opened: &Opened, new: Account, name: EventName) -> Result<Outcome> {
    let told = archived_told(&opened.account, &new);
    let change = alter(cx.scope, opened, new, vec![(name, told)])?;
    write(cx, &change).map(Outcome::Updated)
}

/// What an event tells of an account that is hidden or brought back.
pub(super) fn archived_told(old: &Account, new: &Account) -> Map<String, Value> {
    let micros = |account: &Account| account.archived_at.map(Timestamp::as_micros);
    Map::from_iter([("archived".to_owned(), json!([micros(old), micros(new)]))])
}
