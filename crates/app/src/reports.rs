//! Reports: what is found out about somebody or something, once or again and again (spec D).
//!
//! Watchlists, politically exposed persons and crypto addresses are looked up inside Muster, in lists that the
//! operator loads; all other kinds ask a provider. A run is a job: it reads the report, finds out, and writes what
//! it found in one transaction. Its history is told from its events.

mod apply;
mod change;
mod create;
mod dismiss;
mod found;
mod monitor;
mod provider;
mod read;
mod rescreen;
mod run;
mod screen;
mod simulate;
mod templates;

use std::fmt;

use muster_domain::report::{ReportDefinition, ReportKind, ReportQuery};
use muster_domain::{AccountId, InquiryId, ReportId, ReportTemplateId, ResourceId, Timestamp};
use muster_store::seal::digest16;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use change::{change_tags, redact};
pub use create::{FirstRun, NewReport, create};
pub use dismiss::{Dismiss, dismiss};
pub(crate) use monitor::recur;
pub use monitor::{pause, rerun, resume};
pub use read::{Happening, HistoryEntry, HistoryPage, PageRequest, RunEntry, get, history, page, runs};
pub(crate) use rescreen::rescreen;
pub(crate) use run::run;
pub use run::run_now;
pub use templates::{
    AppliedTemplate, NewReportTemplate, ReportTemplateChanges, apply_template, create_template,
    find_template, get_template, list_templates, preview_template, template_of, update_template,
};

use crate::record::{Columns, Noun};

/// How far a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportStatus {
    /// Its first run is not over yet.
    Pending,
    /// Its last run ended well.
    Ready,
    /// Its last run could not be done.
    Errored,
}

impl ReportStatus {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Errored => "errored",
        }
    }
}

/// A report. It never prints what it holds.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Its ID.
    pub id: ReportId,
    /// What it is about.
    pub kind: ReportKind,
    /// The account that it hangs on.
    pub account: Option<AccountId>,
    /// The inquiry that it was made for.
    pub inquiry: Option<InquiryId>,
    /// The template that it was made from.
    pub template: ReportTemplateId,
    /// Which revision of it.
    pub revision: i64,
    /// How it is run: as the template said then.
    pub definition: ReportDefinition,
    /// How far it is.
    pub status: ReportStatus,
    /// What it asks.
    pub query: ReportQuery,
    /// What its last good run told beside the hits; none before.
    pub result: Option<Map<String, Value>>,
    /// Whether a provider said that there is a match, for kinds without hits.
    pub provider_match: bool,
    /// Hits of the last run beyond those that are kept: while there are any, the report has a match.
    #[serde(default)]
    pub hits_left_out: usize,
    /// Who or what its last good run found and nobody has dismissed.
    #[serde(default)]
    pub hits: Vec<Hit>,
    /// What was dismissed.
    #[serde(default)]
    pub dismissals: Vec<Dismissal>,
    /// Articles that were dismissed, of entities that were not.
    #[serde(default)]
    pub dismissed_media: Vec<MediaDismissal>,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// Runs that are over.
    pub runs: i64,
    /// The last of them.
    pub last_run: Option<Run>,
    /// Its runs on a schedule.
    pub monitoring: Monitoring,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When its last run was over.
    pub completed_at: Option<Timestamp>,
    /// When its personal data was erased.
    pub redacted_at: Option<Timestamp>,
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Report({}, {}, {})", self.id, self.kind, self.status.as_str())
    }
}

/// Somebody or something that a run found.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Hit {
    /// What tells it from other hits, also in later runs: its ID in its list, or that of the provider.
    pub key: String,
    /// Changes when what is known about it does.
    pub hash: String,
    /// The list that it stands on; none for what a provider told.
    pub list: Option<HitList>,
    /// As reports of its kind show it.
    pub shown: Value,
    /// Why it is a hit: score, ways of matching, what agreed.
    pub why: Value,
}

impl fmt::Debug for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hit([redacted])")
    }
}

/// The list of a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct HitList {
    /// Names it in programs.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Where it is published.
    pub url: Option<String>,
    /// The flag of its publisher, such as `US`.
    pub flag_code: Option<String>,
    /// What sorts of list it is: `sanction`, `warning`, `fitness_probity`, `pep`.
    pub types: Vec<String>,
}

/// A hit that was dismissed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Dismissal {
    /// The hit.
    pub hit: Hit,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When the run was over that found it.
    pub run_completed_at: Option<Timestamp>,
}

/// An article that was dismissed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MediaDismissal {
    /// The entity that it is about.
    pub entity: String,
    /// Its address, which stands for it.
    pub url: String,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What made a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunType {
    /// A request.
    Manual,
    /// The schedule, or a list that changed.
    Scheduled,
}

impl RunType {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Scheduled => "scheduled",
        }
    }
}

/// A run that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// What made it.
    pub run_type: RunType,
    /// The day for which it was scheduled.
    pub scheduled_date: Option<String>,
    /// When it was over.
    pub completed_at: Timestamp,
    /// How it ended.
    pub status: ReportStatus,
    /// How many undismissed hits there are since; none where it could not be done.
    pub matches: Option<i64>,
    /// Why it could not be done. Nothing personal.
    pub error: Option<String>,
    /// Whether what it found was made up, in a sandbox.
    pub simulated: bool,
    /// The lists that were searched.
    #[serde(default)]
    pub lists: Vec<SearchedList>,
}

/// A list as it was when it was searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SearchedList {
    /// Names it in programs.
    pub slug: String,
    /// Which version of it.
    pub version: String,
    /// When that was loaded.
    pub loaded_at: Timestamp,
}

/// Runs on a schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Monitoring {
    /// Days between two runs; none: it is run once.
    pub interval_days: Option<u32>,
    /// When the next one is due; none while a hit is waiting to be dismissed.
    pub next_run_at: Option<Timestamp>,
    /// When it was paused.
    pub paused_at: Option<Timestamp>,
}

impl Report {
    /// Whether there are hits that nobody has dismissed.
    #[must_use]
    pub fn has_match(&self) -> bool {
        !self.hits.is_empty() || self.provider_match || self.hits_left_out > 0
    }

    /// Whether a hit was dismissed as it is now.
    fn has_dismissed(&self, hit: &Hit) -> bool {
        self.dismissals.iter().any(|one| one.hit.key == hit.key && one.hit.hash == hit.hash)
    }

    /// Whether it was run more than once (H-7).
    #[must_use]
    pub const fn is_continuous(&self) -> bool {
        self.runs > 1
    }

    /// Whether a run is scheduled.
    #[must_use]
    pub const fn is_recurring(&self) -> bool {
        self.monitoring.next_run_at.is_some() && self.monitoring.paused_at.is_none()
    }
}

/// What finds the reports that are looked at when a list changes.
pub(crate) fn monitored_mark(kind: ReportKind) -> Vec<u8> {
    digest16(&[b"report.monitored", kind.as_str().as_bytes()])
}

impl Noun for Report {
    const KIND: &'static str = "report";
    const PREFIX: &'static str = ReportId::PREFIX;

    fn columns(&self) -> Columns {
        let is_watched = self.is_recurring() && self.kind.is_local();
        Columns {
            id: self.id.to_string(),
            variant: self.kind.as_str(),
            parent: self.inquiry.as_ref().map(ToString::to_string),
            account: self.account.as_ref().map(ToString::to_string),
            template: Some(self.template.to_string()),
            status: self.status.as_str(),
            lookup: is_watched.then(|| monitored_mark(self.kind)),
            subject: None,
        }
    }

    fn times(&self) -> (Timestamp, Timestamp) {
        (self.created_at, self.updated_at)
    }

    fn set_updated_at(&mut self, at: Timestamp) {
        self.updated_at = at;
    }
}
