//! The account that an inquiry or a report is to hang on (spec A.3, decision 7).
//!
//! One rule for both: find the account that the choice names, or create it, in the transaction of whatever hangs
//! on it.

use std::sync::Arc;

use muster_domain::account::ReferenceId;
use muster_domain::account_type::Requirements;
use muster_domain::{AccountId, AccountType, AccountTypeId};
use muster_store::accounts as rows;
use muster_store::identifiers::{self, REFERENCE_ID, UniqueKey};

use super::find_or_create::archived;
use super::keys::unique_key;
use super::{Answer, NewAccount, OnExisting, Opened, Outcome, Wishes, find_or_create, prepare};
use crate::{Cx, Error, Result, Scope};

/// Consolidations that are followed from one account to the next.
const HOPS_MAX: usize = 1000;

/// Which account something is to hang on, as its request says.
#[derive(Clone, Debug, Default)]
pub struct AccountChoice {
    /// `account-id`.
    pub account_id: Option<AccountId>,
    /// The deprecated `reference-id`, which stands for `auto_create_reference_id`.
    pub reference_id: Option<ReferenceId>,
    /// `meta.auto-create-account`; true where it is left out.
    pub auto_create: Option<bool>,
    /// `meta.auto-create-account-type-id`.
    pub auto_create_type_id: Option<AccountTypeId>,
    /// `meta.auto-create-account-reference-id`.
    pub auto_create_reference_id: Option<ReferenceId>,
}

/// Finds or creates the account that something is to hang on; none where the choice says so.
///
/// # Errors
/// [`Error::Malformed`] for choices that contradict themselves, [`Error::NotFound`] for an unknown account or account
/// type, [`Error::Conflict`] when the account is archived or the reference ID belongs to several accounts.
pub fn attach(cx: &mut Cx<'_, '_>, choice: &AccountChoice) -> Result<Option<AccountId>> {
    let reference = settle_reference(choice)?;
    if choice.auto_create == Some(false) {
        refuse_creation(choice)?;
    }
    if let Some(id) = &choice.account_id {
        if reference.is_some() || choice.auto_create_type_id.is_some() {
            return Err(Error::malformed(
                ["data", "attributes", "account_id"],
                "must not be given together with a reference ID or an account type",
            ));
        }
        return existing(cx, id).map(Some);
    }
    if choice.auto_create == Some(false) {
        return Ok(None);
    }
    let given = choice.auto_create_type_id.as_ref().map(|id| {
        let found = cx.catalog.account_type(id).cloned();
        found.ok_or(Error::NotFound)
    });
    let given = given.transpose()?;
    let ty = match &reference {
        None => None,
        Some(reference) => type_of_holder(cx, reference, given.as_ref())?,
    };
    let ty = ty.or(given);
    let id = create(cx, ty.as_deref(), reference)?;
    if reference.is_none() {
        return Ok(Some(id));
    }
    existing(cx, &id).map(Some)
}

/// The one reference ID of both members that may name it.
fn settle_reference(choice: &AccountChoice) -> Result<Option<&ReferenceId>> {
    match (&choice.auto_create_reference_id, &choice.reference_id) {
        (Some(one), Some(other)) if one.folded() != other.folded() => Err(Error::malformed(
            ["data", "attributes", "reference_id"],
            "must be the same as meta.auto_create_account_reference_id, or be left out",
        )),
        (Some(one), _) | (None, Some(one)) => Ok(Some(one)),
        (None, None) => Ok(None),
    }
}

fn refuse_creation(choice: &AccountChoice) -> Result<()> {
    let members: [(bool, &[&str]); 3] = [
        (choice.auto_create_type_id.is_some(), &["meta", "auto_create_account_type_id"]),
        (choice.auto_create_reference_id.is_some(), &["meta", "auto_create_account_reference_id"]),
        (choice.reference_id.is_some(), &["data", "attributes", "reference_id"]),
    ];
    match members.into_iter().find(|(given, _)| *given) {
        None => Ok(()),
        Some((_, path)) => Err(Error::malformed(
            path.iter().copied(),
            "must be left out when meta.auto_create_account is false",
        )),
    }
}

/// The account itself, or the one that it was merged into; it stays as it is until the transaction ends. Else what is
/// hung on it could come after a consolidation or a redaction has looked for what hangs there.
fn existing(cx: &mut Cx<'_, '_>, id: &AccountId) -> Result<AccountId> {
    let mut id = id.clone();
    for _ in 0..HOPS_MAX {
        let found = rows::find_many_to_change(cx.tx, &[(cx.scope.place(), &id)])?;
        let found = found.into_iter().next().ok_or(Error::NotFound)?;
        match (found.row.consolidated_into, found.row.archived_at) {
            (Some(survivor), _) => id = survivor,
            (None, Some(_)) => return Err(archived()),
            (None, None) => return Ok(id),
        }
    }
    Err(Error::bug("accounts are consolidated in a circle"))
}

/// The type under which a reference ID is found: the given one, then the default, then the only other one.
fn type_of_holder(
    cx: &mut Cx<'_, '_>,
    reference: &ReferenceId,
    given: Option<&Arc<AccountType>>,
) -> Result<Option<Arc<AccountType>>> {
    let holders = holders(cx, reference)?;
    let default = cx.catalog.default_account_type()?.id.clone();
    for preferred in given.map(|ty| &ty.id).into_iter().chain([&default]) {
        if let Some((ty, _)) = holders.iter().find(|(ty, _)| ty.id == *preferred) {
            return Ok(Some(Arc::clone(ty)));
        }
    }
    match holders.as_slice() {
        [] => Ok(None),
        [(ty, _)] => Ok(Some(Arc::clone(ty))),
        several => {
            let ids: Vec<&str> = several.iter().map(|(_, id)| id.as_str()).collect();
            Err(Error::Conflict {
                title: "Conflict",
                details: format!(
                    "several accounts have this reference ID: {}; name one by account_id, or its type by \
                     meta.auto_create_account_type_id",
                    ids.join(", ")
                ),
            })
        }
    }
}

/// The accounts of any type that have a reference ID.
fn holders(cx: &mut Cx<'_, '_>, reference: &ReferenceId) -> Result<Vec<(Arc<AccountType>, AccountId)>> {
    let types = cx.catalog.account_types();
    let keys = keys_of_reference(cx.scope, types, reference);
    let found = identifiers::find(cx.tx, &keys.iter().collect::<Vec<_>>())?;
    Ok(types.iter().zip(found).filter_map(|(ty, id)| Some((Arc::clone(ty), id?))).collect())
}

fn keys_of_reference(scope: &Scope, types: &[Arc<AccountType>], reference: &ReferenceId) -> Vec<UniqueKey> {
    let value = || reference.folded().into_bytes();
    types.iter().map(|ty| unique_key(scope, ty, REFERENCE_ID, value())).collect()
}

/// The accounts of any type that have a reference ID, each followed to the one it was merged into.
///
/// # Errors
/// What the store reports.
pub fn find_by_reference(cx: &mut crate::ReadCx<'_, '_>, reference: &ReferenceId) -> Result<Vec<AccountId>> {
    let catalog = cx.catalog()?;
    let keys = keys_of_reference(cx.scope, catalog.account_types(), reference);
    let mut found: Vec<AccountId> =
        identifiers::find(cx.tx, &keys.iter().collect::<Vec<_>>())?.into_iter().flatten().collect();
    for id in &mut found {
        for _ in 0..HOPS_MAX {
            let stored = rows::find(cx.tx, cx.scope.place(), id)?;
            let Some(survivor) = stored.and_then(|stored| stored.row.consolidated_into) else { break };
            *id = survivor;
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn create(
    cx: &mut Cx<'_, '_>,
    ty: Option<&AccountType>,
    reference: Option<&ReferenceId>,
) -> Result<AccountId> {
    let new = NewAccount {
        account_type_id: ty.map(|ty| ty.id.clone()),
        wishes: Wishes { reference_id: reference.cloned().map(Some), ..Wishes::default() },
        upsert_by: None,
        on_existing: OnExisting::Reuse,
        // Whoever the account is, is to be found out.
        requirements: Requirements::Waive,
    };
    let item = prepare(cx.scope.clone(), Arc::clone(cx.catalog), cx.master, &new, cx.ids, None)?;
    let answer = find_or_create(cx.tx, cx.master, &[item])?.pop();
    match answer {
        Some(Answer::Outcome(outcome)) => outcome.map(|outcome| id_of(&outcome)),
        _ => Err(Error::bug("an account was neither found nor created")),
    }
}

fn id_of(outcome: &Outcome) -> AccountId {
    let opened: &Opened = outcome.opened();
    opened.account.id.clone()
}
