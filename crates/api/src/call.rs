//! One request on its way through the pipeline, and the way back of its reply.

use muster_app::idempotency::{Claim, Reply};
use muster_app::{Error, Result, Scope};
use serde_json::{Map, Value};

use crate::inflection::{self, Inflection, inflect_reply, kebab_keys};
use crate::operation::Operation;
use crate::payload::Payload;
use crate::problem;
use crate::query::Query;
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
    /// Its query.
    pub query: Query,
    /// Its body: an object, empty where none was sent.
    pub body: Map<String, Value>,
    /// The API version of its reply.
    pub version: ApiVersion,
    /// The key inflection of its reply.
    pub inflection: Inflection,
    /// Its idempotency key.
    pub claim: Option<Claim>,
}

impl Call {
    /// True when the reply is to carry the objects of this relationship.
    pub fn includes(&self, name: &str) -> bool {
        match &self.query.include {
            Some(names) => names.iter().any(|wanted| inflection::kebab(wanted) == name),
            None => default_includes(self.version),
        }
    }

    /// The values of a filter.
    pub fn filter(&self, name: &str) -> Option<&Vec<String>> {
        self.query.filters.iter().find(|(key, _)| key == name).map(|(_, values)| values)
    }

    /// Makes the bytes of a reply: version, sparse fields and inflection, in this order.
    pub fn finish(&self, status: u16, payload: Payload) -> Reply {
        let mut body = payload.into_value(self.query.include.is_some());
        downgrade_reply(&mut body, self.version);
        if !self.query.fields.is_empty() {
            apply_fields(&mut body, &self.query.fields);
        }
        inflect_reply(&mut body, self.inflection);
        Reply { status, body: serde_json::to_vec(&body).unwrap_or_default() }
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
        only(&self.body, &[], &["data", "meta"])?;
        let data = object(self.body.get("data"), &["data"])?;
        only(&data, &["data"], &["type", "id", "attributes", "relationships"])?;
        let attributes = object(data.get("attributes"), &["data", "attributes"])?;
        kebab_keys(attributes).map_err(|both| Error::malformed(["data", "attributes"], both))
    }

    /// The member `meta`, with its keys in kebab case. Absent means empty.
    ///
    /// # Errors
    /// 400 for members that are not in `known`, or when it is not an object.
    pub fn meta(&self, known: &[&str]) -> Result<Map<String, Value>> {
        let meta = kebab_keys(object(self.body.get("meta"), &["meta"])?)
            .map_err(|both| Error::malformed(["meta"], both))?;
        only(&meta, &["meta"], known)?;
        Ok(meta)
    }
}

fn object(value: Option<&Value>, path: &[&str]) -> Result<Map<String, Value>> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members.clone()),
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
