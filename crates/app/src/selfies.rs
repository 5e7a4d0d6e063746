//! Selfies: photos of a face that somebody took to have it verified (spec C.4).
//!
//! A selfie belongs to a verification, and is sealed under the data key of that.

use std::fmt;

use muster_domain::{InquiryId, ResourceId, SelfieId, Timestamp, VerificationId};
use serde::{Deserialize, Serialize};

use crate::documents::{CaptureStatus, CapturedFile};
use crate::record::{self, Columns, Noun};
use crate::{ReadCx, Result};

/// Which photos there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelfieKind {
    /// One, from the front.
    CenterOnly,
    /// From the front and from both sides.
    ProfileAndCenter,
}

impl SelfieKind {
    /// The name: what follows `selfie/` in the type of a resource.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CenterOnly => "center-only",
            Self::ProfileAndCenter => "profile-and-center",
        }
    }
}

/// A selfie. `Debug` shows its ID and status only.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Selfie {
    /// Its ID.
    pub id: SelfieId,
    /// Which photos there are.
    pub kind: SelfieKind,
    /// How far it is.
    pub status: CaptureStatus,
    /// The verification it belongs to.
    pub verification: VerificationId,
    /// The inquiry it was taken for.
    pub inquiry: Option<InquiryId>,
    /// Its photos: `center`, `left`, `right`.
    pub photos: Vec<CapturedFile>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was looked at.
    pub processed_at: Option<Timestamp>,
    /// When its personal data was erased.
    pub redacted_at: Option<Timestamp>,
}

impl Selfie {
    /// The selfie without what is personal.
    pub(crate) fn redacted(&self, at: Timestamp) -> Self {
        let strip = |photo: &CapturedFile| CapturedFile { file: None, ..photo.clone() };
        Self { photos: self.photos.iter().map(strip).collect(), redacted_at: Some(at), ..self.clone() }
    }
}

impl fmt::Debug for Selfie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selfie").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

impl Noun for Selfie {
    const KIND: &'static str = "selfie";
    const PREFIX: &'static str = SelfieId::PREFIX;

    fn columns(&self) -> Columns {
        Columns {
            id: self.id.to_string(),
            variant: self.kind.as_str(),
            parent: self.inquiry.as_ref().map(ToString::to_string),
            status: self.status.as_str(),
            subject: Some(self.verification.to_string()),
            ..Columns::default()
        }
    }

    fn times(&self) -> (Timestamp, Timestamp) {
        (self.created_at, self.updated_at)
    }

    fn set_updated_at(&mut self, at: Timestamp) {
        self.updated_at = at;
    }
}

/// Reads one selfie.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &SelfieId) -> Result<Selfie> {
    Ok(record::get::<Selfie>(cx.tx, cx.scope, cx.master, id.as_str())?.item)
}
