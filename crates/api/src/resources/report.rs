//! Reports on the wire (spec D.1, D.3). Shapes that depend on the kind come from the table in `domain`.

mod history;
mod schema;
mod shown;
mod template;

pub use history::{entry, entry_schema, event_of, run, run_schema};
pub use schema::{any_schema, query_schema, schemas};
pub use template::{
    definition_schema, extended as extended_template, extended_schema as extended_template_schema,
    read_definition, schema as template_schema, shown as template,
};

use muster_app::reports::Report;
use muster_domain::{AccountId, InquiryId, ReportTemplate, Timestamp};
use serde_json::{Value, json};

/// The resource object of a report.
pub fn report(report: &Report) -> Value {
    let instant = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339_millis);
    let mut attributes = json!({
        "status": report.status.as_str(),
        "created-at": report.created_at.to_rfc3339_millis(),
        "completed-at": instant(report.completed_at),
        "redacted-at": instant(report.redacted_at),
        "report-template-version-name": ReportTemplate::version_name(report.revision),
        "has-match": report.has_match(),
        "is-continuous": report.is_continuous(),
        "is-recurring": report.is_recurring(),
        "tags": report.tags,
    });
    if let Value::Object(members) = &mut attributes {
        members.extend(shown::attributes(report));
    }
    let to_one =
        |kind: &str, id: Option<&str>| json!({ "data": id.map(|id| json!({ "type": kind, "id": id })) });
    json!({
        "type": report.kind.resource_type(),
        "id": report.id.as_str(),
        "attributes": attributes,
        "relationships": {
            "inquiry": to_one("inquiry", report.inquiry.as_ref().map(InquiryId::as_str)),
            "account": to_one("account", report.account.as_ref().map(AccountId::as_str)),
            "transaction": { "data": null },
            "report-template": to_one(report.kind.template_type(), Some(report.template.as_str())),
        },
    })
}
