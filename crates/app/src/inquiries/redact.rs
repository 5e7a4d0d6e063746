//! Erasing the personal data of an inquiry (spec A.10): its own at once, that of what belongs to it by a job.

use muster_domain::InquiryId;
use muster_domain::event::EventName;
use muster_store::jobs::JobRow;
use muster_store::records as rows;

use super::sessions::{Browser, Session, SessionStatus, sessions_of};
use super::{Inquiry, links, template};
use crate::jobs::{self, Kind, Step};
use crate::record::{self, Noun, Record, told};
use crate::reports::{self, Report};
use crate::verifications::{self, Verification};
use crate::{Cx, Error, Result};

/// What is redacted by the job; documents and selfies go with their verifications.
const REDACTED_LATER: [&str; 2] = [Report::KIND, Verification::KIND];
/// Verifications and reports that are redacted in one transaction of the job.
const AT_ONCE: usize = 5;

/// Erases the personal data of an inquiry. Status and times stay; so do fields whose schema says so. Verifications
/// and reports follow in a job; `inquiry.redacted` tells of the end.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when it is redacted already, or a verification is locked.
pub fn redact(cx: &mut Cx<'_, '_>, id: &InquiryId) -> Result<Record<Inquiry>> {
    let mut inquiry = super::open(cx, id)?;
    super::moves::refuse_redacted(&inquiry.item)?;
    verifications::refuse_locked(cx, id)?;
    erase(cx, &mut inquiry)?;
    Ok(inquiry)
}

/// Erases an inquiry that is not redacted.
pub(crate) fn erase(cx: &mut Cx<'_, '_>, inquiry: &mut Record<Inquiry>) -> Result<()> {
    let version = template::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
    let item = &inquiry.item;
    let fields = template::redacted(&version.definition, &item.fields);
    let next = Inquiry {
        prefill: template::redacted(&version.definition, &item.prefill),
        fields,
        note: None,
        note_index: None,
        tags: Vec::new(),
        redirect_uri: None,
        reviewer_comment: None,
        redacted_at: Some(cx.scope.now),
        expires_at: None,
        ..item.clone()
    };
    let children = rows::children(cx.tx, &cx.scope.environment.id, &[item.id.as_str()])?;
    let has_children = children.iter().any(|child| REDACTED_LATER.contains(&child.kind.as_str()));
    let name = match has_children {
        true => EventName::InquiryRedactionStarted,
        false => EventName::InquiryRedacted,
    };
    jobs::cancel(cx, Kind::ExpireInquiry, item.id.as_str())?;
    let (sessions, links) = (sessions_of(cx, &item.id)?, links::of_inquiry(cx, &item.id)?);
    record::redact(cx, inquiry, next, vec![told(name)])?;
    let key = inquiry.key.clone();
    for mut session in sessions {
        let was_live = session.item.status != SessionStatus::Expired;
        let next = Session {
            browser: Browser::default(),
            status: SessionStatus::Expired,
            expired_at: session.item.expired_at.or(Some(cx.scope.now)),
            ..session.item.clone()
        };
        let events = if was_live { vec![told(EventName::InquirySessionExpired)] } else { Vec::new() };
        record::reseal(cx, &mut session, next, &key, events)?;
    }
    for mut link in links {
        let same = link.item.clone();
        record::reseal(cx, &mut link, same, &key, Vec::new())?;
    }
    if has_children {
        jobs::enqueue(cx, Kind::RedactInquiryChildren, inquiry.item.id.as_str(), "")?;
    }
    Ok(())
}

/// One step of the job that redacts what belongs to an inquiry, and then tells that all is done.
pub(crate) fn redact_children_step(cx: &mut Cx<'_, '_>, job: &JobRow) -> Result<Step> {
    let environment = &cx.scope.environment.id;
    let children = rows::children(cx.tx, environment, &[job.subject_id.as_str()])?;
    let after = |id: &str| id > job.state.as_str();
    let open: Vec<String> = children
        .into_iter()
        .filter(|child| REDACTED_LATER.contains(&child.kind.as_str()) && after(&child.id))
        .map(|child| child.id)
        .take(AT_ONCE)
        .collect();
    for report in record::find_many::<Report>(cx.tx, cx.scope, cx.master, &open)? {
        if report.item.redacted_at.is_none() {
            reports::redact(cx, &report.item.id)?;
        }
    }
    for id in &open {
        verifications::redact_child(cx, id)?;
    }
    if let Some(last) = open.last() {
        return Ok(Step::Again { state: last.clone(), pause: std::time::Duration::ZERO });
    }
    if verifications::is_any_kept(cx, &InquiryId::trusted(job.subject_id.clone()))? {
        // Unlocking it begins this job anew.
        return Ok(Step::Done);
    }
    let mut inquiry: Record<Inquiry> = record::find(cx.tx, cx.scope, cx.master, &job.subject_id)?
        .ok_or_else(|| Error::bug("an inquiry that is to be redacted is not there"))?;
    let same = inquiry.item.clone();
    record::update(cx, &mut inquiry, same, vec![told(EventName::InquiryRedacted)])?;
    Ok(Step::Done)
}
