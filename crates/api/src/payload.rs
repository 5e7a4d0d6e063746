//! The top level of a reply.

use muster_app::inquiries::Browser;
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

/// How much of a reply is kept under an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Whole,
    /// Less than was answered.
    Part,
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

    /// What may be kept of it under an idempotency key, for as long as the key is remembered: no secret that is shown
    /// once, none of the objects beside it that have personal data of their own, since they may be redacted alone, and
    /// of several sessions, which have no subject in common, nothing of the browsers.
    pub fn narrow_to_kept(&mut self) -> Kept {
        let mut kept = Kept::Whole;
        if let Some(included) = &mut self.included {
            let before = included.len();
            included.retain(|resource| !resource.is_personal());
            kept = if included.len() == before { Kept::Whole } else { Kept::Part };
        }
        match &mut self.data {
            Data::One(resource) => {
                if let Resource::NewApiKey(issued) = resource {
                    *resource = Resource::ApiKey(Box::new(issued.key.clone()));
                    kept = Kept::Part;
                }
            }
            Data::Many(resources) => {
                for resource in resources {
                    if let Resource::InquirySession(session) = resource {
                        session.browser = Browser::default();
                        session.handoff = None;
                        kept = Kept::Part;
                    }
                }
            }
        }
        kept
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
