//! The top level of a reply.

use serde::Serialize;
use serde_json::{Value, json};

use crate::doc::object;
use crate::resources::Resource;

/// `data`, `included`, `links` and `meta` of a reply, in the newest version and in kebab case.
#[derive(Serialize)]
pub struct Payload {
    /// One resource or a list of them.
    pub data: Data,
    /// Objects named by `include`; absent when the request named none and there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<Vec<Resource>>,
    /// Links to the pages beside this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
    /// What is told beside the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
}

/// What a reply is about.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Data {
    /// One resource.
    One(Resource),
    /// A list of resources.
    Many(Vec<Resource>),
}

/// Paths of the pages beside this one.
#[derive(Default, Serialize)]
pub struct Links {
    /// The page of newer ones.
    pub prev: Option<String>,
    /// The page of older ones.
    pub next: Option<String>,
}

/// The schema of [`Links`].
pub fn links_schema() -> Value {
    let link = |text: &str| json!({ "type": ["string", "null"], "description": text });
    let members = json!({
        "prev": link("The path of the page of newer ones; null on the first page."),
        "next": link("The path of the page of older ones; null on the last page."),
    });
    object(&members, &["prev", "next"])
}

impl Payload {
    /// A reply of one resource.
    pub fn one(resource: Resource) -> Self {
        Self { data: Data::One(resource), included: None, links: None, meta: None }
    }

    /// A reply of a list that has no pages.
    pub fn list(resources: Vec<Resource>) -> Self {
        Self { data: Data::Many(resources), included: None, links: None, meta: None }
    }

    /// A reply of a list.
    pub fn many(resources: Vec<Resource>, links: Links) -> Self {
        Self { data: Data::Many(resources), included: None, links: Some(links), meta: None }
    }
}
