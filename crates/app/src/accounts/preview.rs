//! What [`find_or_create`](super::find_or_create()) would do, without doing it.
//!
//! It reads, and judges each item by the same rule. What an item would create or change, the items behind it in the
//! slice already see. (As there, the order is not promised where one item gives up a key that another one takes.)

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use muster_domain::AccountId;
use muster_domain::fold::fold;
use muster_store::Tx;
use muster_store::identifiers::{self, UniqueKey};
use muster_store::organizations;
use muster_store::seal::MasterKey;
use muster_store::tags::Tag;

use super::change::Change;
use super::find_or_create::{Reading, Round, Way, again_as, judge, taken as in_use};
use super::keys::KeyChanges;
use super::{Account, Draft, FindOrCreate, Opened, Outcome, Wanted};
use crate::{Error, Result};

/// What would become of one item.
#[derive(Debug)]
pub enum Preview {
    /// There is none: it would be created like this, if with other IDs.
    Create(Arc<Account>),
    /// It would be changed.
    Update {
        /// As it is now.
        before: Arc<Account>,
        /// As it would be.
        after: Arc<Account>,
    },
    /// It is there and is already as wanted.
    Unchanged(Arc<Account>),
    /// It is there and would be taken as it is.
    Skip(Arc<Account>),
    /// The item would be refused.
    Refused(Error),
}

/// Says what would become of each item: one entry per item, in order. Writes nothing; a reading connection will do.
///
/// # Errors
/// [`Error::StaleCatalog`] when an item was prepared against types that have changed since; else only when the
/// database fails.
pub fn find_or_create(tx: &mut Tx<'_>, master: &MasterKey, items: &[FindOrCreate]) -> Result<Vec<Preview>> {
    expect_types(tx, items)?;
    let mut round = Round { tx, master, items, reading: Reading::Only };
    let turn: Vec<usize> = (0..items.len()).collect();
    let found = round.find(&turn)?;
    let mut stored = Vec::with_capacity(items.len());
    for (item, found) in items.iter().zip(&found) {
        let found = found.as_ref().map(|found| of_item(round.open(item, found))).transpose()?;
        stored.push(match found {
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok((opened, way))) => {
                let judged = of_item(judge(item, &item.wanted, Arc::clone(&opened), way))?;
                Some(Ok(Stored { opened, way, judged }))
            }
        });
    }
    let holders = holders(round.tx, items, &stored)?;
    let (moved, accounts, tags) = (HashMap::new(), HashMap::new(), HashMap::new());
    let mut slice = Slice { round, holders, moved, accounts, tags };
    let mut previews = Vec::with_capacity(items.len());
    for (item, stored) in items.iter().zip(stored) {
        previews.push(of_item(slice.one(item, stored))?.unwrap_or_else(Preview::Refused));
    }
    Ok(previews)
}

/// Makes sure that all items were prepared by the types of now.
fn expect_types(tx: &mut Tx<'_>, items: &[FindOrCreate]) -> Result<()> {
    let mut last = None;
    for item in items {
        let organization = &item.catalog.organization;
        let version = match last {
            Some((of, version)) if of == organization => version,
            _ => organizations::types_version(organizations::catalog_version(tx, organization)?),
        };
        last = Some((organization, version));
        if version != item.catalog.types_version() {
            return Err(Error::StaleCatalog);
        }
    }
    Ok(())
}

/// Takes apart what ends one item and what ends the slice.
fn of_item<T>(result: Result<T>) -> Result<Result<T>> {
    match result {
        Err(error @ (Error::Retry(_) | Error::StaleCatalog | Error::Busy)) => Err(error),
        result => Ok(result),
    }
}

/// What an item's account comes to, and the change if there is one.
type Judged = (Outcome, Option<Change>);

/// A stored account that an item names.
struct Stored {
    opened: Arc<Opened>,
    way: Way,
    judged: Result<Judged>,
}

/// Keys and who holds them, if anybody.
type Holders = HashMap<UniqueKey, Option<AccountId>>;

/// Who holds the keys that the items would take.
fn holders(tx: &mut Tx<'_>, items: &[FindOrCreate], stored: &[Option<Result<Stored>>]) -> Result<Holders> {
    let mut keys: Vec<&UniqueKey> = Vec::new();
    for (item, stored) in items.iter().zip(stored) {
        match (stored, &item.draft) {
            (Some(Ok(Stored { judged: Ok((_, Some(change))), .. })), _) => keys.extend(&change.keys.taken),
            (Some(_), _) | (None, Err(_)) => {}
            (None, Ok(draft)) => keys.extend(&draft.keys.unique),
        }
    }
    let found = identifiers::find(tx, &keys)?;
    Ok(keys.into_iter().cloned().zip(found).collect())
}

/// A slice on its way: what is stored, and what its items so far would have made of it.
struct Slice<'a, 'c> {
    round: Round<'a, 'c>,
    /// What is stored of the keys that were looked up.
    holders: Holders,
    /// The keys that an item took or gave up.
    moved: Holders,
    /// The accounts that an item created or changed, as they would be now.
    accounts: HashMap<AccountId, Arc<Opened>>,
    /// The tags that items brought, by their folded names.
    tags: HashMap<String, Tag>,
}

impl Slice<'_, '_> {
    fn one(&mut self, item: &FindOrCreate, stored: Option<Result<Stored>>) -> Result<Preview> {
        let stored = stored.transpose()?;
        let moved = item.key.as_ref().filter(|_| item.looks_first()).and_then(|key| self.moved.get(key));
        let id = match (moved, &stored) {
            (Some(holder), _) => holder.clone(),
            (None, Some(stored)) => Some(stored.opened.account.id.clone()),
            (None, None) => None,
        };
        let Some(id) = id else { return self.create(item) };
        let stored = stored.filter(|stored| stored.opened.account.id == id);
        let way = stored.as_ref().map_or(Way::Direct, |stored| stored.way);
        let (before, judged) = match (self.accounts.get(&id).cloned(), stored) {
            (None, Some(stored)) if item.wanted.new_tags.is_empty() => (stored.opened, stored.judged),
            (Some(opened), _) | (None, Some(Stored { opened, .. })) => {
                let wanted = self.wanted(item);
                (Arc::clone(&opened), judge(item, &wanted, opened, way))
            }
            (None, None) => return Err(Error::bug("a key moved to an account that did not change")),
        };
        match judged? {
            (Outcome::Existing(opened), _) => Ok(Preview::Skip(Arc::clone(&opened.account))),
            (outcome, None) => Ok(Preview::Unchanged(Arc::clone(outcome.account()))),
            (_, Some(change)) => self.change(&before, &change),
        }
    }

    /// What an item wants, with the tags that items before it brought.
    fn wanted<'i>(&mut self, item: &'i FindOrCreate) -> Cow<'i, Wanted> {
        let mut wanted = Cow::Borrowed(&item.wanted);
        for tag in &item.wanted.new_tags {
            let first = self.tags.entry(fold(&tag.name)).or_insert_with(|| tag.clone());
            if first.id != tag.id {
                let tags = wanted.to_mut().tags.iter_mut().flatten();
                tags.filter(|other| other.id == tag.id).for_each(|other| other.clone_from(first));
            }
        }
        wanted
    }

    fn create(&mut self, item: &FindOrCreate) -> Result<Preview> {
        let draft: &Draft = item.draft.as_ref().map_err(again_as)?;
        let theirs: Vec<&UniqueKey> = draft.keys.unique.iter().filter(|key| self.is_held(key)).collect();
        if !theirs.is_empty() {
            return Err(self.round.why_taken(item, &theirs)?);
        }
        let mut opened = Arc::clone(&draft.opened);
        if let Cow::Owned(Wanted { tags: Some(tags), .. }) = self.wanted(item) {
            let account = Account { tags, ..Account::clone(&opened.account) };
            opened = Arc::new(Opened { account: Arc::new(account), key: opened.key.clone() });
        }
        let account = Arc::clone(&opened.account);
        self.keep(&draft.keys.unique, opened);
        Ok(Preview::Create(account))
    }

    fn change(&mut self, before: &Opened, change: &Change) -> Result<Preview> {
        let KeyChanges { taken, freed, .. } = &change.keys;
        // Of a change that follows from the slice itself, nobody has looked yet who holds its keys.
        let is_known = |key: &&UniqueKey| self.moved.contains_key(key) || self.holders.contains_key(key);
        let fresh: Vec<&UniqueKey> = taken.iter().filter(|key| !is_known(key)).collect();
        if !fresh.is_empty() {
            let found = identifiers::find(self.round.tx, &fresh)?;
            self.holders.extend(fresh.into_iter().cloned().zip(found));
        }
        if let Some(key) = taken.iter().find(|key| self.is_held(key)) {
            return Err(in_use(&key.key));
        }
        self.moved.extend(freed.iter().map(|key| (key.clone(), None)));
        self.keep(taken, Arc::clone(&change.after));
        let (before, after) = (Arc::clone(&before.account), Arc::clone(&change.after.account));
        Ok(Preview::Update { before, after })
    }

    fn keep(&mut self, taken: &[UniqueKey], opened: Arc<Opened>) {
        let id = &opened.account.id;
        self.moved.extend(taken.iter().map(|key| (key.clone(), Some(id.clone()))));
        self.accounts.insert(id.clone(), opened);
    }

    fn is_held(&self, key: &UniqueKey) -> bool {
        self.moved.get(key).or_else(|| self.holders.get(key)).is_some_and(Option::is_some)
    }
}
