//! Events on the wire (spec D.1).

use muster_app::events::{self, Event, Object as EventObject};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::account::AccountResource;
use super::inquiry::InquiryResource;
use super::inquiry_session::InquirySessionResource;
use super::{account_type, document, importer, report, verification};
use crate::doc::{described, instant, named, object, resource};
use crate::links::FileLinks;

/// The resource object of an event.
#[derive(Serialize)]
pub struct EventResource<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    id: &'a str,
    attributes: Attributes<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Attributes<'a> {
    name: &'a str,
    payload: Payload<'a>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
}

#[derive(Serialize)]
struct Payload<'a> {
    data: Object<'a>,
}

/// What happened to something, as it was then.
struct Object<'a> {
    object: &'a EventObject,
    links: &'a FileLinks,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.object {
            EventObject::Account(account) => AccountResource::new(account, self.links).serialize(serializer),
            EventObject::AccountType(ty) => account_type::published(ty).serialize(serializer),
            EventObject::Inquiry(shown) => InquiryResource::new(shown, self.links).serialize(serializer),
            EventObject::InquirySession(session) => {
                InquirySessionResource::new(session).serialize(serializer)
            }
            EventObject::Verification(shown) => verification::show(shown, self.links).serialize(serializer),
            EventObject::Document(found) => document::show(found, self.links).serialize(serializer),
            EventObject::Report(found) => report::report(found).serialize(serializer),
            EventObject::ImporterPipelineRun(run) => importer::run(run).serialize(serializer),
            EventObject::Selfie(selfie) => document::show_selfie(selfie).serialize(serializer),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "kebab-case")]
enum Context<'a> {
    Tags {
        added_tags: &'a [String],
        removed_tags: &'a [String],
    },
    Relation {
        relation_schema_key: Option<&'a str>,
        target_account_id: Option<&'a str>,
        target_txn_id: Option<&'a str>,
    },
}

impl<'a> Context<'a> {
    fn new(context: &'a events::Context) -> Option<Self> {
        match context {
            events::Context::None => None,
            events::Context::Tags { added, removed } => {
                Some(Self::Tags { added_tags: added, removed_tags: removed })
            }
            events::Context::Relation { key, target } => Some(Self::Relation {
                relation_schema_key: key.as_deref(),
                target_account_id: target.as_deref(),
                target_txn_id: None,
            }),
        }
    }
}

impl<'a> EventResource<'a> {
    /// Shows an event with links to the files of its object.
    pub fn new(event: &'a Event, links: &'a FileLinks) -> Self {
        Self {
            kind: "event",
            id: event.id.as_str(),
            attributes: Attributes {
                name: &event.name,
                payload: Payload { data: Object { object: &event.object, links } },
                created_at: event.at.to_rfc3339_millis(),
                context: Context::new(&event.context),
            },
        }
    }
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let names = || json!({ "type": "array", "items": { "type": "string" } });
    let payload = json!({ "data": { "anyOf": [
        named("account"), named("account-type"), named("inquiry"), named("inquiry-session"),
        named("verification"), named("document"), named("selfie"), named("report"), named("importer-pipeline-run"),
    ] } });
    let tags = json!({ "added-tags": names(), "removed-tags": names() });
    let id = || json!({ "type": ["string", "null"] });
    let relation = json!({ "relation-schema-key": id(), "target-account-id": id(), "target-txn-id": id() });
    let context = json!({ "anyOf": [
        object(&tags, &["added-tags", "removed-tags"]),
        object(&relation, &["relation-schema-key", "target-account-id", "target-txn-id"]),
    ] });
    let members = json!({
        "name": { "type": "string", "description": "What happened, such as account.created." },
        "payload": described(
            object(&payload, &["data"]), "The object that it happened to, as it was right after."
        ),
        "created-at": described(instant(), "When it happened."),
        "context": described(context, "The tags that changed, or the relation that was added or removed."),
    });
    let attributes = object(&members, &["name", "payload", "created-at"]);
    let event = resource("event", "evt_", &attributes, &json!({}));
    described(event, "Something that happened to an object.")
}
