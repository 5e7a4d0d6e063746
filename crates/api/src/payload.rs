//! The top level of a reply.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::doc::object;
use crate::links::FileLinks;
use crate::resources::{Resource, Shown};

/// `data`, `included`, `links` and `meta` of a reply, in the newest version and in kebab case.
pub struct Payload {
    /// One resource or a list of them.
    pub data: Data,
    /// Objects named by `include`; absent when the request named none and there are none.
    pub included: Option<Vec<Resource>>,
    /// Links to the pages beside this one.
    pub links: Option<Links>,
    /// What is told beside the data.
    pub meta: Option<Value>,
}

/// A payload as it is shown to one caller, who gets links to the files in it.
pub struct ShownPayload<'a> {
    payload: &'a Payload,
    files: &'a FileLinks,
}

impl Serialize for ShownPayload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let show = |resource| Shown { resource, links: self.files };
        let Payload { data, included, links, meta } = self.payload;
        let mut members = serializer.serialize_map(None)?;
        match data {
            Data::One(resource) => members.serialize_entry("data", &show(resource))?,
            Data::Many(resources) => {
                members.serialize_entry("data", &resources.iter().map(show).collect::<Vec<_>>())?;
            }
        }
        if let Some(resources) = included {
            members.serialize_entry("included", &resources.iter().map(show).collect::<Vec<_>>())?;
        }
        if let Some(links) = links {
            members.serialize_entry("links", links)?;
        }
        if let Some(meta) = meta {
            members.serialize_entry("meta", meta)?;
        }
        members.end()
    }
}

/// What a reply is about.
pub enum Data {
    /// One resource.
    One(Resource),
    /// A list of resources.
    Many(Vec<Resource>),
}

/// Paths of the pages beside this one.
#[derive(Default, serde::Serialize)]
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
    /// The payload with links to its files.
    pub fn shown<'a>(&'a self, files: &'a FileLinks) -> ShownPayload<'a> {
        ShownPayload { payload: self, files }
    }

    /// A reply of one resource.
    pub fn one(resource: Resource) -> Self {
        Self { data: Data::One(resource), included: None, links: None, meta: None }
    }

    /// The same without the secret that is shown once; none when there is no such secret in it.
    pub fn without_secret(&self) -> Option<Self> {
        match &self.data {
            Data::One(Resource::NewApiKey(issued)) => {
                Some(Self::one(Resource::ApiKey(Box::new(issued.key.clone()))))
            }
            _ => None,
        }
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
