//! Candidates of a search: the indexes that name them, in the order in which they are wanted.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Bound;
use std::time::Duration;

use muster_domain::account::ReferenceId;
use muster_domain::inquiry::InquiryStatus;
use muster_domain::search::{Comparable, Direction, InquirySearch, InquiryTest, Range as Values};
use muster_domain::{InquiryId, ResourceId, Timestamp, id};
use muster_store::records::{self as rows, Range, Selection};

use super::super::Inquiry;
use crate::accounts::find_by_reference;
use crate::record::{self, Noun};
use crate::{ReadCx, Result};

/// Where candidates are taken from: whatever a search wants is among them.
#[derive(Clone, Debug)]
pub(super) struct Source {
    by: By,
    /// Only greater IDs.
    above: String,
    /// Only lesser IDs.
    below: String,
}

/// The index that narrows a search down.
#[derive(Clone, Debug)]
enum By {
    Nothing,
    Accounts(Vec<String>),
    Template(String, BTreeSet<InquiryStatus>),
    Status(BTreeSet<InquiryStatus>),
}

impl Source {
    /// The source with the fewest candidates, as far as the conditions at the top tell.
    pub(super) fn of(cx: &mut ReadCx<'_, '_>, search: &InquirySearch) -> Result<Self> {
        let mut source = Self {
            by: By::Nothing,
            above: InquiryId::PREFIX.to_owned(),
            below: format!("{}~", InquiryId::PREFIX),
        };
        let all = || BTreeSet::from(InquiryStatus::ALL);
        let (mut statuses, mut template, mut accounts) = (None, None, None);
        for test in search.required() {
            match test {
                InquiryTest::Status(any) => {
                    let have = statuses.get_or_insert_with(all);
                    *have = have.intersection(any).copied().collect();
                }
                InquiryTest::CreatedAt(range) => source.narrow(range),
                InquiryTest::UpdatedAt(_) => {}
                InquiryTest::Template(id) => template = Some(id.to_string()),
                InquiryTest::ReferenceId(folded) => {
                    let Ok(reference) = ReferenceId::parse(folded) else { continue };
                    let found = find_by_reference(cx, &reference)?;
                    accounts = Some(found.iter().map(ToString::to_string).collect());
                }
            }
        }
        source.by = match (accounts, template, statuses) {
            (Some(accounts), ..) => By::Accounts(accounts),
            (None, Some(template), statuses) => By::Template(template, statuses.unwrap_or_else(all)),
            (None, None, Some(statuses)) => By::Status(statuses),
            (None, None, None) => By::Nothing,
        };
        Ok(source)
    }

    /// Leaves out IDs of other times: they carry theirs.
    fn narrow(&mut self, range: &Values) {
        let least = |at: Timestamp| id::least_at(InquiryId::PREFIX, at).to_string();
        if let Bound::Included(Comparable::Instant(at)) | Bound::Excluded(Comparable::Instant(at)) =
            &range.low
        {
            let mut least = least(*at);
            // Right before the least ID of the moment: the end of a range is not included.
            least.pop();
            if least > self.above {
                self.above = least;
            }
        }
        if let Bound::Included(Comparable::Instant(at)) | Bound::Excluded(Comparable::Instant(at)) =
            &range.high
        {
            let least = least(*at + Duration::from_millis(1));
            if least < self.below {
                self.below = least;
            }
        }
    }

    /// Whether anything narrows it down.
    pub(super) fn is_narrow(&self) -> bool {
        !matches!(self.by, By::Nothing) || self.above.len() > InquiryId::PREFIX.len()
    }

    fn selections(&self) -> Vec<Selection<'_>> {
        match &self.by {
            By::Nothing => vec![Selection::All],
            By::Accounts(ids) => ids.iter().map(|id| Selection::OfAccount(id)).collect(),
            By::Template(id, statuses) => {
                statuses.iter().map(|status| Selection::OfTemplate(id, status.as_str())).collect()
            }
            By::Status(statuses) => {
                statuses.iter().map(|status| Selection::WithStatus(Inquiry::KIND, status.as_str())).collect()
            }
        }
    }

    /// Only those of them with one status; None when there are none.
    fn with(&self, status: InquiryStatus) -> Option<Self> {
        let only = BTreeSet::from([status]);
        let by = match &self.by {
            By::Template(_, statuses) | By::Status(statuses) if !statuses.contains(&status) => return None,
            By::Template(id, _) => By::Template(id.clone(), only),
            _ => By::Status(only),
        };
        Some(Self { by, ..self.clone() })
    }

    fn pass(&mut self, id: &str, direction: Direction) {
        match direction {
            Direction::Ascending => id.clone_into(&mut self.above),
            Direction::Descending => id.clone_into(&mut self.below),
        }
    }

    /// Leaves out all up to a place, where that is further in.
    fn begin(&mut self, id: &str, direction: Direction) {
        let is_inside = match direction {
            Direction::Ascending => id > self.above.as_str(),
            Direction::Descending => id < self.below.as_str(),
        };
        if is_inside {
            self.pass(id, direction);
        }
    }
}

/// Candidates in order.
pub(super) enum Streams {
    /// In the order of creation: of several sources, one after the other.
    Creation(VecDeque<Source>, Direction),
    /// In the order of the last change, from a place on.
    Update((Timestamp, String), Direction),
}

impl Streams {
    pub(super) fn by_creation(mut source: Source, direction: Direction, cursor: Option<&InquiryId>) -> Self {
        if let Some(id) = cursor {
            source.begin(id.as_str(), direction);
        }
        Self::Creation(VecDeque::from([source]), direction)
    }

    pub(super) fn by_update(direction: Direction, cursor: Option<&Inquiry>) -> Self {
        let place = match (cursor, direction) {
            (Some(inquiry), _) => (inquiry.updated_at, inquiry.id.to_string()),
            (None, Direction::Ascending) => (Timestamp::from_micros(i64::MIN), String::new()),
            (None, Direction::Descending) => (Timestamp::from_micros(i64::MAX), String::new()),
        };
        Self::Update(place, direction)
    }

    pub(super) fn by_status(source: &Source, direction: Direction, cursor: Option<&Inquiry>) -> Self {
        let mut statuses = InquiryStatus::ALL;
        statuses.sort_by(|a, b| direction.apply(a.as_str().cmp(b.as_str())));
        let skipped = cursor.and_then(|at| statuses.iter().position(|one| *one == at.status)).unwrap_or(0);
        let mut sections = VecDeque::new();
        for status in &statuses[skipped..] {
            let Some(mut section) = source.with(*status) else { continue };
            if let Some(at) = cursor.filter(|at| at.status == *status) {
                section.begin(at.id.as_str(), direction);
            }
            sections.push_back(section);
        }
        Self::Creation(sections, direction)
    }

    /// The next candidates; none at the end.
    pub(super) fn next(&mut self, cx: &mut ReadCx<'_, '_>, count: usize) -> Result<Vec<String>> {
        let environment = &cx.scope.environment.id;
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        match self {
            Self::Creation(sources, direction) => {
                let newest_first = *direction == Direction::Descending;
                while let Some(source) = sources.front_mut() {
                    let range = Range { above: &source.above, below: &source.below, newest_first, limit };
                    let ids = record::merge(cx.tx, environment, &source.selections(), range)?;
                    if let Some(last) = ids.last() {
                        source.pass(last, *direction);
                        return Ok(ids);
                    }
                    sources.pop_front();
                }
                Ok(Vec::new())
            }
            Self::Update(place, direction) => {
                let way = (*direction == Direction::Descending, limit);
                let read = rows::by_update(cx.tx, environment, Inquiry::KIND, (place.0, &place.1), way)?;
                if let Some((id, at)) = read.last() {
                    *place = (*at, id.clone());
                }
                Ok(read.into_iter().map(|(id, _)| id).collect())
            }
        }
    }
}
