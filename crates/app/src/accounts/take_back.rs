//! Taking back what a row of an import made of an account.
//!
//! An account that the row created is archived, if nobody has touched it since. Of one that it changed, each member
//! that still has the row's value goes back to what the events say it was before; the others stay, and are told.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{AccountId, AccountStatusId, ObjectId, TagId};
use muster_store::events::{self, EventRow};
use muster_store::organizations::Hold;
use muster_store::seal::MasterKey;
use muster_store::tags::Tag;
use muster_store::{Tx, accounts as rows, records};
use serde_json::Value;

use super::archive::archived_told;
use super::change::{self, Change, alter, differences};
use super::find_or_create::taken;
use super::history::{History, walk_back};
use super::relations::{RelationChange, add_relation, remove_relation};
use super::update::expect_types;
use super::{Account, Opened};
use crate::{Catalog, Cx, Error, ReadCx, Result, Scope};

/// Events after a row that are looked at; an account with more of them counts as touched.
const LATER_MAX: i64 = 512;
/// Events that are read at once on the way back through what a row did.
const OWN_AT_ONCE: i64 = 8;

/// What a row made of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// It is new.
    Created,
    /// It was changed.
    Changed,
}

/// Whether a row may have related its account to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relating {
    /// It may.
    Maybe,
    /// It did not.
    No,
}

/// What happened to a relation, or is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkChange {
    /// It came.
    Added,
    /// It went.
    Removed,
}

/// A relation of an account that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its key.
    pub key: String,
    /// The other account.
    pub target: AccountId,
    /// What happened.
    pub change: LinkChange,
}

/// What one row did, and is to be taken back.
#[derive(Clone, Debug)]
pub struct TakeBack {
    /// In whose name, where and when. Each item has its own source.
    pub scope: Scope,
    /// The account.
    pub account: AccountId,
    /// What the row made of it.
    pub made: Made,
    /// Whether it may have related it to others.
    pub relating: Relating,
    /// Its version right after the row.
    pub version: i64,
    /// The source of what the row did, as events have it.
    pub row: String,
    /// How the sources of the whole run, and of what takes it back, begin: what they did is no touch of others.
    pub own: Arc<[String]>,
}

/// A member that stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name, such as `fields.email_address`, `tags`, `account-status` or `reference-id`; none for the whole account.
    pub member: Option<String>,
    /// Why: a sentence without its subject.
    pub why: &'static str,
}

/// What became of one item.
#[derive(Debug)]
pub enum TakenBack {
    /// The account is as it was before the row, as far as nothing was kept.
    Changed {
        /// As it was until now.
        before: Arc<Account>,
        /// As it is now.
        after: Arc<Account>,
        /// Its relations that came or went.
        links: Vec<Link>,
        /// What stays.
        kept: Vec<Kept>,
    },
    /// Nothing changed: it was as before the row already, or all of it stays.
    Same {
        /// The account.
        account: Arc<Account>,
        /// What stays.
        kept: Vec<Kept>,
    },
    /// It cannot be.
    Refused(Error),
}

/// Takes back what rows did. One entry per item, in order; the last row comes first.
///
/// # Errors
/// For the items as a whole only when the database fails; then nothing of it is written.
pub fn take_back(cx: &mut Cx<'_, '_>, items: &[TakeBack]) -> Result<Vec<TakenBack>> {
    expect_types(cx, Hold::AsItIs)?;
    let mut answers: Vec<Option<TakenBack>> = items.iter().map(|_| None).collect();
    let mut waiting: Vec<usize> = (0..items.len()).collect();
    while !waiting.is_empty() {
        // Items of one account take turns.
        let mut seen = HashSet::new();
        let (turn, later): (Vec<usize>, Vec<usize>) =
            waiting.into_iter().partition(|&i| seen.insert(&items[i].account));
        round(cx, items, &turn, &mut answers)?;
        waiting = later;
    }
    let all = answers.into_iter().map(|answer| answer.ok_or_else(|| Error::bug("an item was not answered")));
    all.collect()
}

/// Says what [`take_back`] would do. Writes nothing.
///
/// # Errors
/// Only when the database fails.
pub fn preview_take_back(cx: &mut ReadCx<'_, '_>, items: &[TakeBack]) -> Result<Vec<TakenBack>> {
    let catalog = cx.catalog()?;
    let wanted: Vec<_> = items.iter().map(|item| (item.scope.place(), &item.account)).collect();
    let stored = rows::find_many(cx.tx, &wanted)?;
    let mut answers = Vec::with_capacity(items.len());
    for item in items {
        let Some(stored) = stored.iter().find(|stored| stored.row.id == item.account) else {
            answers.push(TakenBack::Refused(Error::NotFound));
            continue;
        };
        let opened = Opened::new(stored, &item.scope, &catalog, cx.master)?;
        let judged = judge(cx.tx, item, &opened, (&catalog, Look::Ahead))?;
        answers.push(judged.told());
    }
    Ok(answers)
}

fn round(
    cx: &mut Cx<'_, '_>,
    items: &[TakeBack],
    turn: &[usize],
    answers: &mut [Option<TakenBack>],
) -> Result<()> {
    let opened = open(cx, items, turn)?;
    let mut changes = Vec::new();
    for (&i, opened) in turn.iter().zip(&opened) {
        let Some(opened) = opened else {
            answers[i] = Some(TakenBack::Refused(Error::NotFound));
            continue;
        };
        let judged = judge(cx.tx, &items[i], opened, (cx.catalog, Look::Now))?;
        match &judged.change {
            Some(_) => changes.push((i, judged)),
            None => answers[i] = Some(relink(cx, &items[i], judged.told())?),
        }
    }
    let plans: Vec<_> = changes
        .iter()
        .filter_map(|(i, judged)| judged.change.as_ref().map(|change| (&items[*i].scope, change)))
        .collect();
    let refused = change::write(cx.tx, &plans)?;
    for ((i, judged), refused) in changes.into_iter().zip(refused) {
        answers[i] = Some(match refused {
            None => relink(cx, &items[i], judged.told())?,
            Some(key) => TakenBack::Refused(taken(&key)),
        });
    }
    Ok(())
}

fn open(cx: &mut Cx<'_, '_>, items: &[TakeBack], turn: &[usize]) -> Result<Vec<Option<Opened>>> {
    // One order for all transactions: they wait for each other's accounts without deadlock.
    let mut ids: Vec<&AccountId> = turn.iter().map(|&i| &items[i].account).collect();
    ids.sort_unstable();
    let wanted: Vec<_> = ids.into_iter().map(|id| (cx.scope.place(), id)).collect();
    let stored = rows::find_many_to_change(cx.tx, &wanted)?;
    let master: &MasterKey = cx.master;
    turn.iter()
        .map(|&i| {
            let found = stored.iter().find(|stored| stored.row.id == items[i].account);
            found.map(|stored| Opened::new(stored, cx.scope, cx.catalog, master)).transpose()
        })
        .collect()
}

/// Whether what comes after a row has been taken back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// It has.
    Now,
    /// It would be by then: what the run did after the row is to be thought away.
    Ahead,
}

/// What is to become of one account.
struct Judged {
    /// As it is until then.
    before: Arc<Account>,
    change: Option<Change>,
    links: Vec<Link>,
    kept: Vec<Kept>,
}

impl Judged {
    fn keep(opened: &Opened, why: &'static str) -> Self {
        let kept = vec![Kept { member: None, why }];
        Self { before: Arc::clone(&opened.account), change: None, links: Vec::new(), kept }
    }

    fn told(self) -> TakenBack {
        let Self { before, change, links, kept } = self;
        let after = change.map_or_else(|| Arc::clone(&before), |change| Arc::clone(&change.after.account));
        if links.is_empty() && after.version == before.version {
            return TakenBack::Same { account: before, kept };
        }
        TakenBack::Changed { before, after, links, kept }
    }
}

fn judge(
    tx: &mut Tx<'_>,
    item: &TakeBack,
    opened: &Opened,
    (catalog, look): (&Catalog, Look),
) -> Result<Judged> {
    let (now, environment) = (&opened.account, &item.scope.environment.id);
    let object = ObjectId::from(now.id.clone());
    let later = match now.version > item.version {
        true => events::later(tx, environment, &object, (item.version, now.version), LATER_MAX)?,
        false => Vec::new(),
    };
    let is_own = |event: &EventRow| item.own.iter().any(|own| event.source.starts_with(own.as_str()));
    let is_touched = later.len() as i64 == LATER_MAX || !later.iter().all(is_own);
    let needs_history = item.made == Made::Changed || item.relating == Relating::Maybe;
    let own = if needs_history { own_events(tx, item, &object)? } else { Vec::new() };
    let links = links(&own, &later, opened, &is_own)?;
    if item.made == Made::Created {
        // What hangs on an account tells nothing in its own history.
        let range = records::Range { above: "", below: "~", newest_first: true, limit: 1 };
        let hangs = records::page(tx, environment, records::Selection::OfAccount(now.id.as_str()), range)?;
        if !hangs.is_empty() {
            return Ok(Judged::keep(opened, "is used by now: something hangs on it"));
        }
        return created(item, opened, is_touched, links);
    }
    if now.archived_at.is_some() {
        return Ok(Judged::keep(opened, "is archived; restore it first to take this back"));
    }
    let mut current = Account::clone(now);
    if look == Look::Ahead && !is_touched {
        for event in later.iter().rev() {
            walk_back(&mut current, &History::open(event, opened)?, catalog);
        }
    }
    let members = members(&own, opened)?;
    if members.is_empty() && links.is_empty() && now.redacted_at.is_some() {
        return Ok(Judged::keep(opened, "was redacted after the run"));
    }
    let (new, kept) = put_back(&current, members, catalog);
    let before = Opened { account: Arc::new(current), key: opened.key.clone() };
    let told = differences(&before.account, &new);
    let change = if told.is_empty() { None } else { Some(alter(&item.scope, &before, new, told)?) };
    Ok(Judged { before: before.account, change, links, kept })
}

/// What is to happen to the relations that the row added or removed, but for those that others changed since.
fn links(
    own: &[EventRow],
    later: &[EventRow],
    opened: &Opened,
    is_own: &impl Fn(&EventRow) -> bool,
) -> Result<Vec<Link>> {
    let mut links = Vec::new();
    for event in own.iter().rev() {
        links.extend(link(event, opened)?);
    }
    for event in later.iter().filter(|event| !is_own(event)) {
        if let Some(theirs) = link(event, opened)? {
            links.retain(|link: &Link| (&link.key, &link.target) != (&theirs.key, &theirs.target));
        }
    }
    for link in &mut links {
        link.change = match link.change {
            LinkChange::Added => LinkChange::Removed,
            LinkChange::Removed => LinkChange::Added,
        };
    }
    Ok(links)
}

/// What an event tells of a relation.
fn link(event: &EventRow, opened: &Opened) -> Result<Option<Link>> {
    let name = |name: EventName| event.name == name.as_str();
    let change = match () {
        () if name(EventName::AccountAddedRelation) => LinkChange::Added,
        () if name(EventName::AccountRemovedRelation) => LinkChange::Removed,
        () => return Ok(None),
    };
    let history = History::open(event, opened)?;
    let text = |member: &str| history.get("relation")?.get(member)?.as_str().map(str::to_owned);
    let link = text("key").zip(text("target"));
    Ok(link.map(|(key, target)| Link { key, target: AccountId::trusted(target), change }))
}

/// Adds and removes the relations of an account that goes back.
fn relink(cx: &mut Cx<'_, '_>, item: &TakeBack, end: TakenBack) -> Result<TakenBack> {
    let TakenBack::Changed { before, mut after, links, mut kept } = end else { return Ok(end) };
    let mut done = Vec::new();
    for link in links {
        let (id, key, target) = (item.account.clone(), link.key.clone(), link.target.clone());
        let command = RelationChange { id, key, target };
        let Cx { tx, catalog, master, ids, .. } = cx;
        let cx = &mut Cx { tx, scope: &item.scope, catalog, master, ids };
        let end = match link.change {
            LinkChange::Added => add_relation(cx, &command),
            LinkChange::Removed => remove_relation(cx, &command),
        };
        match end {
            Ok(opened) => {
                after = Arc::clone(&opened.account);
                done.push(link);
            }
            // Somebody was faster.
            Err(Error::NotFound) => {}
            Err(error) if error.is_refusal() => {
                let member = Some(format!("relations.{}", link.key));
                kept.push(Kept { member, why: "cannot be as it was; the accounts changed after the run" });
            }
            Err(error) => return Err(error),
        }
    }
    if done.is_empty() && after.version == before.version {
        return Ok(TakenBack::Same { account: before, kept });
    }
    Ok(TakenBack::Changed { before, after, links: done, kept })
}

fn created(item: &TakeBack, opened: &Opened, is_touched: bool, links: Vec<Link>) -> Result<Judged> {
    let now = &opened.account;
    if is_touched {
        return Ok(Judged::keep(opened, "was changed after the run"));
    }
    if now.archived_at.is_some() {
        return Ok(Judged { before: Arc::clone(now), change: None, links: Vec::new(), kept: Vec::new() });
    }
    let new = Account { archived_at: Some(item.scope.now), ..Account::clone(now) };
    let told = vec![(EventName::AccountArchived, archived_told(now, &new))];
    let change = Some(alter(&item.scope, opened, new, told)?);
    Ok(Judged { before: Arc::clone(now), change, links, kept: Vec::new() })
}

/// The events that tell what the row did, in their order.
fn own_events(tx: &mut Tx<'_>, item: &TakeBack, object: &ObjectId) -> Result<Vec<EventRow>> {
    let (mut found, mut until, mut limit) = (Vec::new(), item.version, OWN_AT_ONCE);
    while until > 0 {
        let from = (until - limit).max(0);
        let mut page = events::later(tx, &item.scope.environment.id, object, (from, until), limit)?;
        let goes_on = page.iter().all(|event| event.source == item.row);
        page.retain(|event| event.source == item.row);
        page.append(&mut found);
        found = page;
        if !goes_on {
            break;
        }
        (until, limit) = (from, limit * 4);
    }
    Ok(found)
}

/// A member of an account, as events name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Field(String),
    Status,
    Reference,
    Tags,
}

impl Member {
    fn name(&self) -> String {
        match self {
            Self::Field(key) => format!("fields.{key}"),
            Self::Status => "account-status".to_owned(),
            Self::Reference => "reference-id".to_owned(),
            Self::Tags => "tags".to_owned(),
        }
    }
}

/// What the row changed: before and after.
fn members(own: &[EventRow], opened: &Opened) -> Result<BTreeMap<Member, (Value, Value)>> {
    let mut members: BTreeMap<Member, (Value, Value)> = BTreeMap::new();
    for event in own {
        let history = History::open(event, opened)?;
        let mut note = |member: Member, pair: &Value| {
            let side = |at: usize| pair.get(at).cloned().unwrap_or(Value::Null);
            members.entry(member).or_insert_with(|| (side(0), Value::Null)).1 = side(1);
        };
        for (key, pair) in history.get("fields").and_then(Value::as_object).into_iter().flatten() {
            note(Member::Field(key.clone()), pair);
        }
        for (name, member) in
            [("status", Member::Status), ("reference", Member::Reference), ("tags", Member::Tags)]
        {
            if let Some(pair) = history.get(name) {
                note(member, pair);
            }
        }
    }
    Ok(members)
}

/// The account with each member that still has the row's value as it was before, and the others.
fn put_back(
    now: &Account,
    members: BTreeMap<Member, (Value, Value)>,
    catalog: &Catalog,
) -> (Account, Vec<Kept>) {
    let (mut new, mut kept) = (Account::clone(now), Vec::new());
    for (member, (before, after)) in members {
        let is = value_of(now, &member);
        if is == before {
            continue;
        }
        let why = match is == after {
            false => Some("was changed after the run"),
            true => (!set(&mut new, &member, before, catalog))
                .then_some("cannot go back to a status that its type no longer has"),
        };
        kept.extend(why.map(|why| Kept { member: Some(member.name()), why }));
    }
    (new, kept)
}

/// A member as events hold it.
fn value_of(account: &Account, member: &Member) -> Value {
    match member {
        Member::Field(key) => account.fields.get(key).cloned().unwrap_or(Value::Null),
        Member::Status => Value::from(account.status.id.as_str()),
        Member::Reference => account.reference_id.clone().map_or(Value::Null, Value::from),
        Member::Tags => account.tags.iter().map(|tag| tag.id.as_str()).collect(),
    }
}

/// Gives a member a value that it had. False when it can have it no more.
fn set(account: &mut Account, member: &Member, value: Value, catalog: &Catalog) -> bool {
    match member {
        Member::Field(key) => match value {
            Value::Null => drop(account.fields.0.remove(key)),
            value => drop(account.fields.0.insert(key.clone(), value)),
        },
        Member::Status => {
            let id = AccountStatusId::trusted(value.as_str().unwrap_or_default().to_owned());
            let Some(status) = account.account_type.status(&id).cloned() else { return false };
            account.status = status;
        }
        Member::Reference => account.reference_id = value.as_str().map(str::to_owned),
        Member::Tags => {
            let ids = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            let tags: Vec<Tag> = ids.filter_map(|id| catalog.tag(&TagId::trusted(id.to_owned()))).collect();
            account.tags = tags;
        }
    }
    true
}
