//! Resources on the wire: attributes and relationships of each noun, in the newest version.

mod account;
mod account_type;
mod api_key;
mod api_log;
mod document;
mod event;
pub mod importer;
mod inquiry;
mod inquiry_session;
mod inquiry_template;
mod inquiry_template_definition;
mod rate_limit;
mod report;
mod timeline;
mod user;
mod user_audit_log;
mod verification;

pub use account_type::definition_members as account_type_definition;
pub use api_key::settings as api_key_settings;
pub use inquiry_template::{translation_schema, translations as inquiry_template_translations};
pub use report::{
    definition_schema as report_definition_schema, entry as report_history_entry,
    event_of as report_event_of, query_schema as report_query_schema,
    read_definition as read_report_definition, run as report_run,
};
pub use verification::PUBLISHED as PUBLISHED_VERIFICATIONS;

use std::sync::Arc;

use muster_app::accounts::{Account, Entry, Origin};
use muster_app::api_logs::ApiLog;
use muster_app::documents::{CapturedFile, Document};
use muster_app::events::Event;
use muster_app::imports;
use muster_app::inquiries;
use muster_app::inquiry_templates::{TemplateView, VersionView};
use muster_app::keys::{ApiKey, Issued};
use muster_app::reports::Report;
use muster_app::selfies::Selfie;
use muster_app::user_audit_logs::{User, UserAuditLog};
use muster_app::verifications;
use muster_domain::{AccountType, ReportTemplate};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::links::FileLinks;
use crate::rate_limit::Decision;

/// One resource of a reply.
pub enum Resource {
    /// An account.
    Account(Arc<Account>),
    /// An account type as published.
    AccountType(Arc<AccountType>),
    /// An account type with everything that Muster's own operations let be written.
    ExtendedAccountType(Arc<AccountType>),
    /// An API key.
    ApiKey(Box<ApiKey>),
    /// An API key that was made just now, with its secret.
    NewApiKey(Box<Issued>),
    /// A document.
    Document(Box<Document>),
    /// A file of a document.
    DocumentFile(Box<CapturedFile>),
    /// An event.
    Event(Box<Event>),
    /// An inquiry.
    Inquiry(Box<inquiries::Shown>),
    /// A session of an inquiry.
    InquirySession(Box<inquiries::Session>),
    /// An inquiry template.
    InquiryTemplate(Box<TemplateView>),
    /// A version of an inquiry template, or its draft.
    InquiryTemplateVersion(Box<VersionView>),
    /// The same with all that it says, as an author would write it.
    ExtendedInquiryTemplateVersion(Box<(VersionView, Value)>),
    /// Somebody who works with Muster.
    User(Box<User>),
    /// What somebody did with Muster.
    UserAuditLog(Box<UserAuditLog>),
    /// An importer of a small file.
    Importer(Box<imports::Importer>),
    /// A file that is uploaded to be imported.
    ImporterFile(Box<importer::ImporterFile>),
    /// A saved way of importing.
    ImporterPipeline(Box<imports::Pipeline>),
    /// A run of a pipeline.
    ImporterPipelineRun(Box<imports::Run>),
    /// A report.
    Report(Box<Report>),
    /// A report template as published.
    ReportTemplate(Box<ReportTemplate>),
    /// A report template with everything that Muster's own operations let be written.
    ExtendedReportTemplate(Box<ReportTemplate>),
    /// A resource object as it stands.
    Made(Box<Value>),
    /// What happened to an account.
    TimelineEntry(Box<Entry>),
    /// Where a value of an account comes from.
    FieldOrigin(Arc<Account>, Box<Origin>),
    /// A request in the log.
    ApiLog(Box<ApiLog>),
    /// What is left of the requests of a minute.
    RateLimit(Decision),
    /// Photos of a face.
    Selfie(Box<Selfie>),
    /// A verification.
    Verification(Box<verifications::Shown>),
}

/// A resource as it is shown to one caller, who gets links to the files in it.
pub struct Shown<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// Makes the links.
    pub links: &'a FileLinks,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.resource.show(self.links, serializer)
    }
}

impl Resource {
    /// True when it holds personal data, or may: all but what describes, and what is told of machines.
    pub const fn is_personal(&self) -> bool {
        !matches!(
            self,
            Self::AccountType(_)
                | Self::ExtendedAccountType(_)
                | Self::InquiryTemplate(_)
                | Self::InquiryTemplateVersion(_)
                | Self::ExtendedInquiryTemplateVersion(_)
                | Self::ReportTemplate(_)
                | Self::ExtendedReportTemplate(_)
                | Self::RateLimit(_)
        )
    }

    fn show<S: Serializer>(&self, links: &FileLinks, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Account(account) => account::AccountResource::new(account, links).serialize(serializer),
            Self::AccountType(ty) => account_type::published(ty).serialize(serializer),
            Self::ExtendedAccountType(ty) => account_type::extended(ty).serialize(serializer),
            Self::ApiKey(key) => api_key::ApiKeyResource::new(key, None).serialize(serializer),
            Self::NewApiKey(issued) => {
                api_key::ApiKeyResource::new(&issued.key, Some(&issued.secret)).serialize(serializer)
            }
            Self::Document(document) => document::show(document, links).serialize(serializer),
            Self::DocumentFile(file) => document::show_file(file, links).serialize(serializer),
            Self::Event(event) => event::EventResource::new(event, links).serialize(serializer),
            Self::Inquiry(shown) => inquiry::InquiryResource::new(shown, links).serialize(serializer),
            Self::InquirySession(session) => {
                inquiry_session::InquirySessionResource::new(session).serialize(serializer)
            }
            Self::InquiryTemplate(view) => inquiry_template::template(view).serialize(serializer),
            Self::InquiryTemplateVersion(view) => inquiry_template::version(view).serialize(serializer),
            Self::ExtendedInquiryTemplateVersion(extended) => {
                inquiry_template::extended_version(&extended.0, &extended.1).serialize(serializer)
            }
            Self::User(user) => user::UserResource::new(user).serialize(serializer),
            Self::UserAuditLog(entry) => {
                user_audit_log::UserAuditLogResource::new(entry).serialize(serializer)
            }
            Self::Importer(found) => importer::importer(found).serialize(serializer),
            Self::ImporterFile(shown) => importer::file(shown).serialize(serializer),
            Self::ImporterPipeline(pipeline) => importer::pipeline(pipeline).serialize(serializer),
            Self::ImporterPipelineRun(run) => importer::run(run).serialize(serializer),
            Self::Report(report) => report::report(report).serialize(serializer),
            Self::ReportTemplate(template) => report::template(template).serialize(serializer),
            Self::ExtendedReportTemplate(template) => {
                report::extended_template(template).serialize(serializer)
            }
            Self::Made(object) => object.serialize(serializer),
            Self::TimelineEntry(entry) => timeline::entry(entry, links).serialize(serializer),
            Self::FieldOrigin(account, origin) => timeline::origin(account, origin).serialize(serializer),
            Self::ApiLog(log) => api_log::ApiLogResource::new(log).serialize(serializer),
            Self::Selfie(selfie) => document::show_selfie(selfie).serialize(serializer),
            Self::Verification(shown) => verification::show(shown, links).serialize(serializer),
            Self::RateLimit(decision) => rate_limit::RateLimitResource::new(*decision).serialize(serializer),
        }
    }
}

/// The schemas of all resources and of what they are made of, by name: JSON Schema, newest version, kebab case.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("account", account::schema()),
        ("account-type", account_type::schema()),
        ("extended-account-type", account_type::extended_schema()),
        ("field-schema", account_type::field_schema()),
        ("field-schema-definition", account_type::field_schema_definition()),
        ("api-key", api_key::schema()),
        ("api-key-with-value", api_key::schema_with_value()),
        ("api-log", api_log::schema()),
        ("rate-limit", rate_limit::schema()),
        ("event", event::schema()),
        ("inquiry", inquiry::schema()),
        ("inquiry-session", inquiry_session::schema()),
        ("inquiry-template", inquiry_template::template_schema()),
        ("inquiry-template-version", inquiry_template::version_schema()),
        ("extended-inquiry-template-version", inquiry_template::extended_version_schema()),
        ("inquiry-template-translations", inquiry_template::translations_schema()),
        ("inquiry-template-definition", inquiry_template_definition::schema()),
        ("batch-item", crate::operations::batch_item_schema()),
        ("timeline-entry", timeline::entry_schema()),
        ("field-origin", timeline::origin_schema()),
        ("report", report::any_schema()),
        ("report-template", report::template_schema()),
        ("extended-report-template", report::extended_template_schema()),
        ("report-history-entry", report::entry_schema()),
        ("report-run", report::run_schema()),
        ("user", user::schema()),
        ("user-audit-log", user_audit_log::schema()),
    ];
    all.extend(account::value_schemas());
    all.extend(report::schemas());
    all.extend(verification::schemas());
    all.extend(document::schemas());
    all.extend(importer::schemas());
    all
}

/// A reference to a resource: its type and ID.
#[derive(Serialize)]
struct Identity<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
}

/// A relationship to one other resource.
#[derive(Serialize)]
struct ToOne<'a> {
    data: Identity<'a>,
}

/// A reference to a resource of a type that is known only when it is read.
#[derive(Serialize)]
struct Reference<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    id: &'a str,
}

/// A relationship to one other resource, or to none.
#[derive(Serialize)]
struct ToOneOrNone<'a> {
    data: Option<Reference<'a>>,
}

/// A relationship to any number of resources.
#[derive(Serialize)]
struct ToMany<'a> {
    data: Vec<Reference<'a>>,
}

impl<'a> ToMany<'a> {
    /// A relationship to these: types and IDs.
    fn new(of: &'a [(String, String)]) -> Self {
        Self { data: of.iter().map(|(kind, id)| Reference { kind, id }).collect() }
    }
}
