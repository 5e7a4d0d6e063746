//! Reading inquiries: one, a page, as they were at an event.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use muster_domain::account::ReferenceId;
use muster_domain::inquiry::InquiryStatus;
use muster_domain::{AccountId, InquiryId, ResourceId, Timestamp, id};
use muster_store::accounts as account_rows;
use muster_store::events::EventRow;
use muster_store::records::{self as rows, Child, Selection};
use serde_json::{Map, Value};

use super::Inquiry;
use super::template::{self, TemplateVersion};
use crate::accounts::{Page, find_by_reference};
use crate::record::{self, PageOf, Record};
use crate::{ReadCx, Result, View};

/// What IDs tell of their time is this exact.
const MILLISECOND: Duration = Duration::from_millis(1);

/// An inquiry with what is shown beside it. `Debug` shows its ID only.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The inquiry.
    pub inquiry: Inquiry,
    /// What its template said when it was created.
    pub version: Arc<TemplateVersion>,
    /// The reference ID of its account.
    pub reference_id: Option<String>,
    /// What belongs to it.
    pub related: Related,
}

/// What belongs to an inquiry: types as they stand in replies, and IDs, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Related {
    /// Its reports.
    pub reports: Vec<(String, String)>,
    /// Its verifications.
    pub verifications: Vec<(String, String)>,
    /// Its sessions.
    pub sessions: Vec<(String, String)>,
    /// Its documents.
    pub documents: Vec<(String, String)>,
    /// Its selfies.
    pub selfies: Vec<(String, String)>,
}

impl Related {
    /// Only what was there at an instant.
    fn until(&mut self, at: Timestamp) {
        let lists = [
            &mut self.reports,
            &mut self.verifications,
            &mut self.sessions,
            &mut self.documents,
            &mut self.selfies,
        ];
        for list in lists {
            list.retain(|(_, id)| {
                let prefix = id.split_inclusive('_').next().unwrap_or_default();
                id.as_str() < id::least_at(prefix, at + MILLISECOND).as_str()
            });
        }
    }

    fn add(&mut self, child: Child) {
        let list = match child.kind.as_str() {
            "report" => &mut self.reports,
            "verification" => &mut self.verifications,
            "inquiry-session" => &mut self.sessions,
            "document" => &mut self.documents,
            "selfie" => &mut self.selfies,
            _ => return,
        };
        let kind = match child.variant.as_str() {
            "" => child.kind,
            variant => format!("{}/{variant}", child.kind),
        };
        list.push((kind, child.id));
    }
}

/// Which inquiries a page is to hold. Each filter that is there narrows it.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// Size and cursor.
    pub page: PageOf,
    /// Only these.
    pub ids: Option<Vec<String>>,
    /// Only those of these accounts.
    pub accounts: Option<Vec<String>>,
    /// Only those with this note.
    pub note: Option<String>,
    /// Only those of accounts with this reference ID.
    pub reference_id: Option<ReferenceId>,
    /// Only those of these templates.
    pub templates: Option<Vec<String>>,
    /// Only those with one of these statuses.
    pub statuses: Option<Vec<InquiryStatus>>,
    /// Created at this instant or later.
    pub created_from: Option<Timestamp>,
    /// Created at this instant or before.
    pub created_until: Option<Timestamp>,
}

/// Reads one inquiry.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &InquiryId) -> Result<Shown> {
    let record = record::get::<Inquiry>(cx.tx, cx.scope, cx.master, id.as_str())?;
    let mut shown = show(&mut cx.view(), vec![record.item])?;
    shown.pop().ok_or(crate::Error::NotFound)
}

/// Adds to inquiries what is shown beside them.
///
/// # Errors
/// What the store reports.
pub fn show(view: &mut View<'_, '_>, inquiries: Vec<Inquiry>) -> Result<Vec<Shown>> {
    let references = references(view, &inquiries)?;
    let (tx, scope) = (&mut *view.tx, view.scope);
    let ids: Vec<&str> = inquiries.iter().map(|one| one.id.as_str()).collect();
    let mut related: HashMap<String, Related> = HashMap::new();
    for child in rows::children(tx, &scope.environment.id, &ids)? {
        related.entry(child.parent_id.clone()).or_default().add(child);
    }
    let shown = inquiries.into_iter().map(|inquiry| {
        Ok(Shown {
            version: template::version(tx, scope, &inquiry.template_version)?,
            reference_id: inquiry.account.as_ref().and_then(|id| references.get(id).cloned().flatten()),
            related: related.remove(inquiry.id.as_str()).unwrap_or_default(),
            inquiry,
        })
    });
    shown.collect()
}

/// The reference IDs of the accounts of inquiries.
pub(super) fn references(
    view: &mut View<'_, '_>,
    inquiries: &[Inquiry],
) -> Result<HashMap<AccountId, Option<String>>> {
    let accounts: BTreeSet<&AccountId> = inquiries.iter().filter_map(|one| one.account.as_ref()).collect();
    let wanted: Vec<_> = accounts.into_iter().map(|id| (view.scope.place(), id)).collect();
    let found = account_rows::find_many(view.tx, &wanted)?;
    Ok(found.into_iter().map(|stored| (stored.row.id, stored.row.reference_id)).collect())
}

/// Reads one page of inquiries, newest first.
///
/// # Errors
/// What the store reports.
pub fn page(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<Shown>> {
    let Page { items, has_newer, has_older } = filtered(cx, request)?;
    let items = show(&mut cx.view(), items.into_iter().map(|record| record.item).collect())?;
    Ok(Page { items, has_newer, has_older })
}

/// The accounts that the filters name; none where they name none.
fn accounts_of(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Option<Vec<String>>> {
    let by_reference = match &request.reference_id {
        None => None,
        Some(reference) => {
            Some(find_by_reference(cx, reference)?.into_iter().map(|id| id.to_string()).collect::<Vec<_>>())
        }
    };
    Ok(match (request.accounts.clone(), by_reference) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(one),
        (Some(mut one), Some(other)) => {
            one.retain(|id| other.contains(id));
            Some(one)
        }
    })
}

fn filtered(cx: &mut ReadCx<'_, '_>, request: &PageRequest) -> Result<Page<Record<Inquiry>>> {
    let accounts = accounts_of(cx, request)?;
    let note = request.note.as_ref().map(|note| super::update::note_index(cx.scope, note));
    let statuses = request.statuses.clone().unwrap_or_else(|| InquiryStatus::ALL.to_vec());
    let mut selections: Vec<Selection<'_>> = Vec::new();
    if let Some(accounts) = &accounts {
        selections.extend(accounts.iter().map(|id| Selection::OfAccount(id)));
    } else if let Some(note) = &note {
        selections.push(Selection::WithLookup(note));
    } else if let Some(templates) = &request.templates {
        let pairs = templates.iter().flat_map(|id| statuses.iter().map(move |status| (id, status)));
        selections.extend(pairs.map(|(id, status)| Selection::OfTemplate(id, status.as_str())));
    } else if request.statuses.is_some() {
        selections.extend(statuses.iter().map(|one| Selection::WithStatus("inquiry", one.as_str())));
    } else {
        selections.push(Selection::All);
    }
    let passes = |one: &Inquiry| {
        request.ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == one.id.as_str()))
            && statuses.contains(&one.status)
            && request.templates.as_ref().is_none_or(|ids| ids.iter().any(|id| id == one.template.as_str()))
            && request.note.as_ref().is_none_or(|note| one.note.as_ref() == Some(note))
            && accounts.as_ref().is_none_or(|ids| {
                one.account.as_ref().is_some_and(|account| ids.iter().any(|id| id == account.as_str()))
            })
            && request.created_from.is_none_or(|from| one.created_at >= from)
            && request.created_until.is_none_or(|until| one.created_at <= until)
    };
    walk(cx, request, &selections, &passes)
}

/// Reads on from the cursor until enough inquiries have passed. Times of creation narrow the range of IDs, so
/// that what is outside is not read.
fn walk(
    cx: &mut ReadCx<'_, '_>,
    request: &PageRequest,
    selections: &[Selection<'_>],
    passes: &dyn Fn(&Inquiry) -> bool,
) -> Result<Page<Record<Inquiry>>> {
    let environment = &cx.scope.environment.id;
    let newest_first = request.page.before.is_none();
    let wanted = request.page.size + 1;
    let least = |moment| id::least_at(InquiryId::PREFIX, moment).to_string();
    let from = request.created_from.map(least).unwrap_or_default();
    let until = request.created_until.map(|at| least(at + MILLISECOND));
    let mut above = request.page.before.clone().unwrap_or_default().max(InquiryId::PREFIX.to_owned());
    // One less than the least ID of the moment: the end of a range is not included.
    if from > above {
        above = from[..from.len() - 1].to_owned();
    }
    let mut below = format!("{}~", InquiryId::PREFIX);
    for end in request.page.after.iter().chain(&until) {
        below = below.min(end.clone());
    }
    let mut found = Vec::new();
    loop {
        let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
        let range = rows::Range { above: &above, below: &below, newest_first, limit };
        let ids = match &request.ids {
            Some(ids) => among(ids, range),
            None => record::merge(cx.tx, environment, selections, range)?,
        };
        let is_last = ids.len() < wanted;
        match ids.last() {
            Some(id) if newest_first => below = id.clone(),
            Some(id) => above = id.clone(),
            None => {}
        }
        let records = record::find_many::<Inquiry>(cx.tx, cx.scope, cx.master, &ids)?;
        found.extend(records.into_iter().filter(|record| passes(&record.item)));
        if is_last || found.len() >= wanted {
            break;
        }
    }
    found.truncate(wanted);
    let (has_after, has_before) = (request.page.after.is_some(), request.page.before.is_some());
    Ok(crate::accounts::cut(found, request.page.size, has_after, has_before))
}

/// The IDs of a list that lie in a range.
fn among(ids: &[String], range: rows::Range<'_>) -> Vec<String> {
    let inside = |id: &&String| id.as_str() > range.above && id.as_str() < range.below;
    let mut ids: Vec<String> = ids.iter().filter(inside).cloned().collect();
    ids.sort_unstable_by(|a, b| if range.newest_first { b.cmp(a) } else { a.cmp(b) });
    ids.dedup();
    ids.truncate(usize::try_from(range.limit).unwrap_or(usize::MAX));
    ids
}

/// An inquiry as it was right after an event.
pub(crate) fn show_at_event(
    cx: &mut ReadCx<'_, '_>,
    event: &EventRow,
) -> Result<(Shown, Map<String, Value>)> {
    let now = record::get::<Inquiry>(cx.tx, cx.scope, cx.master, event.object_id.as_str())?;
    let (then, own) = record::at_event(cx.tx, &cx.scope.environment.id, &now, event)?;
    let mut shown = show(&mut cx.view(), vec![then])?.pop().ok_or(crate::Error::NotFound)?;
    shown.related.until(event.at);
    Ok((shown, own))
}
