//! Inquiry templates: what is asked of a person, step by step, and what follows from the answers.
//!
//! - `spec` is what an author writes (TOML or JSON), `create` makes a [`Definition`] of it after finding
//!   everything that makes no sense; `flow` looks at the steps together; `stored` is the form in the database;
//! - `advance` says where a flow goes from a step; `progress` how far it has come;
//! - `values` reads what is given for the fields of an inquiry: by API, by link, in a form;
//! - `texts` knows languages, `translations` lists and merges them;
//! - `settings` has lifetimes and redirects, `theme` the names of colours and sizes;
//! - `verification` knows kinds of verifications and their checks.
//!
//! Who a person is, what a verification finds and when anything happens is not known here.

mod advance;
mod condition;
mod create;
mod diff;
mod flow;
mod progress;
mod settings;
mod spec;
mod stored;
#[cfg(test)]
mod tests;
mod texts;
mod theme;
mod translations;
mod values;
mod verification;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use advance::{Action, Arrival, EnvironmentKind, Facts, Outcome, Stop, VerificationFacts};
pub use condition::{Condition, ConditionSpec};
pub use create::Surroundings;
pub use progress::Progress;
pub use settings::{RedirectSource, Settings};
pub use spec::{InquiryTemplateSpec, RouteSpec, StepSpec};
pub use texts::Text;
pub use theme::THEME_KEYS;
pub use translations::{LocaleValue, Translation};
pub use values::{FieldValues, PresentedValues};
pub use verification::{
    Check, ID_CLASSES, Requirement, VerificationConfig, VerificationKind, VerificationTemplate,
};

use crate::field::FieldSchema;
use crate::id::AccountTypeId;

/// What a template has beside its versions; changes take effect at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TemplateHead {
    /// The name; unique in the organization, letter case aside.
    pub name: String,
    /// Whether inquiries can be made of it.
    pub status: TemplateStatus,
    /// The hosts that may show its flow in a frame.
    pub embedded_flow_domain_allowlist: Vec<String>,
    /// The subdomains under which its flow is served.
    pub hosted_flow_subdomains: Vec<String>,
}

/// Whether inquiries can be made of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TemplateStatus {
    /// They can.
    #[default]
    Active,
    /// They cannot; those that exist go on.
    Inactive,
}

impl TemplateStatus {
    /// The name of the status in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

/// What one version of a template says: checked, with every reference known to lead somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The languages of the flow, such as `en` or `fr-CA`; at least one.
    pub languages: Vec<String>,
    /// The language of texts that are given once, and of people whose language there is not; one of `languages`.
    pub default_language: String,
    /// Lifetimes, sessions and redirects.
    pub settings: Settings,
    /// Values of some of [`THEME_KEYS`].
    pub theme: BTreeMap<String, String>,
    /// The fields of an inquiry. Keys may have `-` where those of account types have `_`.
    pub fields: Vec<FieldSchema>,
    /// The verifications that steps run.
    pub verifications: Vec<VerificationTemplate>,
    /// The steps; the first one is a page, and where every flow starts.
    pub steps: Vec<Step>,
}

/// One step of a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The name, unique in its version: what `next-step-name` of an inquiry shows.
    pub name: String,
    /// What people who work with inquiries call it.
    pub display_name: Option<String>,
    /// The heading of its page.
    pub title: Option<Text>,
    /// The text of its page; blank lines part paragraphs.
    pub text: Option<Text>,
    /// What its button says.
    pub button: Option<Text>,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does, and where it leads.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// A page that asks for values of fields.
    Form {
        /// What it asks for, in order.
        inputs: Vec<Input>,
        /// The step that follows.
        next: String,
    },
    /// A page that sends a code to an e-mail address and asks for it.
    EmailCode {
        /// The key of an `email-address` verification.
        verification: String,
        /// The key of the field that has the address.
        field: String,
        /// The step that follows.
        next: String,
    },
    /// A page that sends a code to a phone and asks for it.
    PhoneCode {
        /// The key of a `phone-number` verification.
        verification: String,
        /// The key of the field that has the number.
        field: String,
        /// The step that follows.
        next: String,
    },
    /// A page that takes a document.
    Document {
        /// The key of a `document` verification.
        verification: String,
        /// The media types that are accepted.
        mime_types: Vec<String>,
        /// The most files.
        files_max: u32,
        /// The step that follows.
        next: String,
    },
    /// Pages that take a government ID.
    GovernmentId {
        /// The key of a `government-id` verification.
        verification: String,
        /// The step that follows.
        next: String,
    },
    /// A page that takes a selfie.
    Selfie {
        /// The key of a `selfie` verification.
        verification: String,
        /// The step that follows.
        next: String,
    },
    /// A page that only tells something.
    Text {
        /// The step that follows.
        next: String,
    },
    /// No page: the first route whose condition holds is taken.
    Branch {
        /// The routes, in order.
        routes: Vec<Route>,
        /// The step that follows when no condition holds.
        otherwise: String,
    },
    /// No page: the inquiry gets an account if it has none.
    CreateAccount {
        /// The type of the account; the default one if it is left out.
        account_type: Option<AccountTypeId>,
        /// The step that follows.
        next: String,
    },
    /// No page: values of the inquiry are written into its account.
    UpdateAccount {
        /// What is written, as key of the account's field (`name.first` is a member) to key of the inquiry's.
        fields: BTreeMap<String, String>,
        /// The step that follows.
        next: String,
    },
    /// The last page of a flow that went well: reaching it completes the inquiry.
    Complete,
    /// The last page of a flow that did not: reaching it fails the inquiry.
    Fail,
}

impl StepKind {
    /// The names of all kinds, in the order in which they are explained.
    pub const NAMES: [&'static str; 12] = [
        "form",
        "email-code",
        "phone-code",
        "document",
        "government-id",
        "selfie",
        "text",
        "branch",
        "create-account",
        "update-account",
        "complete",
        "fail",
    ];

    /// The name of the kind, such as `government-id`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Form { .. } => "form",
            Self::EmailCode { .. } => "email-code",
            Self::PhoneCode { .. } => "phone-code",
            Self::Document { .. } => "document",
            Self::GovernmentId { .. } => "government-id",
            Self::Selfie { .. } => "selfie",
            Self::Text { .. } => "text",
            Self::Branch { .. } => "branch",
            Self::CreateAccount { .. } => "create-account",
            Self::UpdateAccount { .. } => "update-account",
            Self::Complete => "complete",
            Self::Fail => "fail",
        }
    }

    /// Whether a flow stops there for good.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Complete | Self::Fail)
    }

    /// Whether a person sees it and does something: neither passed through nor an end.
    #[must_use]
    pub const fn is_page(&self) -> bool {
        !matches!(
            self,
            Self::Branch { .. }
                | Self::CreateAccount { .. }
                | Self::UpdateAccount { .. }
                | Self::Complete
                | Self::Fail
        )
    }

    /// The key of the verification that the step runs.
    #[must_use]
    pub fn verification(&self) -> Option<&str> {
        match self {
            Self::EmailCode { verification, .. }
            | Self::PhoneCode { verification, .. }
            | Self::Document { verification, .. }
            | Self::GovernmentId { verification, .. }
            | Self::Selfie { verification, .. } => Some(verification),
            _ => None,
        }
    }

    /// The names of the steps that it can lead to, in order.
    #[must_use]
    pub fn targets(&self) -> Vec<&str> {
        match self {
            Self::Form { next, .. }
            | Self::EmailCode { next, .. }
            | Self::PhoneCode { next, .. }
            | Self::Document { next, .. }
            | Self::GovernmentId { next, .. }
            | Self::Selfie { next, .. }
            | Self::Text { next }
            | Self::CreateAccount { next, .. }
            | Self::UpdateAccount { next, .. } => vec![next],
            Self::Branch { routes, otherwise } => {
                routes.iter().map(|route| route.to.as_str()).chain([otherwise.as_str()]).collect()
            }
            Self::Complete | Self::Fail => Vec::new(),
        }
    }
}

/// One way out of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// When it is taken.
    pub when: Condition,
    /// The step that follows then.
    pub to: String,
}

/// One thing that a form asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Input {
    /// The key of the field that takes the value.
    pub field: String,
    /// What stands beside it; the label of the field if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// What helps to fill it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Text>,
    /// Whether the form needs it; as the field says if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<bool>,
    /// What a browser may fill in, as the `autocomplete` attribute of HTML names it: `given-name`, `bday`, ….
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
}

impl Definition {
    /// Finds a step by its name.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// Finds a verification by its key.
    #[must_use]
    pub fn verification(&self, key: &str) -> Option<&VerificationTemplate> {
        self.verifications.iter().find(|verification| verification.config.key == key)
    }

    /// Finds a field by its key; `-`, `_` and letter case do not matter.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&FieldSchema> {
        self.fields.iter().find(|field| field.key == key).or_else(|| {
            let folded = fold_key(key);
            self.fields.iter().find(|field| fold_key(&field.key) == folded)
        })
    }
}

/// A key without what its inflections differ in: `name-first`, `name_first` and `nameFirst` are one key.
pub(crate) fn fold_key(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect()
}
