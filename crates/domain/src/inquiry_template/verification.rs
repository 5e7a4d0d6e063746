//! What a verification template says: the kind, its checks, what they compare. A table of checks by kind.
//!
//! Names of checks are those of the public API; those of e-mail and phone are Muster's own. A check that
//! nobody can run is never passed, so none of those is required unless a template says so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{VerificationTemplateId, VerificationTemplateVersionId};

use Requirement::{NotRequired, Required};

/// How many attempts a verification allows when nobody says otherwise.
pub const ATTEMPTS_MAX_DEFAULT: u32 = 5;

/// Classes of government IDs, by the codes that are in use.
pub const ID_CLASSES: [&str; 10] = ["pp", "ppc", "dl", "id", "rp", "pr", "visa", "wp", "mid", "cid"];

/// A verification template in one version of its inquiry template.
#[derive(Clone, Debug, PartialEq)]
pub struct VerificationTemplate {
    /// Its ID: the same in every version of the inquiry template.
    pub id: VerificationTemplateId,
    /// The ID of what it says: another one whenever that changes.
    pub version_id: VerificationTemplateVersionId,
    /// What it says.
    pub config: VerificationConfig,
}

/// What a verification template says, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct VerificationConfig {
    /// The key by which steps and conditions name it.
    pub key: String,
    /// The kind.
    pub kind: VerificationKind,
    /// How often a person may try.
    #[serde(default = "attempts_max", skip_serializing_if = "is_attempts_default")]
    pub attempts_max: u32,
    /// The countries whose documents are accepted, as two capitals; none at all means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// The classes of IDs that are accepted, of [`ID_CLASSES`]; none at all means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_classes: Vec<String>,
    /// The least age in years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_age: Option<u32>,
    /// What is compared: what is read from the document (`name-first`, …) to the key of the inquiry's field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub comparisons: BTreeMap<String, String>,
    /// Checks whose requirement is not the usual one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Requirement>,
}

fn attempts_max() -> u32 {
    ATTEMPTS_MAX_DEFAULT
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_attempts_default(attempts: &u32) -> bool {
    *attempts == ATTEMPTS_MAX_DEFAULT
}

/// What must become of a check for its verification to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Requirement {
    /// It must not fail.
    Required,
    /// It is run and told, and decides nothing.
    NotRequired,
    /// It is not run.
    Disabled,
}

/// The kinds of verifications that a template can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerificationKind {
    /// A passport, a driver's license, an ID card.
    GovernmentId,
    /// A picture of the person.
    Selfie,
    /// Any other document.
    Document,
    /// A code sent by e-mail.
    EmailAddress,
    /// A code sent to a phone.
    PhoneNumber,
    /// A look-up elsewhere.
    Database,
}

/// One check of a kind of verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The name in the API.
    pub name: &'static str,
    /// What is required when a template does not say.
    pub usual: Requirement,
}

const fn check(name: &'static str, usual: Requirement) -> Check {
    Check { name, usual }
}

const GOVERNMENT_ID: &[Check] = &[
    check("id_age_comparison", Required),
    check("id_disallowed_country_detection", Required),
    check("id_disallowed_type_detection", Required),
    check("id_double_side_detection", Required),
    check("id_expired_detection", Required),
    check("id_extracted_properties_detection", Required),
    check("id_extraction_inconsistency_detection", Required),
    check("id_inquiry_comparison", Required),
    check("id_mrz_inconsistency_detection", Required),
    check("id_number_format_inconsistency_detection", Required),
    check("id_unprocessable_submission_detection", Required),
    check("id_valid_dates_detection", Required),
    check("id_account_comparison", NotRequired),
    check("id_barcode_detection", NotRequired),
    check("id_barcode_inconsistency_detection", NotRequired),
    check("id_blur_detection", NotRequired),
    check("id_color_inconsistency_detection", NotRequired),
    check("id_compromised_detection", NotRequired),
    check("id_electronic_replica_detection", NotRequired),
    check("id_entity_detection", NotRequired),
    check("id_fabrication_detection", NotRequired),
    check("id_glare_detection", NotRequired),
    check("id_handwriting_detection", NotRequired),
    check("id_inconsistent_repeat_detection", NotRequired),
    check("id_mrz_detection", Required),
    check("id_po_box_detection", NotRequired),
    check("id_portrait_clarity_detection", NotRequired),
    check("id_portrait_detection", NotRequired),
    check("id_public_figure_detection", NotRequired),
    check("id_real_id_detection", NotRequired),
    check("id_repeat_detection", NotRequired),
    check("id_selfie_comparison", NotRequired),
    check("id_tamper_detection", NotRequired),
];

const SELFIE: &[Check] = &[
    check("selfie_account_comparison", NotRequired),
    check("selfie_age_comparison", NotRequired),
    check("selfie_face_covering_detection", NotRequired),
    check("selfie_glare_detection", NotRequired),
    check("selfie_glasses_detection", NotRequired),
    check("selfie_id_comparison", NotRequired),
    check("selfie_image_quality_detection", NotRequired),
    check("selfie_liveness_detection", NotRequired),
    check("selfie_multiple_faces_detection", NotRequired),
    check("selfie_pose_detection", NotRequired),
    check("selfie_pose_repeat_detection", NotRequired),
    check("selfie_public_figure_detection", NotRequired),
    check("selfie_suspicious_entity_detection", NotRequired),
];

const DOCUMENT: &[Check] = &[
    check("document_expired_detection", NotRequired),
    check("document_extracted_properties_detection", NotRequired),
    check("document_fabrication_detection", NotRequired),
    check("document_file_detection", Required),
    check("document_type_detection", NotRequired),
];

const EMAIL_ADDRESS: &[Check] = &[check("email_address_confirmation_comparison", Required)];

const PHONE_NUMBER: &[Check] = &[check("phone_number_confirmation_comparison", Required)];

const DATABASE: &[Check] = &[
    check("database_identity_comparison", Required),
    check("database_address_comparison", NotRequired),
    check("database_address_deliverable_detection", NotRequired),
    check("database_address_residential_detection", NotRequired),
    check("database_birthdate_comparison", NotRequired),
    check("database_inquiry_comparison", NotRequired),
    check("database_name_comparison", NotRequired),
    check("database_po_box_detection", NotRequired),
];

/// What can be compared with a field of the inquiry, by the names of the API.
const READ_FROM_ID: &[&str] = &[
    "name-first",
    "name-middle",
    "name-last",
    "birthdate",
    "sex",
    "nationality",
    "document-number",
    "identification-number",
    "issuing-authority",
    "issue-date",
    "expiration-date",
    "address-street-1",
    "address-street-2",
    "address-city",
    "address-subdivision",
    "address-postal-code",
    "address-country-code",
];

impl VerificationKind {
    /// The name of the kind: what stands after `verification/` and `verification-template/` in types.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GovernmentId => "government-id",
            Self::Selfie => "selfie",
            Self::Document => "document",
            Self::EmailAddress => "email-address",
            Self::PhoneNumber => "phone-number",
            Self::Database => "database",
        }
    }

    /// The checks of the kind.
    #[must_use]
    pub const fn checks(self) -> &'static [Check] {
        match self {
            Self::GovernmentId => GOVERNMENT_ID,
            Self::Selfie => SELFIE,
            Self::Document => DOCUMENT,
            Self::EmailAddress => EMAIL_ADDRESS,
            Self::PhoneNumber => PHONE_NUMBER,
            Self::Database => DATABASE,
        }
    }

    /// What such a verification finds out that can be compared with fields of the inquiry.
    #[must_use]
    pub const fn comparable(self) -> &'static [&'static str] {
        match self {
            Self::GovernmentId | Self::Database => READ_FROM_ID,
            _ => &[],
        }
    }
}

impl VerificationConfig {
    /// What is required of a check: what the template says, else what is usual; a check of another kind is
    /// disabled.
    #[must_use]
    pub fn requirement(&self, check: &str) -> Requirement {
        let usual = || self.kind.checks().iter().find(|known| known.name == check).map(|known| known.usual);
        self.checks.get(check).copied().or_else(usual).unwrap_or(Requirement::Disabled)
    }

    /// The checks to run, with their requirement: those that are not disabled.
    pub fn enabled_checks(&self) -> impl Iterator<Item = (&'static str, Requirement)> {
        let all = self.kind.checks().iter().map(|check| (check.name, self.requirement(check.name)));
        all.filter(|(_, requirement)| *requirement != Requirement::Disabled)
    }
}
