//! Importers of the published endpoints: small files, every row of which is a new account.

use std::sync::Arc;

use axum::http::Method;
use muster_app::imports::rows::Filter;
use muster_app::imports::{Importer, legacy, runs};
use muster_app::{Error, ReadCx, Result};
use muster_domain::ImporterId;

use super::pipelines::page_of;
use super::rows::{REJECTS, hand_out, page};
use super::{base, blocking, changed, discard_unless_used, doc, list, members};
use crate::Api;
use crate::call::Call;
use crate::doc::Doc;
use crate::members::{ATTRIBUTES, upload};
use crate::operation::{Operation, Pending, Run, Streaming, Uploads, Written};
use crate::payload::Payload;
use crate::resources::Resource;

/// The name of a file that has none.
const UNNAMED: &str = "accounts.csv";

pub(super) fn operations() -> Vec<Operation> {
    let one = || Operation { path: "/importers/{importer-id}", ..base() };
    vec![
        Operation {
            id: "import-an-account",
            method: Method::POST,
            path: "/importer/accounts",
            summary: "Makes an account of every row of a small CSV file.",
            doc: doc::IMPORT,
            uploads: Uploads::Accepted,
            extension: false,
            run: Run::Lane(import),
            ..changed()
        },
        Operation {
            id: "list-all-importers",
            summary: "Lists importers, newest first.",
            doc: Doc::page("importer"),
            extension: false,
            ..base()
        },
        Operation {
            id: "retrieve-an-importer",
            summary: "Retrieves an importer: how far it is, what its rows came to.",
            extension: false,
            run: Run::Read(retrieve),
            ..one()
        },
        Operation {
            id: "list-the-errors-of-an-importer",
            path: "/importers/{importer-id}/errors",
            summary: "Lists the rows of an importer that were refused, in the order of the file.",
            doc: Doc { text: "`page[after]` leads to later rows.", ..Doc::page("importer-row") },
            run: Run::Read(errors),
            ..base()
        },
        Operation {
            id: "download-the-errors-of-an-importer",
            path: "/importers/{importer-id}/errors.csv",
            summary: "Hands out the rows of an importer that were refused, as a table that can be mended and imported again.",
            doc: REJECTS,
            run: Run::Stream(errors_csv),
            ..base()
        },
    ]
}

/// The importer that a path names.
fn importer_id(call: &Call) -> Result<ImporterId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

fn resource(importer: Importer) -> Resource {
    Resource::Importer(Box::new(importer))
}

fn import(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let mut attributes = members(&call, &["file"])?;
        let file = upload(&mut attributes, &ATTRIBUTES, "file")?;
        let (filename, content) =
            file.ok_or_else(|| Error::invalid(["file"], "is missing: send a CSV file"))?;
        let scope = call.scope.clone();
        let filename = filename.unwrap_or_else(|| UNNAMED.to_owned());
        let kept = blocking(&api.app, move |app| legacy::keep(app, &scope, &filename, &content)).await?;
        let file = kept.file.clone();
        let answered = api.write(&call, move |cx, _| {
            let record = legacy::start(cx, &kept)?;
            let subject = Some(record.subject());
            Ok(Written { status: 201, payload: Payload::one(resource(record.item)), subject })
        });
        discard_unless_used(&api, &call, file, answered.await).await
    })
}

pub(super) fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let page = legacy::page(cx, &page_of::<ImporterId>(call)?)?;
    Ok(list(call, page, |record| record.item.id.as_str(), |record| resource(record.item)))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let record = legacy::get(cx, &importer_id(call)?)?;
    Ok(Payload::one(resource(record.item)))
}

fn errors(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let run = legacy::get(cx, &importer_id(call)?)?.item.run;
    let record = runs::find(cx, &run)?;
    page(cx, call, &record.item, Filter::refused())
}

fn errors_csv(api: Arc<Api>, call: Arc<Call>) -> Streaming {
    Box::pin(async move {
        let id = importer_id(&call)?;
        hand_out(&api, &call, move |cx| {
            let run = legacy::get(cx, &id)?.item.run;
            runs::find(cx, &run).map(|record| record.item.id)
        })
        .await
    })
}
