//! Reading verifications: one, with what is shown of its document or selfie, and as it was at an event.

use muster_domain::VerificationId;
use muster_store::Tx;
use muster_store::events::EventRow;
use muster_store::seal::MasterKey;
use serde_json::{Map, Value};

use super::Verification;
use crate::documents::Document;
use crate::record;
use crate::selfies::Selfie;
use crate::{ReadCx, Result, Scope};

/// A verification with what is shown beside it. `Debug` shows nothing personal.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The verification.
    pub verification: Verification,
    /// Its document.
    pub document: Option<Document>,
    /// Its selfie.
    pub selfie: Option<Selfie>,
}

/// Reads one verification.
///
/// # Errors
/// [`crate::Error::NotFound`].
pub fn get(cx: &mut ReadCx<'_, '_>, id: &VerificationId) -> Result<Shown> {
    let found = record::get::<Verification>(cx.tx, cx.scope, cx.master, id.as_str())?;
    show(cx.tx, cx.scope, cx.master, found.item)
}

/// Adds to a verification what is shown beside it.
///
/// # Errors
/// What the store reports.
pub fn show(tx: &mut Tx<'_>, scope: &Scope, master: &MasterKey, verification: Verification) -> Result<Shown> {
    let document = match &verification.document {
        Some(id) => record::find::<Document>(tx, scope, master, id.as_str())?.map(|record| record.item),
        None => None,
    };
    let selfie = match &verification.selfie {
        Some(id) => record::find::<Selfie>(tx, scope, master, id.as_str())?.map(|record| record.item),
        None => None,
    };
    Ok(Shown { verification, document, selfie })
}

/// A verification as it was right after one of its events, and what else the event tells.
pub(crate) fn show_at_event(
    cx: &mut ReadCx<'_, '_>,
    event: &EventRow,
) -> Result<(Shown, Map<String, Value>)> {
    let now = record::get::<Verification>(cx.tx, cx.scope, cx.master, event.object_id.as_str())?;
    let (then, own) = record::at_event(cx.tx, &cx.scope.environment.id, &now, event)?;
    Ok((show(cx.tx, cx.scope, cx.master, then)?, own))
}
