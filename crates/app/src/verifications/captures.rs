//! The document or selfie of a verification, with its files.

use std::sync::Arc;

use muster_domain::event::EventName;
use muster_domain::{DocumentFileId, DocumentId, SelfieId};
use serde_json::{Map, Value};

use super::{BroughtFile, Verification, later, within};
use crate::accounts::files;
use crate::documents::{CaptureStatus, CapturedFile, Document, DocumentKind};
use crate::record::{self, Record, told};
use crate::selfies::{Selfie, SelfieKind};
use crate::{Cx, Result};

/// What was handed in: a page such as `front`, and its file.
pub(super) type Pages = Vec<(&'static str, Arc<BroughtFile>)>;

fn captured(cx: &mut Cx<'_, '_>, pages: &Pages) -> Vec<CapturedFile> {
    let of = |(page, file): &(&str, Arc<BroughtFile>)| CapturedFile {
        id: cx.ids.mint::<DocumentFileId>(),
        page: (*page).to_owned(),
        capture_method: "upload".to_owned(),
        file: Some(file.stored().clone()),
    };
    pages.iter().map(of).collect()
}

fn keep(cx: &mut Cx<'_, '_>, owner: &Record<Verification>, pages: &Pages) -> Result<()> {
    let files: Vec<(&str, &BroughtFile)> = pages.iter().map(|(page, file)| (*page, file.as_ref())).collect();
    files::keep(cx.tx, cx.scope, (owner.item.id.as_str(), &owner.key), &files)
}

/// Adds a document that was handed in, with its files.
pub(super) fn add_document(
    cx: &mut Cx<'_, '_>,
    owner: &Record<Verification>,
    kind: DocumentKind,
    attributes: Map<String, Value>,
    pages: &Pages,
) -> Result<Record<Document>> {
    keep(cx, owner, pages)?;
    let (item, now) = (&owner.item, cx.scope.now);
    let document = Document {
        id: cx.ids.mint::<DocumentId>(),
        kind,
        status: CaptureStatus::Submitted,
        verification: item.id.clone(),
        inquiry: item.inquiry.clone(),
        inquiry_template: item.inquiry_template.clone(),
        inquiry_template_version: item.inquiry_template_version.clone(),
        name: item.config.key.clone(),
        attributes,
        files: captured(cx, pages),
        created_at: now,
        updated_at: now,
        processed_at: None,
        redacted_at: None,
    };
    let events = vec![told(EventName::DocumentCreated), told(EventName::DocumentSubmitted)];
    record::insert(cx, document, Some(&owner.key), events)
}

/// Adds a selfie that was taken, with its photos.
pub(super) fn add_selfie(
    cx: &mut Cx<'_, '_>,
    owner: &Record<Verification>,
    pages: &Pages,
) -> Result<Record<Selfie>> {
    keep(cx, owner, pages)?;
    let (item, now) = (&owner.item, cx.scope.now);
    let kind = if pages.len() == 1 { SelfieKind::CenterOnly } else { SelfieKind::ProfileAndCenter };
    let selfie = Selfie {
        id: cx.ids.mint::<SelfieId>(),
        kind,
        status: CaptureStatus::Submitted,
        verification: item.id.clone(),
        inquiry: item.inquiry.clone(),
        photos: captured(cx, pages),
        created_at: now,
        updated_at: now,
        processed_at: None,
        redacted_at: None,
    };
    let events = vec![told(EventName::SelfieCreated), told(EventName::SelfieSubmitted)];
    record::insert(cx, selfie, Some(&owner.key), events)
}

/// Notes that what was handed in was looked at, some milliseconds after now.
pub(super) fn process(cx: &mut Cx<'_, '_>, verification: &Verification, milliseconds: u64) -> Result<()> {
    let scope = later(cx.scope, milliseconds);
    let cx = &mut within(cx, &scope);
    let now = cx.scope.now;
    if let Some(id) = &verification.document {
        let mut document: Record<Document> = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
        if document.item.status == CaptureStatus::Submitted {
            let next = Document {
                status: CaptureStatus::Processed,
                processed_at: Some(now),
                ..document.item.clone()
            };
            record::update(cx, &mut document, next, vec![told(EventName::DocumentProcessed)])?;
        }
    }
    if let Some(id) = &verification.selfie {
        let mut selfie: Record<Selfie> = record::get(cx.tx, cx.scope, cx.master, id.as_str())?;
        if selfie.item.status == CaptureStatus::Submitted {
            let next =
                Selfie { status: CaptureStatus::Processed, processed_at: Some(now), ..selfie.item.clone() };
            record::update(cx, &mut selfie, next, vec![told(EventName::SelfieProcessed)])?;
        }
    }
    Ok(())
}
