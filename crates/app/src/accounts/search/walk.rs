//! Goes along an order of accounts, in sections: those with each value, and those without one.

use std::collections::{BTreeMap, VecDeque};

use muster_domain::search::{Direction, Place, Search, SortBy, SortKey};
use muster_domain::{AccountId, AccountStatusId, AccountTypeId, Timestamp};
use muster_store::search::{self as index, FIRST, LAST, OrderedPart, above, below};

use super::span::Span;
use super::stream::{Budget, Reading, Stream, Taken};
use super::{Among, Limits};
use crate::{Catalog, ReadCx, Result};

/// Entries of an ordered index that are read at once.
const READ: usize = 256;
/// Less and more than the bytes of all values: they begin with the letter of a kind.
const ENDS: (&[u8], &[u8]) = (&[0], &[0xff]);
/// Before and after all instants.
const TIMES: (Timestamp, Timestamp) = (Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX));

/// A way along the order that a search wants.
pub(super) struct Walk<'s> {
    direction: Direction,
    /// What is still ahead; the first one is under way.
    sections: VecDeque<Section<'s>>,
    /// For bringing indexes together.
    budget: Budget,
}

/// Where a walk begins: next to this account, which has this key in the order.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    pub(super) key: Option<SortKey>,
    pub(super) id: &'a AccountId,
}

/// Accounts that stand together in the order, and by what they are found in it.
enum Section<'s> {
    /// Those of some statuses, in the order of their IDs.
    Statuses(Stream, Span),
    /// All of them, in the order of their last change, from an instant and a gap on.
    Updated(Timestamp, String),
    /// Those with a value in a field, in its order.
    Values(Vec<Values<'s>>),
    /// Those without one, in the order of their IDs; the stream names all.
    Blank(Stream, Span),
}

/// The values of one field of one account type.
struct Values<'s> {
    account_type: &'s AccountTypeId,
    place: Place<'s>,
    ahead: VecDeque<(AccountId, Vec<u8>)>,
    /// The value and the gap from which they are read on.
    from: (Vec<u8>, String),
    ended: bool,
}

/// What a step of a walk came upon.
pub(super) struct Step {
    /// Accounts in their order.
    pub(super) candidates: Vec<AccountId>,
    /// The last account up to which there are no others, if the walk has taken long enough.
    pub(super) broken_off: Option<AccountId>,
    /// Among whom they stand: of [`Among::Blank`] only those belong there that have no value to be sorted by.
    pub(super) among: Among,
}

impl<'s> Walk<'s> {
    /// Begins at one end of the order, or next to a cursor. `direction` is that of the walk: against the order
    /// when the page before a cursor is wanted.
    pub(super) fn new(
        search: &'s Search<'s>,
        (catalog, limits): (&Catalog, Limits),
        cursor: Option<Cursor<'_>>,
        direction: Direction,
    ) -> Self {
        let sections = match &search.sort.by {
            SortBy::CreatedAt | SortBy::UpdatedAt => [updated(cursor, direction)].into(),
            SortBy::Type => groups(catalog, cursor.as_ref(), direction, |ty, _| ty.to_string()),
            SortBy::Status(names) => groups(catalog, cursor.as_ref(), direction, |_, status| {
                names.iter().find(|(id, _)| id == status).map_or_else(String::new, |(_, name)| name.clone())
            }),
            SortBy::Field(places) => {
                let along = direction == search.sort.direction;
                by_field(places, cursor, direction, if along { Way::Along } else { Way::Against })
            }
        };
        Self { direction, sections, budget: Budget::new(limits.steps) }
    }

    /// The next accounts, `count` at the most, and none only where it is broken off; None at the end.
    pub(super) fn next(&mut self, cx: &mut ReadCx<'_, '_>, count: usize) -> Result<Option<Step>> {
        while let Some(section) = self.sections.front_mut() {
            let mut reading = Reading { cx, budget: &mut self.budget };
            let taken = section.next(&mut reading, self.direction, count)?;
            if !taken.ids.is_empty() || taken.broken_off.is_some() {
                let among = if matches!(section, Section::Blank(..)) { Among::Blank } else { Among::All };
                return Ok(Some(Step { candidates: taken.ids, broken_off: taken.broken_off, among }));
            }
            self.sections.pop_front();
        }
        Ok(None)
    }
}

/// How a walk goes about the order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Those without a value come last.
    Along,
    /// They come first.
    Against,
}

fn updated<'s>(cursor: Option<Cursor<'_>>, direction: Direction) -> Section<'s> {
    match cursor.map(|cursor| (cursor.key, cursor.id)) {
        Some((Some(SortKey::Instant(at)), id)) => Section::Updated(at, beyond(id, direction)),
        _ => Section::Updated(near(TIMES, direction), near((FIRST, LAST), direction).to_owned()),
    }
}

/// One section for all statuses that `name` gives the same name, in the order of the names.
fn groups<'s>(
    catalog: &Catalog,
    cursor: Option<&Cursor<'_>>,
    direction: Direction,
    name: impl Fn(&AccountTypeId, &AccountStatusId) -> String,
) -> VecDeque<Section<'s>> {
    let mut named: BTreeMap<String, Vec<(AccountTypeId, AccountStatusId)>> = BTreeMap::new();
    for ty in catalog.account_types() {
        for status in &ty.statuses {
            named.entry(name(&ty.id, &status.id)).or_default().push((ty.id.clone(), status.id.clone()));
        }
    }
    let at = match cursor {
        Some(Cursor { key: Some(SortKey::Text(at)), id }) => Some((at, *id)),
        _ => None,
    };
    let mut sections = VecDeque::new();
    for (name, statuses) in named {
        let mut span = Span::whole(direction);
        match at.map(|(at, id)| (direction.apply(name.cmp(at)), id)) {
            Some((std::cmp::Ordering::Less, _)) => continue,
            Some((std::cmp::Ordering::Equal, id)) => span.pass(id),
            _ => {}
        }
        let section = Section::Statuses(Stream::statuses(statuses.iter()), span);
        match direction {
            Direction::Ascending => sections.push_back(section),
            Direction::Descending => sections.push_front(section),
        }
    }
    sections
}

/// Those with a value, then those without; or backwards.
fn by_field<'s>(
    places: &[(&'s AccountTypeId, Place<'s>)],
    cursor: Option<Cursor<'_>>,
    direction: Direction,
    way: Way,
) -> VecDeque<Section<'s>> {
    let mut span = Span::whole(direction);
    let mut from = (near(ENDS, direction).to_vec(), near((FIRST, LAST), direction).to_owned());
    let (mut passed_values, mut passed_blank) = (false, false);
    match cursor.map(|cursor| (cursor.key, cursor.id)) {
        Some((Some(SortKey::Bytes(value)), id)) => {
            from = (value, beyond(id, direction));
            passed_blank = way == Way::Against;
        }
        Some((_, id)) => {
            span.pass(id);
            passed_values = way == Way::Along;
        }
        None => {}
    }
    let values = places.iter().map(|&(account_type, place)| Values {
        account_type,
        place,
        ahead: VecDeque::new(),
        from: from.clone(),
        ended: false,
    });
    let values = (!passed_values).then(|| Section::Values(values.collect()));
    let blank = (!passed_blank).then(|| Section::Blank(Stream::all(), span));
    let order = if way == Way::Against { [blank, values] } else { [values, blank] };
    order.into_iter().flatten().collect()
}

/// The end at which a direction begins.
fn near<T>((low, high): (T, T), direction: Direction) -> T {
    match direction {
        Direction::Ascending => low,
        Direction::Descending => high,
    }
}

/// The gap after an account, as it is seen in a direction.
fn beyond(id: &AccountId, direction: Direction) -> String {
    near((above(id), below(id)), direction)
}

impl Section<'_> {
    fn next(
        &mut self,
        reading: &mut Reading<'_, '_, '_>,
        direction: Direction,
        count: usize,
    ) -> Result<Taken> {
        let cx = &mut *reading.cx;
        let ids = match self {
            Self::Statuses(stream, span) | Self::Blank(stream, span) => {
                return stream.take(reading, span, count);
            }
            Self::Updated(at, gap) => {
                let from = (*at, gap.as_str());
                let read =
                    index::updated(cx.tx, &cx.scope.environment.id, part(from, (TIMES, direction), count))?;
                if let Some((last, when)) = read.last() {
                    (*at, *gap) = (*when, beyond(last, direction));
                }
                read.into_iter().map(|(id, _)| id).collect()
            }
            Self::Values(all) => next_values(all, cx, direction, count)?,
        };
        Ok(Taken { ids, broken_off: None })
    }
}

/// The part of an ordered index from a position on.
fn part<'a, V: Copy>(
    from: (V, &'a str),
    (ends, direction): ((V, V), Direction),
    count: usize,
) -> OrderedPart<'a, V> {
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    match direction {
        Direction::Ascending => OrderedPart { low: from, high: (ends.1, LAST), direction, limit },
        Direction::Descending => OrderedPart { low: (ends.0, FIRST), high: from, direction, limit },
    }
}

/// The next accounts of several types, merged by value and ID.
fn next_values(
    all: &mut [Values<'_>],
    cx: &mut ReadCx<'_, '_>,
    direction: Direction,
    count: usize,
) -> Result<Vec<AccountId>> {
    let mut found = Vec::with_capacity(count);
    while found.len() < count {
        let mut first: Option<&mut Values<'_>> = None;
        for values in all.iter_mut() {
            values.read(cx, direction)?;
            let Some((id, value)) = values.ahead.front() else { continue };
            let is_first = first
                .as_ref()
                .and_then(|other| other.ahead.front())
                .is_none_or(|other| direction.apply((value, id).cmp(&(&other.1, &other.0))).is_lt());
            if is_first {
                first = Some(values);
            }
        }
        let Some((id, _)) = first.and_then(|values| values.ahead.pop_front()) else { break };
        found.push(id);
    }
    Ok(found)
}

impl Values<'_> {
    /// Reads on when nothing is left of what was read before.
    fn read(&mut self, cx: &mut ReadCx<'_, '_>, direction: Direction) -> Result<()> {
        if self.ended || !self.ahead.is_empty() {
            return Ok(());
        }
        let from = (self.from.0.as_slice(), self.from.1.as_str());
        let part = part(from, (ENDS, direction), READ);
        let place = (self.account_type, &*self.place.key());
        self.ahead = index::ordered(cx.tx, &cx.scope.environment.id, place, part)?.into();
        self.ended = self.ahead.len() < READ;
        if let Some((id, value)) = self.ahead.back() {
            self.from = (value.clone(), beyond(id, direction));
        }
        Ok(())
    }
}
