//! Saying that hits are somebody else (spec D.5).

use muster_domain::event::EventName;
use muster_domain::report::ReportVerb;
use muster_domain::{ReportId, ReportKind, Timestamp};
use serde_json::Value;

use super::apply::{next_run, without_media};
use super::monitor::{conflict, open};
use super::run::schedule;
use super::{Dismissal, Hit, MediaDismissal, Report, read};
use crate::record::{self, Record, told};
use crate::{Cx, Error, Result};

/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 4000;

/// Which hits are somebody else, and why.
#[derive(Clone, Debug, Default)]
pub struct Dismiss {
    /// Why.
    pub reason: Option<String>,
    /// `entity` or `media`; looked at for adverse media only.
    pub dismiss_type: Option<String>,
    /// Which entity, or the address of which article; looked at for adverse media only.
    pub entity_id: Option<String>,
    /// When the last run was over that the caller has seen; where it is given, a later run stops the dismissal.
    pub seen: Option<Timestamp>,
}

/// Dismisses all hits of a report; of adverse media, one entity or one article. When none is left, its runs on a
/// schedule go on. Without hits nothing happens.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Malformed`] for what is missing, [`Error::Invalid`] for a kind whose hits cannot be
/// dismissed and for an entity that is not there, [`Error::Conflict`] when the report is redacted, or was run since it
/// was seen.
pub fn dismiss(cx: &mut Cx<'_, '_>, id: &ReportId, what: &Dismiss) -> Result<Record<Report>> {
    let mut record = open(cx, id)?;
    let report = &record.item;
    if !report.kind.can_be_dismissed() {
        return Err(Error::invalid::<String>([], "hits of reports of this kind cannot be dismissed"));
    }
    let is_latest = |seen: Timestamp| report.completed_at.map(Timestamp::as_millis) == Some(seen.as_millis());
    if !what.seen.is_none_or(is_latest) {
        return Err(conflict(
            "the report was run since meta.completed_at; read it again before dismissing its hits",
        ));
    }
    let reason = reason(what)?;
    let which = which(report.kind, what)?;
    let by = read::name_of(cx.tx, &cx.scope.environment.id, &cx.scope.actor.to_string())?;
    let after = without(report, &which, &Deed { at: cx.scope.now, by, reason });
    if let Which::Entity(_) | Which::Article(_) = which
        && after.hits == report.hits
    {
        return Err(Error::invalid(["entity-id"], "names none of the hits that are not dismissed"));
    }
    if after.hits == report.hits {
        return Ok(record);
    }
    let event = EventName::Report(after.kind, ReportVerb::Dismissed);
    record::update(cx, &mut record, after, vec![told(event)])?;
    schedule(cx, &record.item)?;
    Ok(record)
}

/// Which hits are meant.
enum Which {
    All,
    Entity(String),
    Article(String),
}

/// Who dismissed, when and why.
struct Deed {
    at: Timestamp,
    by: String,
    reason: String,
}

fn refused(member: &str, message: &str) -> Error {
    Error::malformed(["data", "attributes", member], message)
}

fn reason(what: &Dismiss) -> Result<String> {
    let reason = what.reason.as_deref().unwrap_or_default().trim();
    match reason.chars().count() {
        1..=REASON_CHARS_MAX => Ok(reason.to_owned()),
        _ => Err(refused("reason", "must be given, with at most 4000 characters")),
    }
}

fn which(kind: ReportKind, what: &Dismiss) -> Result<Which> {
    if !matches!(kind, ReportKind::AdverseMedia | ReportKind::BusinessAdverseMedia) {
        return Ok(Which::All);
    }
    let given = what.entity_id.clone().filter(|id| !id.is_empty());
    let id = given.ok_or_else(|| refused("entity_id", "must name one of the hits"))?;
    match what.dismiss_type.as_deref() {
        Some("entity") => Ok(Which::Entity(id)),
        Some("media") => Ok(Which::Article(id)),
        _ => Err(refused("dismiss_type", "must be entity or media")),
    }
}

/// The report without the hits that are meant.
fn without(before: &Report, which: &Which, deed: &Deed) -> Report {
    let mut report = before.clone();
    match which {
        Which::All => {
            for hit in std::mem::take(&mut report.hits) {
                put_away(&mut report, hit, deed);
            }
        }
        Which::Entity(id) => {
            let (gone, left) = report.hits.drain(..).partition(|hit: &Hit| hit.key == *id);
            report.hits = left;
            for hit in gone {
                put_away(&mut report, hit, deed);
            }
        }
        Which::Article(url) => put_away_article(&mut report, url, deed),
    }
    report.monitoring.next_run_at = match report.monitoring.paused_at {
        None => next_run(&report, deed.at),
        Some(_) => None,
    };
    report
}

fn put_away(report: &mut Report, hit: Hit, deed: &Deed) {
    // The entity as it is now is what counts.
    report.dismissals.retain(|one| one.hit.key != hit.key);
    report.dismissals.push(Dismissal {
        hit,
        at: deed.at,
        by: deed.by.clone(),
        reason: deed.reason.clone(),
        run_completed_at: report.completed_at,
    });
}

fn put_away_article(report: &mut Report, url: &str, deed: &Deed) {
    let has_it = |hit: &&Hit| {
        let articles = hit.shown.get("media").and_then(Value::as_array);
        articles.is_some_and(|all| all.iter().any(|one| one.get("url").and_then(Value::as_str) == Some(url)))
    };
    let entities: Vec<String> = report.hits.iter().filter(has_it).map(|hit| hit.key.clone()).collect();
    report.dismissed_media.extend(entities.into_iter().map(|entity| MediaDismissal {
        entity,
        url: url.to_owned(),
        at: deed.at,
        by: deed.by.clone(),
        reason: deed.reason.clone(),
    }));
    report.hits = report.hits.iter().filter_map(|hit| without_media(hit, &report.dismissed_media)).collect();
}
