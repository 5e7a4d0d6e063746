//! One request on its way through the pipeline, and the way back of its reply.

use std::sync::Arc;

use axum::body::Bytes;
use muster_app::idempotency::{Claim, Reply};
use muster_app::keys::Principal;
use muster_app::{Error, Result, Scope};
use serde_json::{Map, Value};

use crate::blocklist::Blocklist;
use crate::inflection::{self, Inflection, inflect_reply, kebab_keys};
use crate::links::FileLinks;
use crate::operation::{Operation, permission_to_include};
use crate::payload::Payload;
use crate::problem;
use crate::query::Query;
use crate::rate_limit::Decision;
use crate::sparse::apply_fields;
use crate::versions::{ApiVersion, default_includes, downgrade_reply};

/// A request that passed authentication, permission and rate limit.
pub struct Call {
    /// The operation it asks for.
    pub operation: &'static Operation,
    /// Tenant, caller, moment.
    pub scope: Scope,
    /// The part of the path that names the object; empty where there is none.
    pub object_id: String,
    /// Its path, `/api/v1` and all, for links.
    pub path: String,
    /// Whose request it is.
    pub principal: Arc<Principal>,
    /// Its query.
    pub query: Query,
    /// Its body: an object, empty where none was sent.
    pub body: Map<String, Value>,
    /// The piece of a file that it brings; empty where it brings none.
    pub piece: Bytes,
    /// The API version of its reply.
    pub version: ApiVersion,
    /// The key inflection of its reply.
    pub inflection: Inflection,
    /// What its reply leaves out.
    pub blocklist: Option<Blocklist>,
    /// Its idempotency key.
    pub claim: Option<Claim>,
    /// Makes the links to files in its reply.
    pub files: FileLinks,
    /// What is left of its environment's requests.
    pub limit: Decision,
}

impl Call {
    /// True when the reply is to carry the objects of this relationship. What was asked for was permitted; what old
    /// versions carry unasked is left out where the key may not read it.
    pub fn includes(&self, name: &str) -> bool {
        match &self.query.include {
            Some(names) => names.iter().any(|wanted| inflection::kebab(wanted) == name),
            None => default_includes(self.version) && self.may_include(name),
        }
    }

    fn may_include(&self, name: &str) -> bool {
        permission_to_include(name).is_none_or(|permission| self.principal.require(permission).is_ok())
    }

    /// The values of a filter.
    pub fn filter(&self, name: &str) -> Option<&Vec<String>> {
        self.query.filters.iter().find(|(key, _)| key == name).map(|(_, values)| values)
    }

    /// Makes the bytes of a reply: version, sparse fields, blocklist and inflection, in this order.
    pub fn finish(&self, status: u16, payload: &mut Payload) -> Reply {
        if self.query.include.is_some() && payload.included.is_none() {
            payload.included = Some(Vec::new());
        }
        if self.wants_newest_form() {
            return Reply {
                status,
                body: serde_json::to_vec(&payload.shown(&self.files)).unwrap_or_default(),
            };
        }
        let mut body = serde_json::to_value(payload.shown(&self.files)).unwrap_or_default();
        downgrade_reply(&mut body, self.version);
        if !self.query.fields.is_empty() {
            apply_fields(&mut body, &self.query.fields);
        }
        if let Some(blocklist) = &self.blocklist {
            blocklist.apply(&mut body);
        }
        inflect_reply(&mut body, self.inflection);
        Reply { status, body: serde_json::to_vec(&body).unwrap_or_default() }
    }

    /// True when the reply needs no further change: by far the most common case.
    fn wants_newest_form(&self) -> bool {
        self.version == ApiVersion::NEWEST
            && self.inflection == Inflection::Kebab
            && self.query.fields.is_empty()
            && self.blocklist.is_none()
    }

    /// The reply to a refused request.
    pub fn refuse(&self, error: &Error) -> Reply {
        problem::reply(error)
    }

    /// The member `data.attributes`, with its keys in kebab case. Absent means empty.
    ///
    /// # Errors
    /// 400 for members that do not belong, or that are not objects.
    pub fn attributes(&self) -> Result<Map<String, Value>> {
        attributes(&self.body)
    }

    /// The member `meta`, with its keys in kebab case. Absent means empty.
    ///
    /// # Errors
    /// 400 for members that are not in `known`, or when it is not an object.
    pub fn meta(&self, known: &[&str]) -> Result<Map<String, Value>> {
        meta(&self.body, known)
    }
}

/// The member `data.attributes` of a body; see [`Call::attributes`].
///
/// # Errors
/// As [`Call::attributes`].
pub fn attributes(body: &Map<String, Value>) -> Result<Map<String, Value>> {
    only(body, &[], &["data", "meta"])?;
    let Some(data) = object(body.get("data"), &["data"])? else { return Ok(Map::new()) };
    only(data, &["data"], &["type", "id", "attributes", "relationships"])?;
    let attributes = object(data.get("attributes"), &["data", "attributes"])?;
    kebab_keys(attributes.cloned().unwrap_or_default())
        .map_err(|both| Error::malformed(["data", "attributes"], both))
}

/// The member `meta` of a body; see [`Call::meta`].
///
/// # Errors
/// As [`Call::meta`].
pub fn meta(body: &Map<String, Value>, known: &[&str]) -> Result<Map<String, Value>> {
    let meta = object(body.get("meta"), &["meta"])?.cloned().unwrap_or_default();
    let meta = kebab_keys(meta).map_err(|both| Error::malformed(["meta"], both))?;
    only(&meta, &["meta"], known)?;
    Ok(meta)
}

fn object<'a>(value: Option<&'a Value>, path: &[&str]) -> Result<Option<&'a Map<String, Value>>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(members)) => Ok(Some(members)),
        Some(_) => Err(Error::malformed(path.iter().copied(), "must be an object")),
    }
}

fn only(members: &Map<String, Value>, path: &[&str], known: &[&str]) -> Result<()> {
    match members.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => {
            let message = format!("is not a member of this request; known are {}", known.join(", "));
            Err(Error::malformed(path.iter().copied().chain([key.as_str()]), message))
        }
    }
}
