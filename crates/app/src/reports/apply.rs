//! What a run that is over makes of its report. Pure: the report before, what was found, the moment.

use std::time::Duration;

use muster_domain::Timestamp;
use muster_domain::event::EventName;
use muster_domain::report::ReportVerb;
use serde_json::{Map, Value, json};

use super::run::Asked;
use super::{Hit, MediaDismissal, Report, ReportStatus, Run, SearchedList};
use crate::record::{Told, told};

/// Most hits that a report keeps, the best first.
const HITS_MAX: usize = 250;
const DAY: Duration = Duration::from_hours(24);

/// What a run found out.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// Who or what is on lists.
    Hits {
        /// Them, the best first.
        hits: Vec<Hit>,
        /// The lists that were searched; more than none.
        lists: Vec<SearchedList>,
    },
    /// What a provider told.
    Answer(Answer),
    /// Nothing: why, in words without anything personal.
    Failed(String),
}

/// What a provider told, or what stands for it in a sandbox.
#[derive(Clone, Default)]
pub(super) struct Answer {
    /// Attributes of the report.
    pub attributes: Map<String, Value>,
    /// Who or what it found, for kinds that can be dismissed.
    pub hits: Vec<Hit>,
    /// Whether there is a match, for kinds without hits.
    pub has_match: bool,
    /// Whether it was made up.
    pub simulated: bool,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer([redacted])")
    }
}

/// The report after a run, and the events of it.
pub(super) fn apply(before: &Report, asked: &Asked, found: &Found, now: Timestamp) -> (Report, Vec<Told>) {
    let mut report = before.clone();
    report.runs += 1;
    report.completed_at = Some(now);
    let (error, simulated, lists) = match found {
        Found::Failed(why) => (Some(why.clone()), false, Vec::new()),
        Found::Hits { hits, lists } => {
            report.result = Some(Map::new());
            take_hits(&mut report, hits);
            (None, false, lists.clone())
        }
        Found::Answer(answer) => {
            report.result = Some(answer.attributes.clone());
            report.provider_match = answer.has_match;
            take_hits(&mut report, &answer.hits);
            (None, answer.simulated, Vec::new())
        }
    };
    report.status = if error.is_some() { ReportStatus::Errored } else { ReportStatus::Ready };
    let run = Run {
        run_type: asked.run_type,
        scheduled_date: asked.scheduled_date.clone(),
        completed_at: now,
        status: report.status,
        matches: error.is_none().then(|| matches(&report)),
        error,
        simulated,
        lists,
    };
    report.monitoring.next_run_at = next_run(&report, now);
    let told = events(before, &report, &run);
    report.last_run = Some(run);
    (report, told)
}

fn matches(report: &Report) -> i64 {
    let hits = i64::try_from(report.hits.len()).unwrap_or(i64::MAX);
    if hits == 0 && report.provider_match { 1 } else { hits }
}

/// When the next run is due: a hit that nobody has dismissed holds it up.
pub(super) fn next_run(report: &Report, now: Timestamp) -> Option<Timestamp> {
    let days = report.monitoring.interval_days.filter(|_| !report.has_match())?;
    Some(now + DAY * days)
}

/// Keeps the hits that are not dismissed. What was dismissed as it was then counts again when it has changed.
fn take_hits(report: &mut Report, found: &[Hit]) {
    let is_dismissed =
        |hit: &Hit| report.dismissals.iter().any(|one| one.hit.key == hit.key && one.hit.hash == hit.hash);
    let live = found.iter().filter(|hit| !is_dismissed(hit));
    let media = &report.dismissed_media;
    let mut live: Vec<Hit> = live.filter_map(|hit| without_media(hit, media)).collect();
    report.hits_left_out = live.len().saturating_sub(HITS_MAX);
    live.truncate(HITS_MAX);
    report.hits = live;
}

/// The hit without the articles that were dismissed; none when there is no other.
pub(super) fn without_media(hit: &Hit, dismissed: &[MediaDismissal]) -> Option<Hit> {
    let mut hit = hit.clone();
    let Some(articles) = hit.shown.get_mut("media").and_then(Value::as_array_mut) else { return Some(hit) };
    let had = articles.len();
    let is_dismissed = |article: &Value| {
        let url = article.get("url").and_then(Value::as_str);
        dismissed.iter().any(|one| one.entity == hit.key && Some(one.url.as_str()) == url)
    };
    articles.retain(|article| !is_dismissed(article));
    (had == 0 || !articles.is_empty()).then_some(hit)
}

fn events(before: &Report, after: &Report, run: &Run) -> Vec<Told> {
    let of = |verb| EventName::Report(after.kind, verb);
    let end = if run.error.is_some() { ReportVerb::Errored } else { ReportVerb::Ready };
    let why = |hit: &Hit| {
        let list = hit.list.as_ref().map(|list| &list.slug);
        json!({ "entity-id": hit.key, "list": list, "why": hit.why })
    };
    let hits: Vec<Value> = after.hits.iter().map(why).collect();
    let told_of_run = [("run".to_owned(), json!(run)), ("hits".to_owned(), json!(hits))];
    let mut all = vec![(of(end), Map::from_iter(told_of_run))];
    let is_new = |hit: &Hit| !before.hits.iter().any(|old| old.key == hit.key && old.hash == hit.hash);
    let matched = after.hits.iter().any(is_new) || (after.provider_match && !before.provider_match);
    if run.error.is_none() && matched && after.kind.can_recur() {
        all.push(told(of(ReportVerb::Matched)));
    }
    all
}
