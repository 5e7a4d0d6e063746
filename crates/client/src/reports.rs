//! Reports, and the templates that they are made from.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::accounts::TagReference;
use crate::call::Call;
use crate::client::Client;
use crate::endpoints::{self as to, Endpoint};
use crate::error::Result;
use crate::list::List;

/// A report: what was found out about somebody or something.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Report {
    /// Its ID, `rep_…`.
    pub id: String,
    /// `pending` until its first run is over, then `ready` or `errored`.
    pub status: String,
    /// When it was created.
    pub created_at: String,
    /// When its last run was over.
    pub completed_at: Option<String>,
    /// When its personal data was erased.
    pub redacted_at: Option<String>,
    /// Which revision of its template it was made from, such as `v1`.
    pub report_template_version_name: String,
    /// Whether it has hits that nobody has dismissed.
    pub has_match: bool,
    /// Whether it was run more than once.
    pub is_continuous: bool,
    /// Whether a run of it is scheduled.
    pub is_recurring: bool,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// The ID of its account.
    pub account_id: Option<String>,
    /// The ID of its inquiry.
    pub inquiry_id: Option<String>,
    /// The ID of its template.
    pub report_template_id: String,
    /// What else its kind has, such as `matched-lists` or `email-reputation`.
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// A report that is asked for.
#[derive(Clone, Default)]
pub struct NewReport {
    kind: Option<String>,
    attributes: Map<String, Value>,
    meta: Map<String, Value>,
}

impl std::fmt::Debug for NewReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewReport").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl NewReport {
    /// A report of a kind, such as `watchlist`, and what it asks, such as `{"term": "Ines Sala"}`.
    #[must_use]
    pub fn new(kind: &str, query: Value) -> Self {
        Self { kind: Some(format!("report/{kind}")), ..Self::default() }.attribute("query", query)
    }

    /// A report from a template, which names the kind.
    #[must_use]
    pub fn of_template(template_id: &str, query: Value) -> Self {
        Self::default().attribute("query", query).template_id(template_id)
    }

    /// The template; the default one of the kind where none is named.
    #[must_use]
    pub fn template_id(self, id: &str) -> Self {
        self.attribute("report-template-id", id.into())
    }

    /// The account that it hangs on.
    #[must_use]
    pub fn account_id(self, id: &str) -> Self {
        self.attribute("account-id", id.into())
    }

    /// The reference ID of the account that it hangs on, which is created where there is none.
    #[must_use]
    pub fn reference_id(mut self, id: &str) -> Self {
        self.meta.insert("auto-create-account-reference-id".to_owned(), id.into());
        self
    }

    /// It hangs on no account.
    #[must_use]
    pub fn without_account(mut self) -> Self {
        self.meta.insert("auto-create-account".to_owned(), false.into());
        self
    }

    /// The reply waits for the first run.
    #[must_use]
    pub fn wait(mut self) -> Self {
        self.meta.insert("processing-mode".to_owned(), "sync".into());
        self
    }

    fn attribute(mut self, name: &str, value: Value) -> Self {
        self.attributes.insert(name.to_owned(), value);
        self
    }

    fn body(&self) -> Value {
        let mut data = json!({ "attributes": self.attributes });
        if let Some(kind) = &self.kind {
            data["type"] = kind.clone().into();
        }
        json!({ "data": data, "meta": self.meta })
    }
}

/// Which hits of a report are somebody else.
#[derive(Clone, Copy, Debug)]
pub enum Dismissed<'a> {
    /// All.
    All,
    /// One entity, of adverse media.
    Entity(&'a str),
    /// One article, of adverse media, by its address.
    Media(&'a str),
}

/// Something that happened to a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ReportHistoryEntry {
    /// Its ID.
    pub id: String,
    /// What it was: `run`, `dismiss`, `pause` or `resume`.
    pub kind: String,
    /// What made a run: `manual` or `scheduled`; none where it was no run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_type: Option<String>,
    /// When a run was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// The hits of a run that were not dismissed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<i64>,
    /// Who dismissed, paused or resumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator_name: Option<String>,
}

/// A run of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ReportRun {
    /// Its ID.
    pub id: String,
    /// `manual` or `scheduled`.
    pub run_type: Option<String>,
    /// The day for which it was scheduled.
    pub scheduled_date: Option<String>,
    /// When it was over.
    pub completed_at: String,
    /// `ready` or `errored`.
    pub status: Option<String>,
    /// Its hits that were not dismissed.
    pub matches: Option<i64>,
    /// Why it could not be done.
    pub error: Option<String>,
    /// Whether a sandbox made its result up.
    pub is_simulated: Option<bool>,
    /// The lists that were searched.
    pub searched_lists: Vec<Value>,
    /// Its hits, and why they are hits.
    pub hits: Vec<Value>,
}

/// A report template: how reports of a kind are run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ReportTemplate {
    /// Its ID, `rptp_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether reports that name only a kind use it.
    pub default: bool,
    /// How its reports are run.
    pub definition: Value,
    /// When it was created.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// The filters of the list of reports.
#[derive(Clone, Copy, Debug)]
pub enum ReportFilters {}

impl List<Report, ReportFilters> {
    /// Only reports of accounts with one of these reference IDs.
    pub fn reference_ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("reference-id", ids))
    }

    /// Only reports of one of these accounts.
    pub fn account_ids<S: Into<String>>(self, ids: impl IntoIterator<Item = S>) -> Self {
        self.with(|call| call.filter("account-id", ids))
    }
}

/// What can be done with reports.
#[derive(Clone, Debug)]
pub struct Reports {
    client: Client,
}

impl Reports {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    async fn act(&self, endpoint: Endpoint, report_id: &str, body: Value) -> Result<Report> {
        self.client.send(Call::of(endpoint, report_id).body(body)).await?.one()
    }

    /// Lists reports, newest first.
    pub fn list(&self) -> List<Report, ReportFilters> {
        List::new(self.client.clone(), Call::new(to::LIST_REPORTS))
    }

    /// Asks for a report.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 408 when it was waited for and takes too long.
    pub async fn create(&self, new: &NewReport) -> Result<Report> {
        self.client.send(Call::new(to::CREATE_REPORT).body(new.body())).await?.one()
    }

    /// Retrieves a report.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, report_id: &str) -> Result<Report> {
        self.client.send(Call::of(to::RETRIEVE_REPORT, report_id)).await?.one()
    }

    /// Erases the personal data of a report, and of nothing else.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when it is redacted already.
    pub async fn redact(&self, report_id: &str) -> Result<Report> {
        self.client.send(Call::of(to::REDACT_REPORT, report_id)).await?.one()
    }

    /// Runs a report once more, soon.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn run(&self, report_id: &str) -> Result<Report> {
        self.act(to::RUN_REPORT, report_id, json!({})).await
    }

    /// Pauses the runs of a report on a schedule.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when none is scheduled.
    pub async fn pause(&self, report_id: &str) -> Result<Report> {
        self.act(to::PAUSE_REPORT, report_id, json!({})).await
    }

    /// Lets the runs of a report on a schedule go on.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when they are not paused.
    pub async fn resume(&self, report_id: &str) -> Result<Report> {
        self.act(to::RESUME_REPORT, report_id, json!({})).await
    }

    /// Says that hits of a report are somebody else.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 422 for a kind whose hits cannot be dismissed.
    pub async fn dismiss(&self, report_id: &str, which: Dismissed<'_>, reason: &str) -> Result<Report> {
        let mut attributes = json!({ "reason": reason });
        if let Dismissed::Entity(id) | Dismissed::Media(id) = which {
            attributes["entity-id"] = id.into();
            let is_entity = matches!(which, Dismissed::Entity(_));
            attributes["dismiss-type"] = if is_entity { "entity" } else { "media" }.into();
        }
        self.act(to::DISMISS_MATCHES, report_id, json!({ "data": { "attributes": attributes } })).await
    }

    /// Adds a tag to a report.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn add_tag(&self, report_id: &str, tag: impl Into<TagReference>) -> Result<Report> {
        let meta = tag.into().meta();
        self.act(to::ADD_REPORT_TAG, report_id, json!({ "meta": meta })).await
    }

    /// Removes a tag from a report.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn remove_tag(&self, report_id: &str, tag: impl Into<TagReference>) -> Result<Report> {
        let meta = tag.into().meta();
        self.act(to::REMOVE_REPORT_TAG, report_id, json!({ "meta": meta })).await
    }

    /// Gives a report the tags of these names and no others.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn set_tags(&self, report_id: &str, names: &[&str]) -> Result<Report> {
        self.act(to::SET_REPORT_TAGS, report_id, json!({ "meta": { "tag-name": names } })).await
    }

    /// Lists runs, dismissals and pauses of a report, newest first.
    pub fn history(&self, report_id: &str) -> List<ReportHistoryEntry> {
        List::new(self.client.clone(), Call::of(to::LIST_REPORT_HISTORY, report_id))
    }

    /// Lists the runs of a report, newest first, with the lists that were searched and why hits are hits.
    pub fn runs(&self, report_id: &str) -> List<ReportRun> {
        List::new(self.client.clone(), Call::of(to::LIST_REPORT_RUNS, report_id))
    }

    /// Prints a report: a PDF.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn print(&self, report_id: &str) -> Result<Bytes> {
        self.client.fetch(Call::of(to::PRINT_REPORT, report_id)).await
    }
}

/// What can be done with report templates.
#[derive(Clone, Debug)]
pub struct ReportTemplates {
    client: Client,
}

impl ReportTemplates {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists the report templates of the organization, oldest first.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn list(&self) -> Result<Vec<ReportTemplate>> {
        self.client.send(Call::new(to::LIST_REPORT_TEMPLATES)).await?.many()
    }

    /// Retrieves a report template.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn retrieve(&self, template_id: &str) -> Result<ReportTemplate> {
        self.client.send(Call::of(to::RETRIEVE_REPORT_TEMPLATE, template_id)).await?.one()
    }

    /// Creates a report template of a kind, such as `watchlist`.
    ///
    /// # Errors
    /// Any [`crate::Error`]; 409 when the name is taken.
    pub async fn create(&self, kind: &str, name: &str, definition: Value) -> Result<ReportTemplate> {
        let attributes = json!({ "kind": kind, "name": name, "definition": definition });
        let body = json!({ "data": { "attributes": attributes } });
        self.client.send(Call::new(to::CREATE_REPORT_TEMPLATE).body(body)).await?.one()
    }

    /// Changes how reports to come are run.
    ///
    /// # Errors
    /// Any [`crate::Error`].
    pub async fn update(&self, template_id: &str, definition: Value) -> Result<ReportTemplate> {
        let body = json!({ "data": { "attributes": { "definition": definition } } });
        self.client.send(Call::of(to::UPDATE_REPORT_TEMPLATE, template_id).body(body)).await?.one()
    }
}
