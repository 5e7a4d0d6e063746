//! The rule: find the account this key names, or create it, exactly once, even in a race.
//!
//! It works on slices. Items of one slice that touch the same key or account take turns (rounds), so
//! that a slice does what its items would do one after the other. (In which order is not promised where
//! one item gives up a key that another one takes, or brings new tags.) A race with another transaction is
//! decided by `identifiers`: whoever inserts the key first has created the account; the other one is
//! told so by the insert itself, and finds the winner in its next round.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use muster_domain::AccountId;
use muster_store::accounts::{self as rows, StoredAccount};
use muster_store::data_keys::NewDataKey;
use muster_store::identifiers::{self, UniqueKey};
use muster_store::organizations::Hold;
use muster_store::seal::MasterKey;
use muster_store::{Retry, Tx, data_keys, events, organizations, tags};

use super::change::{self, Change};
use super::keys::{insert_index, keys_of};
use super::once::{claim_keys, keep_replies};
use super::{Answer, Draft, FindOrCreate, OnExisting, Opened, Outcome, Wanted, files};
use crate::{Error, Result};

/// Rounds before an item gives up and the transaction is run again.
const ROUNDS_MAX: usize = 300;
/// Consolidations that are followed from one account to the next.
const HOPS_MAX: usize = 1000;

pub(super) type Answers = Vec<Option<Answer>>;

/// Finds or creates the account of each item. One result per item, in order.
///
/// # Errors
/// For the slice as a whole only when the database fails; then nothing of it is written.
pub fn find_or_create(tx: &mut Tx<'_>, master: &MasterKey, items: &[FindOrCreate]) -> Result<Vec<Answer>> {
    let mut answers: Answers = items.iter().map(|_| None).collect();
    refuse_stale(tx, items, &mut answers)?;
    let claimed = claim_keys(tx, master, items, &mut answers)?;
    let open = |answers: &Answers| (0..items.len()).filter(|&i| answers[i].is_none()).collect::<Vec<_>>();
    let (tagged, mut waiting): (Vec<usize>, Vec<usize>) =
        open(&answers).into_iter().partition(|&i| !items[i].wanted.new_tags.is_empty());
    for _ in 0..ROUNDS_MAX {
        if waiting.is_empty() {
            break;
        }
        waiting = Round { tx, master, items, reading: Reading::ToChange }.run(&waiting, &mut answers)?;
    }
    let mut with_more_tags = BTreeSet::new();
    for i in tagged {
        let outcome = with_new_tags(tx, master, items, i);
        match &outcome {
            // A deadlock is no answer: the whole slice runs again.
            Err(error) if error.is_retry() => return outcome.map(|_| Vec::new()),
            Err(_) => {}
            Ok(_) => drop(with_more_tags.insert(&items[i].catalog.organization)),
        }
        answers[i] = Some(Answer::Outcome(outcome));
    }
    for organization in with_more_tags {
        organizations::bump_catalog(tx, organization)?;
    }
    if open(&answers).is_empty() {
        return keep_replies(tx, items, answers, &claimed);
    }
    Err(muster_store::Error::Retry("accounts that keep changing hands").into())
}

/// Refuses items that were prepared against types that have changed since.
fn refuse_stale(tx: &mut Tx<'_>, items: &[FindOrCreate], answers: &mut Answers) -> Result<()> {
    let mut holds = BTreeMap::new();
    for item in items {
        let hold = if item.wanted.new_tags.is_empty() { Hold::AsItIs } else { Hold::ToChange };
        let wanted = holds.entry(&item.catalog.organization).or_insert(hold);
        *wanted = hold.max(*wanted);
    }
    let mut versions = HashMap::new();
    // In one order, and once for all: transactions wait for each other without deadlock.
    for (organization, hold) in holds {
        let version = organizations::hold_catalog_version(tx, organization, hold)?;
        versions.insert(organization, organizations::types_version(version));
    }
    for (item, answer) in items.iter().zip(answers) {
        if versions.get(&item.catalog.organization) != Some(&item.catalog.types_version()) {
            *answer = Some(Answer::Outcome(Err(Error::StaleCatalog)));
        }
    }
    Ok(())
}

/// An item that brings new tags runs alone: if it is refused, its tags must not stay.
fn with_new_tags(tx: &mut Tx<'_>, master: &MasterKey, items: &[FindOrCreate], i: usize) -> Result<Outcome> {
    tx.savepoint(|tx| {
        let item = &items[i];
        let (organization, new_tags) = (&item.catalog.organization, &item.wanted.new_tags);
        let created = tags::insert_absent(tx, organization, new_tags, item.scope.now)?;
        if created != new_tags.len() as u64 {
            return Err(Error::StaleCatalog);
        }
        let mut answers: Answers = items.iter().map(|_| None).collect();
        let mut waiting = vec![i];
        while !waiting.is_empty() {
            waiting = Round { tx, master, items, reading: Reading::ToChange }.run(&waiting, &mut answers)?;
        }
        match answers[i].take() {
            Some(Answer::Outcome(outcome)) => outcome,
            _ => Err(Error::bug("an item of a slice was not answered")),
        }
    })
}

/// What accounts are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// To be changed, as far as the items do that: nobody else may change them meanwhile.
    ToChange,
    /// To be looked at.
    Only,
}

/// One turn of the items whose keys do not collide.
pub(super) struct Round<'a, 'c> {
    pub(super) tx: &'a mut Tx<'c>,
    pub(super) master: &'a MasterKey,
    pub(super) items: &'a [FindOrCreate],
    pub(super) reading: Reading,
}

impl Round<'_, '_> {
    /// Takes the turn of the items in `waiting` that can have it. Returns those that must wait.
    fn run(&mut self, waiting: &[usize], answers: &mut Answers) -> Result<Vec<usize>> {
        let (turn, mut again) = self.take_turns(waiting);
        let found = self.find(&turn)?;
        let (mut fresh, mut changes, mut touched) = (Vec::new(), Vec::new(), HashSet::new());
        for (i, found) in turn.into_iter().zip(found) {
            let Some(stored) = found else {
                match &self.items[i].draft {
                    Ok(draft) => fresh.push((i, draft.as_ref())),
                    Err(error) => answers[i] = Some(Answer::Outcome(Err(again_as(error)))),
                }
                continue;
            };
            if !touched.insert(stored.0.row.id.clone()) {
                again.push(i);
                continue;
            }
            match self.resolve(&self.items[i], &stored) {
                Err(error) if error.is_retry() => return Err(error),
                Ok((outcome, None)) => answers[i] = Some(Answer::Outcome(Ok(outcome))),
                Ok((outcome, Some(change))) => changes.push((i, outcome, change)),
                Err(error) => answers[i] = Some(Answer::Outcome(Err(error))),
            }
        }
        self.create(fresh, answers, &mut again)?;
        self.change(changes, answers)?;
        again.sort_unstable();
        Ok(again)
    }

    /// Splits the waiting items into those that go now and those that share a key with one that does.
    fn take_turns(&self, waiting: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut taken: HashSet<&UniqueKey> = HashSet::with_capacity(waiting.len());
        let (mut turn, mut again) = (Vec::with_capacity(waiting.len()), Vec::new());
        for &i in waiting {
            let item = &self.items[i];
            let drafted = item.draft.as_ref().map(|draft| draft.keys.unique.as_slice()).unwrap_or_default();
            let keys = || item.key.iter().chain(drafted);
            if keys().any(|key| taken.contains(key)) {
                again.push(i);
            } else {
                turn.push(i);
            }
            // Those who wait hold their keys as well: nobody behind them overtakes.
            taken.extend(keys());
        }
        (turn, again)
    }

    /// Looks up the accounts of the items that look first, following consolidations (then the flag is set).
    pub(super) fn find(&mut self, turn: &[usize]) -> Result<Vec<Option<(StoredAccount, bool)>>> {
        let item = |n: usize| &self.items[turn[n]];
        let looking: Vec<usize> =
            (0..turn.len()).filter(|&n| item(n).looks_first() && item(n).key.is_some()).collect();
        let keys: Vec<&UniqueKey> = looking.iter().filter_map(|&n| item(n).key.as_ref()).collect();
        let holders = identifiers::find(self.tx, &keys)?;
        let mut found: Vec<Option<(StoredAccount, bool)>> = turn.iter().map(|_| None).collect();
        let mut open: Vec<(usize, AccountId)> =
            looking.into_iter().zip(holders).filter_map(|(n, holder)| Some((n, holder?))).collect();
        open.extend((0..turn.len()).filter_map(|n| Some((n, item(n).target.clone()?))));
        for hop in 0..HOPS_MAX {
            if open.is_empty() {
                return Ok(found);
            }
            // One order for all transactions: they wait for each other's accounts without deadlock.
            open.sort_by(|a, b| a.1.cmp(&b.1));
            let wanted: Vec<_> =
                open.iter().map(|(n, id)| (self.items[turn[*n]].scope.place(), id)).collect();
            let changes = self.reading == Reading::ToChange
                && open.iter().any(|(n, _)| self.items[turn[*n]].on_existing == OnExisting::Update);
            let stored = match changes {
                true => rows::find_many_to_change(self.tx, &wanted)?,
                false => rows::find_many(self.tx, &wanted)?,
            };
            let by_id: HashMap<AccountId, StoredAccount> =
                stored.into_iter().map(|stored| (stored.row.id.clone(), stored)).collect();
            let mut next = Vec::new();
            for (n, id) in open {
                // Two items may have found the same account by different keys.
                let stored = by_id.get(&id).cloned();
                let survivor = stored.as_ref().and_then(|stored| stored.row.consolidated_into.clone());
                // Whoever names the account itself means no other.
                match survivor.filter(|_| item(n).target.is_none()) {
                    Some(survivor) => next.push((n, survivor)),
                    None => found[n] = stored.map(|stored| (stored, hop > 0)),
                }
            }
            open = next;
        }
        Err(Error::bug("accounts are consolidated in a circle"))
    }

    /// Decides what a stored account means for an item.
    fn resolve(
        &self,
        item: &FindOrCreate,
        found: &(StoredAccount, bool),
    ) -> Result<(Outcome, Option<Change>)> {
        if found.0.row.archived_at.is_some() {
            return Err(archived());
        }
        let (opened, way) = self.open(item, found)?;
        judge(item, &item.wanted, opened, way)
    }

    /// Opens the stored account of an item.
    ///
    /// # Errors
    /// [`muster_store::Error::Retry`] when it is the item's no more.
    pub(super) fn open(
        &self,
        item: &FindOrCreate,
        (stored, followed): &(StoredAccount, bool),
    ) -> Result<(Arc<Opened>, Way)> {
        let opened = Opened::new(stored, &item.scope, &item.catalog, self.master)?;
        if !followed && !Self::names(item, &opened) {
            return Err(muster_store::Error::Retry("a key that has just changed hands").into());
        }
        Ok((Arc::new(opened), if *followed { Way::Followed } else { Way::Direct }))
    }

    /// Whether the item's key still names the account: it may have changed between look-up and reading.
    fn names(item: &FindOrCreate, opened: &Opened) -> bool {
        item.key.as_ref().is_none_or(|key| keys_of(&item.scope, &opened.account).unique.contains(key))
    }

    /// Creates accounts. One whose key turns out to be taken is refused, or looks again if it may.
    fn create(
        &mut self,
        mut fresh: Vec<(usize, &Draft)>,
        answers: &mut Answers,
        again: &mut Vec<usize>,
    ) -> Result<()> {
        let mut keys: Vec<(&UniqueKey, &AccountId)> = fresh
            .iter()
            .flat_map(|(_, draft)| draft.keys.unique.iter().map(|key| (key, &draft.row.id)))
            .collect();
        keys.sort_unstable();
        let taken_now: HashSet<(String, String)> =
            identifiers::insert_absent(self.tx, &keys)?.into_iter().collect();
        let got =
            |draft: &Draft, key: &UniqueKey| taken_now.contains(&(draft.row.id.to_string(), key.key.clone()));
        let mut lost = Vec::new();
        if taken_now.len() < keys.len() {
            fresh.retain(|&(i, draft)| {
                let whole = draft.keys.unique.iter().all(|key| got(draft, key));
                if !whole {
                    lost.push((i, draft));
                }
                whole
            });
        }
        for (i, draft) in lost {
            let (ours, theirs): (Vec<_>, Vec<_>) = draft.keys.unique.iter().partition(|key| got(draft, key));
            let ours: Vec<_> = ours.into_iter().map(|key| (key, &draft.row.id)).collect();
            identifiers::delete(self.tx, &ours)?;
            let item = &self.items[i];
            if item.looks_first() && theirs.iter().any(|key| Some(*key) == item.key.as_ref()) {
                again.push(i);
            } else {
                answers[i] = Some(Answer::Outcome(Err(self.why_taken(item, &theirs)?)));
            }
        }
        self.insert(&fresh)?;
        for (i, draft) in fresh {
            answers[i] = Some(Answer::Outcome(Ok(Outcome::Created(Arc::clone(&draft.opened)))));
        }
        Ok(())
    }

    fn insert(&mut self, fresh: &[(usize, &Draft)]) -> Result<()> {
        let environment = |i: usize| &self.items[i].scope.environment.id;
        let accounts: Vec<_> = fresh.iter().map(|&(i, draft)| (environment(i), &draft.row)).collect();
        let keys: Vec<_> = fresh
            .iter()
            .map(|&(i, draft)| NewDataKey {
                environment: environment(i),
                subject: draft.row.id.as_str(),
                wrapped: &draft.wrapped_key,
            })
            .collect();
        let index: Vec<_> = fresh.iter().map(|(_, draft)| (&draft.keys, &draft.row.id)).collect();
        let happened: Vec<_> = fresh.iter().map(|&(i, draft)| (environment(i), &draft.event)).collect();
        let brought = fresh
            .iter()
            .map(|&(i, draft)| (environment(i), &draft.row.id, draft.files.as_slice(), draft.row.created_at));
        files::insert(self.tx, brought)?;
        self.tx.together(|tx| {
            rows::insert(tx, &accounts)?;
            data_keys::insert(tx, &keys)?;
            insert_index(tx, &index)?;
            Ok(events::insert(tx, &happened)?)
        })
    }

    /// Says which key is taken, and whether an archived account holds it.
    pub(super) fn why_taken(&mut self, item: &FindOrCreate, keys: &[&UniqueKey]) -> Result<Error> {
        let holders: Vec<AccountId> = identifiers::find(self.tx, keys)?.into_iter().flatten().collect();
        let wanted: Vec<_> = holders.iter().map(|id| (item.scope.place(), id)).collect();
        let stored = rows::find_many(self.tx, &wanted)?;
        if stored.iter().any(|stored| stored.row.archived_at.is_some()) {
            return Ok(archived());
        }
        Ok(keys.first().map_or_else(|| taken("its key"), |key| taken(&key.key)))
    }

    /// Writes changed accounts.
    fn change(&mut self, changes: Vec<(usize, Outcome, Change)>, answers: &mut Answers) -> Result<()> {
        let plans: Vec<_> = changes.iter().map(|(i, _, change)| (&self.items[*i].scope, change)).collect();
        let refused = change::write(self.tx, &plans)?;
        for ((i, outcome, _), refused) in changes.into_iter().zip(refused) {
            answers[i] = Some(Answer::Outcome(match refused {
                None => Ok(outcome),
                Some(key) => Err(taken(&key)),
            }));
        }
        Ok(())
    }
}

/// How an item came to its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By its key, or its ID.
    Direct,
    /// By the key of an account that was merged into it.
    Followed,
}

/// Decides what an account means for an item that wants `wanted` of it: the one place where this is decided.
///
/// # Errors
/// Why it is refused.
pub(super) fn judge(
    item: &FindOrCreate,
    wanted: &Wanted,
    opened: Arc<Opened>,
    way: Way,
) -> Result<(Outcome, Option<Change>)> {
    if opened.account.archived_at.is_some() {
        return Err(archived());
    }
    match item.on_existing {
        OnExisting::Reject => Err(taken("its key")),
        OnExisting::Reuse => Ok((Outcome::Existing(opened), None)),
        OnExisting::Update => {
            let mut wanted = Cow::Borrowed(wanted);
            if let (Way::Followed, Some(key)) = (way, &item.key) {
                // The value that led here stays with the account that was merged away.
                wanted.to_mut().fields.0.remove(&key.key);
            }
            match change::plan(&item.scope, &opened, &wanted, item.requirements)? {
                None => Ok((Outcome::Unchanged(opened), None)),
                Some(change) => Ok((Outcome::Updated(Arc::clone(&change.after)), Some(change))),
            }
        }
    }
}

/// A refusal that is found again for each item it applies to.
pub(super) fn again_as(error: &Error) -> Error {
    match error {
        Error::Invalid(violations) => Error::Invalid(violations.clone()),
        Error::Malformed(violations) => Error::Malformed(violations.clone()),
        Error::NotFound => Error::NotFound,
        Error::StaleCatalog => Error::StaleCatalog,
        other => Error::bug(other.to_string()),
    }
}

/// The refusal for a key that another account holds (spec C.12).
pub(super) fn taken(key: &str) -> Error {
    if key == identifiers::REFERENCE_ID {
        return Error::Conflict {
            title: "Conflict",
            details: "Resource already exists as an active resource: data.attributes.reference_id is in use"
                .to_owned(),
        };
    }
    Error::Conflict {
        title: "Record not unique",
        details: format!("data.attributes.fields.{key} is in use by another account of this type"),
    }
}

/// The refusal where an archived account is met.
pub(super) fn archived() -> Error {
    Error::Conflict {
        title: "Conflict",
        details: "this account is archived; restore it first, or use another key".to_owned(),
    }
}
