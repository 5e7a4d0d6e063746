//! Erasing the personal data of a verification, with its document, its selfie and their files.

use muster_domain::VerificationId;
use muster_domain::event::EventName;
use muster_domain::verification::{Check, Step};
use muster_store::files;
use serde_json::Map;

use super::{Verification, lock};
use crate::documents::Document;
use crate::record::{self, Record, told};
use crate::selfies::Selfie;
use crate::{Cx, Result};

/// Erases the personal data of a verification. Status, times and the names of its checks stay.
///
/// # Errors
/// [`crate::Error::NotFound`], [`crate::Error::Conflict`] when it is redacted already, or locked.
pub fn redact(cx: &mut Cx<'_, '_>, id: &VerificationId) -> Result<Record<Verification>> {
    let mut verification: Record<Verification> = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
    verification.item.refuse_redacted()?;
    lock::refuse(&verification.item)?;
    erase(cx, &mut verification)?;
    Ok(verification)
}

/// Redacts a verification of an inquiry that is being redacted. One that is redacted stays as it is; so does one that
/// is locked, until it is unlocked.
///
/// # Errors
/// What the store reports.
pub fn redact_child(cx: &mut Cx<'_, '_>, id: &str) -> Result<()> {
    let Some(mut verification) = record::find::<Verification>(cx.tx, cx.scope, cx.master, id)? else {
        return Ok(());
    };
    if verification.item.redacted_at.is_some() || verification.item.locked_at.is_some() {
        return Ok(());
    }
    erase(cx, &mut verification)
}

fn erase(cx: &mut Cx<'_, '_>, verification: &mut Record<Verification>) -> Result<()> {
    let item = verification.item.clone();
    let mut events = Vec::new();
    // What was handed in keeps its status; what nobody can go on with ends.
    let item = match item.status.is_open() {
        false => item,
        true => {
            events.push(told(EventName::VerificationCanceled));
            item.after(Step::Cancel, cx.scope.now)?
        }
    };
    events.push(told(EventName::VerificationRedacted));
    let checks = item.checks.iter().map(|check| Check { metadata: Map::new(), ..check.clone() }).collect();
    let now = cx.scope.now;
    let next = Verification {
        country_code: None,
        tags: Vec::new(),
        checks,
        attributes: Map::new(),
        code: None,
        redacted_at: Some(now),
        ..item
    };
    // What belongs to it is read while its old key still opens it.
    let document = match &next.document {
        Some(id) => Some(record::get::<Document>(cx.tx, cx.scope, cx.master, id.as_str())?),
        None => None,
    };
    let selfie = match &next.selfie {
        Some(id) => Some(record::get::<Selfie>(cx.tx, cx.scope, cx.master, id.as_str())?),
        None => None,
    };
    record::redact(cx, verification, next, events)?;
    files::erase_of(cx.tx, &cx.scope.environment.id, verification.item.id.as_str())?;
    let key = verification.key.clone();
    if let Some(mut document) = document {
        let next = document.item.redacted(now);
        record::reseal(cx, &mut document, next, &key, vec![told(EventName::DocumentRedacted)])?;
    }
    if let Some(mut selfie) = selfie {
        let next = selfie.item.redacted(now);
        record::reseal(cx, &mut selfie, next, &key, vec![told(EventName::SelfieRedacted)])?;
    }
    Ok(())
}
