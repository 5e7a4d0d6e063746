//! Searching inquiries (spec A.5): indexes give candidates in the order that is wanted, and
//! [`muster_domain::search::InquirySearch`] decides about each. So an index may name too many, never too few.

mod candidates;

use std::cmp::Ordering;
use std::collections::HashMap;

use muster_domain::search::{Direction, InquirySearch, InquirySort, InquirySubject, InquiryTest};
use muster_domain::{AccountId, InquiryId};
use serde_json::Value;

use super::read::{references, show};
use super::{Inquiry, Shown};
use crate::accounts::{Page, cut};
use crate::record;
use crate::{Error, ReadCx, Result};
use candidates::{Source, Streams};

/// Candidates that are opened at once at the most.
const BATCH_MAX: usize = 500;

/// How much is read of what may turn out to be too much. The result does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Candidates that are sorted in memory; of more than these the order that is wanted is walked along.
    pub sorted: usize,
    /// Inquiries that are opened to fill a page; after these it stays as it is, and the next one goes on there.
    pub opened: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sorted: 2_000, opened: 20_000 }
    }
}

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest<'a> {
    /// The condition, as it was sent.
    pub query: Option<&'a Value>,
    /// The order, as it was sent.
    pub sort: Option<&'a Value>,
    /// How many inquiries at the most.
    pub size: usize,
    /// Those that come after this one.
    pub after: Option<InquiryId>,
    /// Those that come before this one.
    pub before: Option<InquiryId>,
    /// How much may be read.
    pub limits: Limits,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The inquiries.
    pub page: Page<Shown>,
    /// Where to go on when the page is not full only because too much had to be read.
    pub resume: Option<InquiryId>,
}

/// Finds the inquiries that a condition holds for.
///
/// # Errors
/// [`Error::Malformed`] with every place that is wrong, [`Error::NotFound`] for a cursor that is no inquiry.
pub fn search(cx: &mut ReadCx<'_, '_>, request: &SearchRequest<'_>) -> Result<Found> {
    let search = InquirySearch::read(request.query, request.sort).map_err(Error::Malformed)?;
    let source = Source::of(cx, &search)?;
    let (found, resume) = find(cx, &search, (request, source))?;
    let Page { items, mut has_newer, mut has_older } =
        cut(found, request.size, request.after.is_some(), request.before.is_some());
    match (&resume, &request.before) {
        (None, _) => {}
        (Some(_), None) => has_older = true,
        (Some(_), Some(_)) => has_newer = true,
    }
    let items = show(&mut cx.view(), items)?;
    Ok(Found { page: Page { items, has_newer, has_older }, resume })
}

impl SearchRequest<'_> {
    /// One more than a page holds: whether there is another page.
    const fn wanted(&self) -> usize {
        self.size + 1
    }

    fn cursor(&self) -> Option<&InquiryId> {
        self.before.as_ref().or(self.after.as_ref())
    }

    /// The direction away from the cursor.
    const fn direction(&self, search: &InquirySearch) -> Direction {
        if self.before.is_some() { search.direction.reversed() } else { search.direction }
    }
}

/// Inquiries in the order of reading, and where reading was broken off.
type Read = (Vec<Inquiry>, Option<InquiryId>);

fn find(
    cx: &mut ReadCx<'_, '_>,
    search: &InquirySearch,
    (request, source): (&SearchRequest<'_>, Source),
) -> Result<Read> {
    let direction = request.direction(search);
    let cursor = match (request.cursor(), search.sort) {
        (None, _) => None,
        (Some(id), InquirySort::CreatedAt) => {
            return fill(cx, search, request, Streams::by_creation(source, direction, Some(id)));
        }
        (Some(id), _) => Some(record::get::<Inquiry>(cx.tx, cx.scope, cx.master, id.as_str())?.item),
    };
    if search.sort == InquirySort::CreatedAt {
        return fill(cx, search, request, Streams::by_creation(source, direction, None));
    }
    if source.is_narrow() {
        let mut all = Streams::by_creation(source.clone(), Direction::Ascending, None);
        let ids = all.next(cx, request.limits.sorted)?;
        if ids.len() < request.limits.sorted {
            return Ok((in_memory(cx, search, request, (&ids, cursor.as_ref()))?, None));
        }
    }
    let streams = match search.sort {
        InquirySort::UpdatedAt => Streams::by_update(direction, cursor.as_ref()),
        _ => Streams::by_status(&source, direction, cursor.as_ref()),
    };
    fill(cx, search, request, streams)
}

/// Reads on until enough inquiries have passed, or too many were opened.
fn fill(
    cx: &mut ReadCx<'_, '_>,
    search: &InquirySearch,
    request: &SearchRequest<'_>,
    mut streams: Streams,
) -> Result<Read> {
    let (mut found, mut batch, mut last) = (Vec::new(), request.wanted(), None);
    let mut left = request.limits.opened.max(1);
    while found.len() < request.wanted() {
        if left == 0 {
            return Ok((found, last));
        }
        let ids = streams.next(cx, batch.min(left))?;
        let Some(end) = ids.last() else { break };
        last = end.parse().ok();
        left -= ids.len().min(left);
        batch = (batch * 2).min(BATCH_MAX);
        found.extend(matching(cx, search, &ids)?);
    }
    Ok((found, None))
}

/// Opens all candidates and keeps those next to the cursor.
fn in_memory(
    cx: &mut ReadCx<'_, '_>,
    search: &InquirySearch,
    request: &SearchRequest<'_>,
    (candidates, cursor): (&[String], Option<&Inquiry>),
) -> Result<Vec<Inquiry>> {
    let outwards = |ordering: Ordering| if request.before.is_some() { ordering.reverse() } else { ordering };
    // The reference ID is nothing that is sorted by.
    let compare = |a: &Inquiry, b: &Inquiry| outwards(search.compare(&subject(a, None), &subject(b, None)));
    let mut nearest: Vec<Inquiry> = Vec::new();
    for candidates in candidates.chunks(BATCH_MAX) {
        let found = matching(cx, search, candidates)?.into_iter();
        nearest.extend(found.filter(|one| cursor.is_none_or(|at| compare(one, at) == Ordering::Greater)));
        nearest.sort_by(&compare);
        nearest.truncate(request.wanted());
    }
    Ok(nearest)
}

/// Reads candidates and keeps those that the search is for, in their order.
fn matching(cx: &mut ReadCx<'_, '_>, search: &InquirySearch, ids: &[String]) -> Result<Vec<Inquiry>> {
    let records = record::find_many::<Inquiry>(cx.tx, cx.scope, cx.master, ids)?;
    let mut inquiries: Vec<Inquiry> = records.into_iter().map(|record| record.item).collect();
    let asks = |test: &InquiryTest| matches!(test, InquiryTest::ReferenceId(_));
    let known: HashMap<AccountId, Option<String>> =
        if search.query.as_ref().is_some_and(|query| query.has(&asks)) {
            references(&mut cx.view(), &inquiries)?
        } else {
            HashMap::new()
        };
    inquiries.retain(|one| {
        let reference = one.account.as_ref().and_then(|id| known.get(id)?.as_deref());
        search.matches(&subject(one, reference))
    });
    Ok(inquiries)
}

fn subject<'a>(inquiry: &'a Inquiry, reference_id: Option<&'a str>) -> InquirySubject<'a> {
    InquirySubject {
        id: inquiry.id.as_str(),
        status: inquiry.status,
        template: &inquiry.template,
        reference_id,
        created_at: inquiry.created_at,
        updated_at: inquiry.updated_at,
    }
}
