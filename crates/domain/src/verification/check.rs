//! Single checks: their names, how they end, and which are wanted.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::VerificationKind as Kind;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// It holds.
    Passed,
    /// It does not hold; the reasons say why.
    Failed,
    /// Nobody could check it, or there was nothing to check.
    NotApplicable,
}

/// What a check means for the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// The verification fails with it.
    Required,
    /// It is shown and decides nothing.
    NotRequired,
    /// What was given has to be given again. Decides like a required one.
    RequiresRetry,
}

impl Requirement {
    /// Whether a failure of the check is one of the verification.
    #[must_use]
    pub const fn decides(self) -> bool {
        matches!(self, Self::Required | Self::RequiresRetry)
    }
}

/// The result of one check, in the shape of the API. `Debug` does not show its metadata.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// Its name, such as `id_expired_detection`.
    pub name: String,
    /// How it ended.
    pub status: CheckStatus,
    /// Why, in words for programs, such as `expired`.
    pub reasons: Vec<String>,
    /// What it means for the decision.
    pub requirement: Requirement,
    /// What it saw: personal data.
    pub metadata: Map<String, Value>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?} {:?}", self.name, self.status, self.reasons)
    }
}

/// The checks that a verification makes, and what each means. A check that is not in it is not made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChecksWanted(pub BTreeMap<String, Requirement>);

impl ChecksWanted {
    /// The checks of a new verification template: all of its kind, required where Muster can make them.
    ///
    /// Muster never requires what it cannot run; who has a provider requires more. What an account knew before
    /// may rightly have changed: that comparison is shown only.
    #[must_use]
    pub fn by_default(kind: Kind) -> Self {
        let wanted = names(kind).iter().map(|spec| {
            let local = spec.by != MadeBy::Provider && spec.name != "id_account_comparison";
            let requirement = if local { Requirement::Required } else { Requirement::NotRequired };
            (spec.name.to_owned(), requirement)
        });
        Self(wanted.collect())
    }
}

/// Who can make a check, and what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeBy {
    /// Muster; it finds faults, but finding none proves nothing.
    Muster,
    /// Muster; passing it proves something.
    MusterAsProof,
    /// A provider only.
    Provider,
}

/// What a failed check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// The person may do better: shown as a hint.
    UserAction,
    /// Somebody may cheat: not shown to the person.
    Fraud,
}

/// One known check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckSpec {
    /// Its name.
    pub name: &'static str,
    /// Who can make it.
    pub by: MadeBy,
    /// What its failure is about.
    pub concern: Concern,
}

const fn local(name: &'static str, concern: Concern) -> CheckSpec {
    CheckSpec { name, by: MadeBy::Muster, concern }
}

const fn proof(name: &'static str, concern: Concern) -> CheckSpec {
    CheckSpec { name, by: MadeBy::MusterAsProof, concern }
}

const fn provider(name: &'static str, concern: Concern) -> CheckSpec {
    CheckSpec { name, by: MadeBy::Provider, concern }
}

use Concern::{Fraud, UserAction};

/// The checks of identity documents (spec C.3).
pub const GOVERNMENT_ID: &[CheckSpec] = &[
    local("id_account_comparison", Fraud),
    local("id_age_comparison", Fraud),
    provider("id_barcode_detection", UserAction),
    provider("id_barcode_inconsistency_detection", Fraud),
    provider("id_blur_detection", UserAction),
    provider("id_color_inconsistency_detection", Fraud),
    provider("id_compromised_detection", Fraud),
    local("id_disallowed_country_detection", UserAction),
    local("id_disallowed_type_detection", UserAction),
    local("id_double_side_detection", UserAction),
    provider("id_electronic_replica_detection", Fraud),
    provider("id_entity_detection", Fraud),
    local("id_expired_detection", UserAction),
    local("id_extracted_properties_detection", UserAction),
    local("id_extraction_inconsistency_detection", Fraud),
    provider("id_fabrication_detection", Fraud),
    provider("id_glare_detection", UserAction),
    provider("id_handwriting_detection", Fraud),
    provider("id_inconsistent_repeat_detection", Fraud),
    local("id_inquiry_comparison", Fraud),
    local("id_mrz_detection", UserAction),
    proof("id_mrz_inconsistency_detection", Fraud),
    local("id_number_format_inconsistency_detection", Fraud),
    provider("id_po_box_detection", Fraud),
    provider("id_portrait_clarity_detection", UserAction),
    provider("id_portrait_detection", UserAction),
    provider("id_public_figure_detection", Fraud),
    provider("id_real_id_detection", Fraud),
    provider("id_repeat_detection", Fraud),
    provider("id_selfie_comparison", Fraud),
    provider("id_tamper_detection", Fraud),
    local("id_unprocessable_submission_detection", UserAction),
    local("id_valid_dates_detection", Fraud),
];

/// The checks of selfies.
pub const SELFIE: &[CheckSpec] = &[
    provider("selfie_account_comparison", Fraud),
    provider("selfie_age_comparison", Fraud),
    provider("selfie_face_covering_detection", UserAction),
    provider("selfie_glare_detection", UserAction),
    provider("selfie_glasses_detection", UserAction),
    provider("selfie_id_comparison", Fraud),
    provider("selfie_image_quality_detection", UserAction),
    provider("selfie_liveness_detection", Fraud),
    provider("selfie_multiple_faces_detection", UserAction),
    provider("selfie_pose_detection", UserAction),
    provider("selfie_pose_repeat_detection", Fraud),
    provider("selfie_public_figure_detection", Fraud),
    provider("selfie_suspicious_entity_detection", Fraud),
];

/// The checks of documents; the one of files is Muster's own.
pub const DOCUMENT: &[CheckSpec] = &[
    local("document_expired_detection", UserAction),
    local("document_extracted_properties_detection", UserAction),
    provider("document_fabrication_detection", Fraud),
    local("document_file_detection", UserAction),
    provider("document_type_detection", UserAction),
];

/// The checks of registers.
pub const DATABASE: &[CheckSpec] = &[
    provider("database_address_comparison", Fraud),
    provider("database_address_deliverable_detection", UserAction),
    provider("database_address_residential_detection", Fraud),
    provider("database_birthdate_comparison", Fraud),
    provider("database_identity_comparison", Fraud),
    provider("database_inquiry_comparison", Fraud),
    provider("database_name_comparison", Fraud),
    provider("database_po_box_detection", Fraud),
];

/// The check of a code sent by e-mail. The public record names none: Muster's own.
pub const EMAIL_ADDRESS: &[CheckSpec] = &[proof("email_address_confirmation_comparison", UserAction)];

/// The check of a code sent by text message. The public record names none: Muster's own.
pub const PHONE_NUMBER: &[CheckSpec] = &[proof("phone_number_confirmation_comparison", UserAction)];

/// The known checks of a kind; none for kinds of which the public record names none.
#[must_use]
pub const fn names(kind: Kind) -> &'static [CheckSpec] {
    match kind {
        Kind::GovernmentId | Kind::GovernmentIdNfc => GOVERNMENT_ID,
        Kind::Selfie => SELFIE,
        Kind::Document => DOCUMENT,
        Kind::EmailAddress => EMAIL_ADDRESS,
        Kind::PhoneNumber => PHONE_NUMBER,
        Kind::Database
        | Kind::DatabaseStandard
        | Kind::DatabaseAadhaar
        | Kind::DatabaseEcbsv
        | Kind::DatabasePhoneCarrier
        | Kind::DatabaseSerpro
        | Kind::DatabaseTin => DATABASE,
        _ => &[],
    }
}

/// Finds a known check of a kind.
#[must_use]
pub fn find(kind: Kind, name: &str) -> Option<&'static CheckSpec> {
    names(kind).iter().find(|spec| spec.name == name)
}
