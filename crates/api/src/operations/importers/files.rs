//! Files that are uploaded to be imported.

use std::sync::Arc;

use axum::http::Method;
use muster_app::idempotency::{Answered, Made};
use muster_app::imports::files::{self, PART_BYTES, PARTS_MAX};
use muster_app::imports::{self, File, FileStatus};
use muster_app::{App, Error, Result, Scope};
use muster_domain::import::{FileSettings, PipelineConfig};
use muster_domain::{AccountTypeId, ImportFileId, Permission};
use serde_json::{Map, Value, json};

use super::{base, blocking, changed, doc, members, sample};
use crate::Api;
use crate::call::Call;
use crate::doc::Doc;
use crate::members::{ATTRIBUTES, given, upload};
use crate::operation::{Operation, Pending, Run, Uploads, Written};
use crate::payload::Payload;
use crate::resources::Resource;
use crate::resources::importer::{self, ImporterFile};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "create-an-importer-file",
            path: "/importer-files",
            summary: "Begins the upload of a file that is to be imported, or uploads a small one at once.",
            doc: doc::CREATE_FILE,
            uploads: Uploads::Accepted,
            run: Run::Lane(create),
            ..changed()
        },
        Operation {
            id: "retrieve-an-importer-file",
            path: "/importer-files/{importer-file-id}",
            summary: "Shows a file: which parts of it are there, or what it turned out to be.",
            doc: Doc::one("importer-file"),
            run: Run::Lane(retrieve),
            ..base()
        },
        Operation {
            id: "upload-a-part-of-an-importer-file",
            method: Method::PUT,
            path: "/importer-files/{importer-file-id}/parts/{part-number}",
            summary: "Sends a part of a file; the same number again takes the place of the one before.",
            doc: doc::PUT_PART,
            uploads: Uploads::Piece,
            run: Run::Lane(put_part),
            ..changed()
        },
        Operation {
            id: "complete-an-importer-file",
            path: "/importer-files/{importer-file-id}/complete",
            summary: "Completes an upload: checks that nothing is missing and looks at what the file holds.",
            doc: doc::COMPLETE_FILE,
            run: Run::Lane(complete),
            ..changed()
        },
        Operation {
            id: "propose-a-mapping-of-an-importer-file",
            path: "/importer-files/{importer-file-id}/propose-mapping",
            permission: Some(Permission::ImporterRead),
            summary: "Proposes what a pipeline could be told to import a file, from the names of its columns and its first rows.",
            doc: doc::PROPOSE,
            run: Run::Lane(propose),
            ..changed()
        },
    ]
}

/// The file that a path names.
fn file_id(call: &Call) -> Result<ImportFileId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

/// The part that a path names, from 1.
fn part_number(call: &Call) -> Result<u64> {
    let number = call.path.rsplit('/').next().and_then(|text| text.parse::<u64>().ok());
    number.filter(|number| (1..=PARTS_MAX / KEPT_PER_PART).contains(number)).ok_or_else(|| {
        let most = PARTS_MAX / KEPT_PER_PART;
        Error::malformed(["part-number"], format!("must be a whole number from 1 to {most}"))
    })
}

/// How many of the parts that are kept make up one that is sent.
const KEPT_PER_PART: u64 = (importer::PART_BYTES / PART_BYTES) as u64;

fn create(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let mut attributes = members(&call, &["filename", "file"])?;
        let file = upload(&mut attributes, &ATTRIBUTES, "file")?;
        let named = given(&mut attributes, &ATTRIBUTES, "filename")?;
        let filename =
            named.or_else(|| file.as_ref().and_then(|(name, _)| name.clone())).ok_or_else(|| {
                Error::invalid(
                    ["filename"],
                    "is missing: send the name of the file, or the file itself as file",
                )
            })?;
        let shown_sample = sample(&call);
        let answered = api
            .write(&call, move |cx, _| {
                let file = files::create(cx, &filename)?;
                let shown = ImporterFile { file, parts: Vec::new(), sample: shown_sample };
                let payload = Payload::one(Resource::ImporterFile(Box::new(shown)));
                Ok(Written { status: 201, payload, subject: None })
            })
            .await?;
        match file {
            Some((_, content)) => fill(&api, &call, answered, content).await,
            None => Ok(answered),
        }
    })
}

/// Brings the content of a file that was created, and shows what it turned out to be. A repetition finds it complete.
async fn fill(api: &Arc<Api>, call: &Arc<Call>, answered: Answered, content: Vec<u8>) -> Result<Answered> {
    let id = match &answered {
        Answered::Made(Made { reply, .. }) | Answered::Replayed(reply) if reply.status == 201 => {
            let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            id_within(&body)
        }
        _ => None,
    };
    let Some(id) = id else { return Ok(answered) };
    let scope = call.scope.clone();
    let file = blocking(&api.app, move |app| {
        let file = files::show(app, &scope, &id)?;
        if file.status != FileStatus::Uploading {
            return Ok(file);
        }
        for (piece, number) in content.chunks(PART_BYTES).zip(0..) {
            files::put_part(app, &scope, &id, number, piece)?;
        }
        files::complete(app, &scope, &id)
    });
    Ok(shown(call, 201, file.await?, Vec::new()))
}

fn id_within(body: &Value) -> Option<ImportFileId> {
    body.pointer("/data/id")?.as_str()?.parse().ok()
}

/// The reply that shows a file.
fn shown(call: &Call, status: u16, file: File, parts: Vec<u64>) -> Answered {
    let shown = ImporterFile { file, parts, sample: sample(call) };
    let mut payload = Payload::one(Resource::ImporterFile(Box::new(shown)));
    Answered::plain(call.finish(status, &mut payload))
}

/// A file, and the parts that were sent whole, as they are sent.
fn look(app: &App, scope: &Scope, id: &ImportFileId) -> Result<(File, Vec<u64>)> {
    let file = files::show(app, scope, id)?;
    if file.status != FileStatus::Uploading {
        return Ok((file, Vec::new()));
    }
    let mut parts: Vec<u64> =
        files::parts(app, scope, id)?.iter().map(|(number, _)| number / KEPT_PER_PART + 1).collect();
    parts.dedup();
    Ok((file, parts))
}

fn retrieve(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let (id, scope) = (file_id(&call)?, call.scope.clone());
        let (file, parts) = blocking(&api.app, move |app| look(app, &scope, &id)).await?;
        Ok(shown(&call, 200, file, parts))
    })
}

fn put_part(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let (id, number, scope) = (file_id(&call)?, part_number(&call)?, call.scope.clone());
        let piece = call.piece.clone();
        let (file, parts) = blocking(&api.app, move |app| {
            files::show(app, &scope, &id)?;
            if piece.is_empty() || piece.len() > importer::PART_BYTES {
                let message = format!("must have 1 to {} bytes", importer::PART_BYTES);
                return Err(Error::malformed(["body"], message));
            }
            let first = (number - 1).saturating_mul(KEPT_PER_PART);
            imports::put_parts(app, &scope, &id, (first, KEPT_PER_PART), &piece)?;
            look(app, &scope, &id)
        })
        .await?;
        Ok(shown(&call, 200, file, parts))
    })
}

fn complete(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let mut attributes = members(&call, &["sha-256"])?;
        let sha256 = given(&mut attributes, &ATTRIBUTES, "sha-256")?;
        let (id, scope) = (file_id(&call)?, call.scope.clone());
        let file = blocking(&api.app, move |app| {
            refuse_missing(app, &scope, &id)?;
            if let Some(sha256) = &sha256 {
                imports::check_sha256(app, &scope, &id, sha256)?;
            }
            files::complete(app, &scope, &id)
        });
        Ok(shown(&call, 200, file.await?, Vec::new()))
    })
}

/// Names the part that is missing, or has not the size it must have, as it is sent.
fn refuse_missing(app: &App, scope: &Scope, id: &ImportFileId) -> Result<()> {
    if files::show(app, scope, id)?.status != FileStatus::Uploading {
        return Ok(());
    }
    let kept = files::parts(app, scope, id)?;
    let last = kept.last().map_or(1, |(piece, _)| piece / KEPT_PER_PART + 1);
    let invalid = |message| Err(Error::invalid(["parts"], message));
    for number in 1..=last {
        let of_part = kept.iter().filter(|(piece, _)| piece / KEPT_PER_PART + 1 == number);
        let bytes: u64 = of_part.map(|(_, bytes)| bytes).sum();
        let whole = importer::PART_BYTES as u64;
        if bytes == 0 {
            return invalid(format!("must be all there; part {number} is missing: send it first"));
        }
        if number < last && bytes != whole {
            return invalid(format!(
                "must all have {whole} bytes but the last; part {number} has {bytes}: send it again"
            ));
        }
    }
    Ok(())
}

fn propose(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let mut attributes = members(&call, &["account-type-id", "file"])?;
        let type_id = given(&mut attributes, &ATTRIBUTES, "account-type-id")?;
        let settings = settings(&mut attributes)?;
        let (id, scope) = (file_id(&call)?, call.scope.clone());
        let wanted = settings.clone();
        let detected = blocking(&api.app, move |app| files::detect(app, &scope, &id, &wanted)).await?;
        // One that was made a moment ago may not have come here yet.
        api.refresh_catalog(&call.scope).await?;
        let catalog = api.catalog(&call.scope).await?;
        let type_id = type_id.map(|text| text.parse::<AccountTypeId>()).transpose();
        let ty = match type_id {
            Ok(None) => catalog.default_account_type()?,
            Ok(Some(id)) => catalog.account_type(&id).ok_or_else(no_type)?,
            Err(_) => return Err(no_type()),
        };
        let shown = importer::proposal(&call.object_id, ty, &settings, &detected, sample(&call));
        let mut payload = Payload::one(Resource::Made(Box::new(shown)));
        Ok(Answered::plain(call.finish(200, &mut payload)))
    })
}

fn no_type() -> Error {
    Error::invalid(["account-type-id"], "names no account type of this organization")
}

/// Takes how a file is to be read; what is left out is detected.
fn settings(attributes: &mut Map<String, Value>) -> Result<FileSettings> {
    let path = ["data", "attributes", "file"];
    match attributes.remove("file") {
        None | Some(Value::Null) => Ok(FileSettings::default()),
        Some(Value::Object(members)) => {
            let members =
                crate::inflection::kebab_keys(members).map_err(|both| Error::malformed(path, both))?;
            let config = PipelineConfig::from_value(&json!({ "file": members })).map_err(|mut bad| {
                bad.iter_mut().for_each(|one| drop(one.path.remove(0)));
                Error::Invalid(bad)
            });
            config.map(|config| config.file)
        }
        Some(_) => Err(Error::malformed(path, "must be an object")),
    }
}
