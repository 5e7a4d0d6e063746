//! What is known of a list as a whole.

use serde::{Deserialize, Serialize};

/// A list: who publishes it and what being on it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct List {
    /// Its short name, unique in an organization, such as `ofac-sdn`.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Where it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// ISO 3166-1 alpha-2 of the publisher's country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_code: Option<String>,
    /// What being on it means; the first is the main one.
    pub types: Vec<ListType>,
}

/// What being on a list means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListType {
    /// Dealing with it is forbidden or restricted.
    Sanction,
    /// An authority warns of it.
    Warning,
    /// It was found unfit for an office.
    FitnessProbity,
    /// It holds a public office, or is near to somebody who does.
    Pep,
}

impl ListType {
    /// What a topic of an entity means, for lists that hold several kinds; none for topics that say nothing of risk.
    pub fn of_topic(topic: &str) -> Option<Self> {
        match topic {
            "sanction"
            | "sanction.linked"
            | "sanction.counter"
            | "export.control"
            | "export.control.linked" => Some(Self::Sanction),
            "debarment" | "wanted" | "crime" => Some(Self::Warning),
            "role.pep" | "role.rca" => Some(Self::Pep),
            other if other.starts_with("reg.") || other.starts_with("crime.") => Some(Self::Warning),
            _ => None,
        }
    }
}
