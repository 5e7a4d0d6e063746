//! Report templates: how reports of a kind are run (spec D.4, D.5, H-14).
//!
//! The public API has no endpoints for them, so what they hold is ours. A change makes the next revision; a report
//! keeps the definition that it was created with.

use serde::{Deserialize, Serialize};

use super::ReportKind;
use crate::id::{IdSource, ReportTemplateId};
use crate::time::Timestamp;
use crate::violation::Violation;
use crate::written;

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 255;
/// Longest interval between two runs, in days.
pub const INTERVAL_DAYS_MAX: u32 = 365;
/// Most lists that a template names.
const LISTS_MAX: usize = 1000;

/// How reports of a kind are run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReportTemplate {
    /// Its ID.
    pub id: ReportTemplateId,
    /// Of which kind its reports are.
    pub kind: ReportKind,
    /// Its name.
    pub name: String,
    /// Whether reports that name only a kind use it.
    pub is_default: bool,
    /// How often it was changed, plus one.
    pub revision: i64,
    /// How its reports are run.
    pub definition: ReportDefinition,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A report template as its author writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReportTemplateSpec {
    /// Its name.
    pub name: String,
    /// Of which kind its reports are.
    pub kind: ReportKind,
    /// How its reports are run.
    #[serde(default)]
    pub definition: ReportDefinition,
}

impl ReportTemplateSpec {
    /// Reads the text file of a template.
    ///
    /// # Errors
    /// Says at which line and column what is to be mended.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        written::read_toml(text)
    }

    /// Says what is wrong with it; paths start at its members and at those of its definition.
    #[must_use]
    pub fn faults(&self) -> Vec<Violation> {
        faults(&self.name, self.kind, &self.definition)
    }

    /// Writes the text file of a template.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // All members have a form in TOML: none is left out everywhere.
        toml::to_string(self).unwrap_or_default()
    }
}

impl From<&ReportTemplate> for ReportTemplateSpec {
    fn from(template: &ReportTemplate) -> Self {
        let ReportTemplate { name, kind, definition, .. } = template.clone();
        Self { name, kind, definition }
    }
}

/// How a report is run. What is left out takes its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ReportDefinition {
    /// Days between two runs, 1 to 365; none: it is run once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_days: Option<u32>,
    /// The provider that is asked, by the name that the server is configured with; none: the default one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Slugs of the lists that are searched; none: all that fit the kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lists: Option<Vec<String>>,
    /// How names are compared.
    pub names: NameMatching,
    /// How birth dates are compared.
    pub birthdate: BirthdateMatching,
    /// What of a country is compared with that of the query; empty: countries are not compared.
    pub countries: Vec<CountryRole>,
    /// Hits below this score, 0 to 1, are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_score: Option<f64>,
    /// Whether relatives and close associates count as politically exposed.
    pub associates: Associates,
}

/// Whether relatives and close associates count as politically exposed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Associates {
    /// They do not.
    #[default]
    Excluded,
    /// They do.
    Included,
}

/// How names are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct NameMatching {
    /// Which ways count.
    pub preset: NamePreset,
    /// With `custom`: other names of an entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aliases: Option<bool>,
    /// With `custom`: a part of the words, or initials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<bool>,
    /// With `custom`: letters only, whatever spaces and marks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// With `custom`: first and last name alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_last: Option<bool>,
    /// With `custom`: nicknames, and names that sound the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equivalents: Option<bool>,
    /// With `custom`: a letter more, less or other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuzziness: Option<Fuzziness>,
}

impl Default for NameMatching {
    fn default() -> Self {
        Self {
            preset: NamePreset::Tolerant,
            aliases: None,
            partial: None,
            joined: None,
            first_last: None,
            equivalents: None,
            fuzziness: None,
        }
    }
}

/// Which ways of writing a name count as the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamePreset {
    /// The name or another name of the entity, as it stands.
    Exact,
    /// Also in part, joined, or first and last name alone.
    Strict,
    /// Also nicknames, sound and a typing error in longer words.
    #[default]
    Tolerant,
    /// As the other members say.
    Custom,
}

/// How long a name must be for a typing error in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fuzziness {
    /// None is let pass.
    #[default]
    Off,
    /// Very long.
    Low,
    /// Long.
    Medium,
    /// Short.
    High,
}

/// How birth dates are compared, where both are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BirthdateMatching {
    /// They are not.
    Off,
    /// The date must be the same.
    ExactDate,
    /// The year must be the same.
    ExactYear,
    /// The years may differ by one.
    #[default]
    ApproximateYear,
}

/// What a country is to a person or a business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountryRole {
    /// Of which it has the citizenship.
    Citizenship,
    /// Of which it has the nationality.
    Nationality,
    /// Where it was born.
    Birthplace,
    /// Where it lives or has its seat.
    Residency,
}

impl ReportTemplate {
    /// Makes the default template of a kind.
    #[must_use]
    pub fn default_of(kind: ReportKind, ids: &mut IdSource, now: Timestamp) -> Self {
        Self {
            id: ids.mint(),
            kind,
            name: default_name(kind),
            is_default: true,
            revision: 1,
            definition: ReportDefinition::default(),
            created_at: now,
            updated_at: now,
        }
    }

    /// What reports call this revision: `v1`, `v2` and so on.
    #[must_use]
    pub fn version_name(revision: i64) -> String {
        format!("v{revision}")
    }

    /// Says what is wrong with it; paths start below its attributes.
    #[must_use]
    pub fn faults(&self) -> Vec<Violation> {
        faults(&self.name, self.kind, &self.definition)
    }
}

fn faults(name: &str, kind: ReportKind, definition: &ReportDefinition) -> Vec<Violation> {
    let mut wrong = definition.faults(kind);
    let chars = name.trim().chars().count();
    if chars == 0 || chars > NAME_CHARS_MAX {
        wrong.push(Violation::new(["name"], format!("must have 1 to {NAME_CHARS_MAX} characters")));
    }
    wrong
}

/// The name of the kind, as people read it.
fn default_name(kind: ReportKind) -> String {
    let words = kind.as_str().split('-').map(|word| {
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
    });
    words.collect::<Vec<_>>().join(" ")
}

impl ReportDefinition {
    fn faults(&self, kind: ReportKind) -> Vec<Violation> {
        let mut wrong = Vec::new();
        let mut refuse = |member: &str, message: &str| wrong.push(Violation::new([member], message));
        match self.interval_days {
            Some(_) if !kind.can_recur() => {
                refuse("interval-days", "must be left out: reports of this kind are run once");
            }
            Some(days) if !(1..=INTERVAL_DAYS_MAX).contains(&days) => {
                refuse("interval-days", "must be from 1 to 365");
            }
            _ => {}
        }
        if self.minimum_score.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
            refuse("minimum-score", "must be from 0 to 1");
        }
        if self.provider.is_some() && kind.is_local() {
            refuse("provider", "must be left out: reports of this kind are run inside Muster");
        }
        if self.lists.as_ref().is_some_and(|lists| lists.is_empty() || lists.len() > LISTS_MAX) {
            refuse("lists", "must name 1 to 1000 lists, or be left out for all");
        }
        if self.names.preset != NamePreset::Custom
            && self.names != (NameMatching { preset: self.names.preset, ..NameMatching::default() })
        {
            refuse("names", "must have no other member than preset, unless that is custom");
        }
        wrong
    }
}
