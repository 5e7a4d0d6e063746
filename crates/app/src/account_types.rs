//! Managing account types: Muster's own operations; the public API can only read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use muster_domain::account_type::{AccountTypeSpec, TypeChange};
use muster_domain::event::EventName;
use muster_domain::{AccountType, AccountTypeId, EventId, ObjectId};
use muster_store::events::EventRow;
use muster_store::{account_types as rows, accounts as account_rows, events, organizations};

use crate::accounts::{self, Opened};
use crate::{Cx, Error, ReadCx, Result, Scope, keys};

/// Creates an account type.
///
/// # Errors
/// [`Error::Invalid`] for what is wrong with it, [`Error::Conflict`] when the name is in use.
pub fn create(cx: &mut Cx<'_, '_>, spec: &AccountTypeSpec) -> Result<AccountType> {
    expect_types(cx, cx.catalog.types_version())?;
    let ty = AccountType::create(spec, cx.ids, cx.scope.now).map_err(Error::Invalid)?;
    check_relations(cx, &ty)?;
    next_types(cx)?;
    if !rows::insert(cx.tx, &cx.scope.environment.organization, &ty)? {
        return Err(name_taken());
    }
    record(cx, &ty, EventName::AccountTypeCreated)?;
    Ok(ty)
}

/// Changes an account type; what it says about stored accounts holds from the next write on.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`], [`Error::Conflict`] when the name is in use.
pub fn revise(
    cx: &mut Cx<'_, '_>,
    id: &AccountTypeId,
    spec: &AccountTypeSpec,
) -> Result<(AccountType, Vec<TypeChange>)> {
    expect_types(cx, cx.catalog.types_version())?;
    let current = cx.catalog.account_type(id).ok_or(Error::NotFound)?;
    let (ty, changes) = current.revise(spec, cx.ids, cx.scope.now).map_err(Error::Invalid)?;
    check_relations(cx, &ty)?;
    if changes.is_empty() {
        return Ok((ty, changes));
    }
    if cx.catalog.account_type_named(&ty.name).is_some_and(|other| other.id != ty.id) {
        return Err(name_taken());
    }
    next_types(cx)?;
    if current.is_indexed_otherwise(&ty) {
        reindex(cx, current, &Arc::new(ty.clone()))?;
    }
    rows::update(cx.tx, &cx.scope.environment.organization, &ty)?;
    record(cx, &ty, EventName::AccountTypeUpdated)?;
    Ok((ty, changes))
}

/// Makes sure that the types the command was prepared with are those of now.
pub(crate) fn expect_types(cx: &mut Cx<'_, '_>, version: i64) -> Result<()> {
    let now = organizations::catalog_version(cx.tx, &cx.catalog.organization)?;
    match organizations::types_version(now) == version {
        true => Ok(()),
        false => Err(Error::StaleCatalog),
    }
}

/// Tells every cache that the types change. That takes a lock: nobody else can change one meanwhile.
fn next_types(cx: &mut Cx<'_, '_>) -> Result<()> {
    organizations::bump_types(cx.tx, &cx.scope.environment.organization)?;
    expect_types(cx, cx.catalog.types_version() + 1)
}

/// Brings the keys of stored accounts to changed identifiers and searchable fields, in the transaction of the change.
fn reindex(cx: &mut Cx<'_, '_>, before: &Arc<AccountType>, after: &Arc<AccountType>) -> Result<()> {
    let mut accounts = 0;
    for environment in organizations::list_environments(cx.tx, &cx.scope.environment.organization)? {
        let environment = keys::environment(cx.tx, cx.master, &environment.id)?;
        let scope = Scope { environment, ..cx.scope.clone() };
        let mut cursor = None;
        loop {
            let page = account_rows::page_of_all(cx.tx, scope.place(), cursor.as_ref(), CHECKED_AT_ONCE)?;
            let Some(last) = page.last() else { break };
            cursor = Some(last.row.id.clone());
            accounts += page.len();
            if accounts > REINDEXED_MAX {
                return Err(too_many(before, after));
            }
            let mut opened = Vec::new();
            for mut stored in page.into_iter().filter(|stored| stored.row.account_type_id == before.id) {
                // The version was raised a moment ago, by this transaction.
                stored.catalog_version = cx.catalog.version;
                opened.push(Opened::new(&stored, &scope, cx.catalog, cx.master)?.account);
            }
            accounts::change_keys(cx.tx, &scope, &opened, after)?;
        }
    }
    Ok(())
}

/// The refusal where more accounts would have to be indexed again than one transaction may touch.
fn too_many(before: &AccountType, after: &AccountType) -> Error {
    if before.identifiers != after.identifiers {
        return Error::invalid(
            ["identifiers"],
            format!("cannot change while the organization has more than {REINDEXED_MAX} accounts"),
        );
    }
    Error::invalid(
        ["field-schemas"],
        format!(
            "cannot change searchable and ordered of fields that accounts have values in while the organization \
             has more than {REINDEXED_MAX} accounts; a new field can be searchable from the start"
        ),
    )
}

fn name_taken() -> Error {
    Error::Conflict {
        title: "Conflict",
        details: "data.attributes.name is the name of another account type".to_owned(),
    }
}

fn check_relations(cx: &Cx<'_, '_>, ty: &AccountType) -> Result<()> {
    for relation in &ty.relations {
        let known = muster_domain::fold::fold(&relation.target) == muster_domain::fold::fold(&ty.name)
            || cx.catalog.account_type_named(&relation.target).is_some();
        if !known {
            return Err(Error::invalid(
                ["relation-schemas", relation.key.as_str(), "target"],
                "names no account type of this organization",
            ));
        }
    }
    Ok(())
}

/// Types belong to the organization: the event stands in each of its environments. Its payload is the
/// definition after the change; there is nothing personal in it, so it is not sealed.
fn record(cx: &mut Cx<'_, '_>, ty: &AccountType, name: EventName) -> Result<()> {
    let definition = ty.to_json().into_bytes();
    for environment in organizations::list_environments(cx.tx, &cx.scope.environment.organization)? {
        let object_id = ObjectId::from(ty.id.clone());
        let event = EventRow {
            id: cx.ids.mint::<EventId>(),
            object_seq: 1 + events::newest_seq(cx.tx, &environment.id, &object_id)?,
            object_id,
            name: name.as_str().to_owned(),
            actor: cx.scope.actor.to_string(),
            source: cx.scope.source.to_string(),
            at: cx.scope.now,
            payload: Some(definition.clone()),
        };
        events::insert(cx.tx, &[(&environment.id, &event)])?;
    }
    Ok(())
}

/// Accounts that are read to bring keys to a changed type, in one transaction. More would hold up
/// everybody else; a job that does it in steps is still to come.
const REINDEXED_MAX: usize = 10_000;
/// Accounts that are read at once when all of a type are checked.
const CHECKED_AT_ONCE: i64 = 500;

/// Counts the stored accounts of one environment that would not satisfy a type, by field: what a
/// stricter rule would mean for them. Nothing is changed.
///
/// # Errors
/// What the store reports.
pub fn count_failing(cx: &mut ReadCx<'_, '_>, ty: &AccountType) -> Result<Failing> {
    let mut failing = Failing::default();
    let mut cursor = None;
    loop {
        let page = account_rows::page_of_all(cx.tx, cx.scope.place(), cursor.as_ref(), CHECKED_AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(failing) };
        cursor = Some(last.row.id.clone());
        for stored in page.iter().filter(|stored| stored.row.account_type_id == ty.id) {
            let catalog = cx.catalog_at(stored.catalog_version)?;
            let account = Opened::new(stored, cx.scope, &catalog, cx.master)?.account;
            failing.checked += 1;
            let violations = ty.check_stored(&account.fields);
            failing.accounts += u64::from(!violations.is_empty());
            for violation in violations {
                let field = violation.path.iter().take(2).cloned().collect::<Vec<_>>().join(".");
                *failing.by_field.entry(field).or_default() += 1;
            }
        }
    }
}

/// How many stored accounts would not satisfy a type.
#[derive(Clone, Debug, Default)]
pub struct Failing {
    /// Accounts of the type.
    pub checked: u64,
    /// Those that would fail.
    pub accounts: u64,
    /// How often each field is the reason.
    pub by_field: BTreeMap<String, u64>,
}
