//! Inquiries on the wire (spec A.0).

use muster_app::inquiries::Shown;
use muster_domain::inquiry_template::PresentedValues;
use muster_domain::{ResourceId, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::doc::{described, instant, named, nullable, object, resource, to_any, to_one_or_none};
use crate::links::FileLinks;
use crate::resources::{Reference, ToMany, ToOneOrNone};

/// The resource object of an inquiry.
#[derive(Serialize)]
pub struct InquiryResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
    relationships: Relationships<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    status: &'static str,
    reference_id: Option<&'a str>,
    note: Option<&'a str>,
    /// How somebody behaved is not watched.
    behaviors: Option<()>,
    tags: &'a [String],
    creator: &'a str,
    reviewer_comment: Option<&'a str>,
    created_at: String,
    updated_at: String,
    started_at: Option<String>,
    expires_at: Option<String>,
    completed_at: Option<String>,
    failed_at: Option<String>,
    marked_for_review_at: Option<String>,
    decisioned_at: Option<String>,
    expired_at: Option<String>,
    redacted_at: Option<String>,
    previous_step_name: Option<&'a str>,
    next_step_name: Option<&'a str>,
    fields: PresentedValues<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Relationships<'a> {
    account: ToOneOrNone<'a>,
    template: ToOneOrNone<'a>,
    inquiry_template: ToOneOrNone<'a>,
    inquiry_template_version: ToOneOrNone<'a>,
    transaction: ToOneOrNone<'a>,
    reviewer: ToOneOrNone<'a>,
    reports: ToMany<'a>,
    verifications: ToMany<'a>,
    sessions: ToMany<'a>,
    documents: ToMany<'a>,
    selfies: ToMany<'a>,
}

impl<'a> InquiryResource<'a> {
    /// Shows an inquiry with links to its files.
    pub fn new(shown: &'a Shown, links: &'a FileLinks) -> Self {
        let inquiry = &shown.inquiry;
        let one = |kind: &'a str, id: &'a str| ToOneOrNone { data: Some(Reference { kind, id }) };
        let none = || ToOneOrNone { data: None };
        let moment = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339_millis);
        let related = &shown.related;
        Self {
            kind: "inquiry",
            id: inquiry.id.as_str(),
            attributes: Attributes {
                status: inquiry.status.as_str(),
                reference_id: shown.reference_id.as_deref(),
                note: inquiry.note.as_deref(),
                behaviors: None,
                tags: &inquiry.tags,
                creator: &inquiry.creator,
                reviewer_comment: inquiry.reviewer_comment.as_deref(),
                created_at: inquiry.created_at.to_rfc3339_millis(),
                updated_at: inquiry.updated_at.to_rfc3339_millis(),
                started_at: moment(inquiry.started_at),
                expires_at: moment(inquiry.expires_at),
                completed_at: moment(inquiry.completed_at),
                failed_at: moment(inquiry.failed_at),
                marked_for_review_at: moment(inquiry.marked_for_review_at),
                decisioned_at: moment(inquiry.decisioned_at),
                expired_at: moment(inquiry.expired_at),
                redacted_at: moment(inquiry.redacted_at),
                previous_step_name: inquiry.previous_step.as_deref(),
                next_step_name: inquiry.next_step.as_deref(),
                fields: shown.version.definition.present(&inquiry.fields, links),
            },
            relationships: Relationships {
                account: inquiry.account.as_ref().map_or_else(none, |id| one("account", id.as_str())),
                template: none(),
                inquiry_template: one("inquiry-template", inquiry.template.as_str()),
                inquiry_template_version: one("inquiry-template-version", inquiry.template_version.as_str()),
                transaction: none(),
                reviewer: inquiry.reviewer.as_ref().map_or_else(none, |id| one("api-key", id)),
                reports: ToMany::new(&related.reports),
                verifications: ToMany::new(&related.verifications),
                sessions: ToMany::new(&related.sessions),
                documents: ToMany::new(&related.documents),
                selfies: ToMany::new(&related.selfies),
            },
        }
    }
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let text = || json!({ "type": "string" });
    let maybe = |about: &str| described(nullable(instant()), about);
    let members = json!({
        "status": described(text(), "created, pending, completed, failed, expired, needs_review, approved or declined."),
        "reference-id": described(nullable(text()), "The reference ID of its account."),
        "note": described(nullable(text()), "A text of whoever works with it."),
        "behaviors": { "type": ["object", "null"], "description": "Always null: how somebody behaves is not watched." },
        "tags": { "type": "array", "description": "The names of its tags.", "items": text() },
        "creator": described(text(), "The e-mail address of whoever created it; API or Web where none was given."),
        "reviewer-comment": described(nullable(text()), "What was said with the decision."),
        "created-at": described(instant(), "When it was created."),
        "updated-at": described(instant(), "When it last changed."),
        "started-at": maybe("When the person began to be verified."),
        "expires-at": maybe("When its time is over; null once it has ended."),
        "completed-at": maybe("When the person reached the end."),
        "failed-at": maybe("When the person reached the end without success."),
        "marked-for-review-at": maybe("When somebody was asked to look at it."),
        "decisioned-at": maybe("When it was approved or declined."),
        "expired-at": maybe("When it expired."),
        "redacted-at": maybe("When its personal data was erased."),
        "previous-step-name": described(nullable(text()), "The step before the present one."),
        "next-step-name": described(nullable(text()), "The step that the person is to do."),
        "fields": {
            "type": "object",
            "description": "Its fields by key, set or not. Keys are spelled as the template spells them, whatever the inflection.",
            "additionalProperties": named("typed-value"),
        },
    });
    let all: Vec<&str> =
        members.as_object().map(|all| all.keys().map(String::as_str).collect()).unwrap_or_default();
    let relationships = json!({
        "account": to_one_or_none(Some("account")),
        "template": to_one_or_none(Some("template")),
        "inquiry-template": to_one_or_none(Some("inquiry-template")),
        "inquiry-template-version": to_one_or_none(Some("inquiry-template-version")),
        "transaction": to_one_or_none(Some("transaction")),
        "reviewer": described(to_one_or_none(None), "Who decided."),
        "reports": to_any(),
        "verifications": to_any(),
        "sessions": to_any(),
        "documents": to_any(),
        "selfies": to_any(),
    });
    let inquiry =
        resource("inquiry", muster_domain::InquiryId::PREFIX, &object(&members, &all), &relationships);
    described(inquiry, "An inquiry: what somebody is asked, where they stand, and what came of it.")
}
