//! Operations on importers: files that become accounts.

mod doc;
mod files;
mod pipelines;
mod published;
mod rows;
mod runs;

use std::sync::Arc;

use axum::http::Method;
use muster_app::idempotency::Answered;
use muster_app::imports::files as import_files;
use muster_app::{App, Error, Result};
use muster_domain::{ImportFileId, Permission};
use serde_json::{Map, Value};

use super::{cursors, filter, list};
use crate::Api;
use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Run, Uploads};
use crate::resources::importer::{Hidden, Sample};

pub(super) fn operations() -> Vec<Operation> {
    let mut all = published::operations();
    all.extend(files::operations());
    all.extend(pipelines::operations());
    all.extend(runs::operations());
    all.extend(rows::operations());
    all
}

/// What all of them have in common.
fn base() -> Operation {
    Operation {
        id: "",
        method: Method::GET,
        path: "/importers",
        permission: Some(Permission::ImporterRead),
        tag: "Importers",
        summary: "",
        doc: Doc::one("importer"),
        filters: &[],
        includes: &[],
        extension: true,
        uploads: Uploads::None,
        run: Run::Read(published::index),
    }
}

/// What those that change something have in common.
fn changed() -> Operation {
    Operation { method: Method::POST, permission: Some(Permission::ImporterWrite), ..base() }
}

/// Lets a file go that was kept for a write which did not take it: it was refused, or is a repetition.
async fn discard_unless_used(
    api: &Api,
    call: &Call,
    file: ImportFileId,
    answered: Result<Answered>,
) -> Result<Answered> {
    let is_unused = match &answered {
        Ok(Answered::Made(_)) => false,
        Ok(Answered::Replayed(_)) => true,
        // Of anything else nobody knows whether it was written.
        Err(error) => error.is_refusal(),
    };
    if is_unused {
        let scope = call.scope.clone();
        blocking(&api.app, move |app| import_files::discard(app, &scope, &file)).await?;
    }
    answered
}

/// The attributes of a request, which must be among those that are known.
fn members(call: &Call, known: &[&str]) -> Result<Map<String, Value>> {
    let attributes = call.attributes()?;
    call.meta(&[])?;
    match attributes.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(attributes),
        Some(name) => {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let message = format!("is not a member of this request; known are {known}");
            Err(Error::malformed(["data", "attributes", name.as_str()], message))
        }
    }
}

/// Whether the caller may see the rows of files.
fn sample(call: &Call) -> Sample {
    let may_read = call.principal.require(Permission::AccountRead).is_ok();
    if may_read && hidden(call) == Hidden::Nothing { Sample::Shown } else { Sample::Withheld }
}

/// What of the values of rows the caller may not see: what a column holds is known to nobody, so a key that may not see
/// all of an account sees none of them.
fn hidden(call: &Call) -> Hidden {
    match &call.blocklist {
        Some(blocklist) if blocklist.may_hide_of(&["account", "importer-row"]) => Hidden::Values,
        _ => Hidden::Nothing,
    }
}

/// Does what waits for the database on a thread where it keeps nobody waiting.
async fn blocking<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&Arc<App>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let app = Arc::clone(app);
    let working = tokio::task::spawn_blocking(move || work(&app));
    working.await.map_err(|_| Error::bug("work on an import was cut off"))?
}
