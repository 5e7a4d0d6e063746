//! What became of the rows of a run.

use std::io::{self, Write};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use muster_app::accounts::Page;
use muster_app::imports::rows::{self, Filter, RowsRequest, Severity};
use muster_app::imports::{self, runs};
use muster_app::{App, Error, ReadCx, Result, Scope};
use muster_domain::ImporterPipelineRunId;
use muster_domain::import::{Action, RowCode};
use tokio::sync::mpsc::{Sender, channel};

use super::runs::run_id;
use super::{base, filter, hidden, list};
use crate::Api;
use crate::call::Call;
use crate::doc::{Doc, Shape};
use crate::operation::{Operation, Run, Streaming};
use crate::payload::Payload;
use crate::resources::Resource;
use crate::resources::importer::{row, row_of};

/// Pieces of a table that wait to be sent.
const PIECES_AHEAD: usize = 4;
/// About how large a piece is.
const PIECE_BYTES: usize = 64 * 1024;

/// What is told of tables of rows that were refused.
pub(super) const REJECTS: Doc = Doc {
    text: "\
The columns of the file as they are, and behind them the number of the row, the kind of the fault, its column and what \
to do. Mended, it can be imported again as it is. Texts that a spreadsheet would take for a formula are marked as \
texts. What is in it is handed out whole: an API key whose blocklist may hide anything of accounts is refused with 403.",
    reply: Shape::Csv(&["account", "importer-row"]),
    ..Doc::one("importer-row")
};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-the-rows-of-an-importer-pipeline-run",
            path: "/importer-pipeline-runs/{importer-pipeline-run-id}/rows",
            summary: "Lists what became of the rows of a run, or would of those of a dry run, in the order of the file.",
            doc: Doc {
                text: "`page[after]` leads to later rows. Rows of accounts that were redacted since show no values.",
                ..Doc::page("importer-row")
            },
            filters: &["action", "code", "severity"],
            run: Run::Read(index),
            ..base()
        },
        Operation {
            id: "download-the-rejects-of-an-importer-pipeline-run",
            path: "/importer-pipeline-runs/{importer-pipeline-run-id}/rejects.csv",
            summary: "Hands out the rows of a run that were refused, as a table that can be mended and imported again.",
            doc: REJECTS,
            run: Run::Stream(rejects),
            ..base()
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let record = runs::get(cx, &run_id(call)?)?;
    page(cx, call, &record.item, wanted(call)?)
}

/// A page of rows of a run.
pub(super) fn page(
    cx: &mut ReadCx<'_, '_>,
    call: &Call,
    run: &imports::Run,
    filter: Filter,
) -> Result<Payload> {
    let cursor = |name: &str, text: &Option<String>| -> Result<Option<u64>> {
        let Some(text) = text else { return Ok(None) };
        let bad = || Error::malformed([format!("page[{name}]")], "must be the ID of a row of this list");
        row_of(run.id.as_str(), text).map(Some).ok_or_else(bad)
    };
    let request = RowsRequest {
        size: call.query.page.size as usize,
        after: cursor("after", &call.query.page.after)?,
        before: cursor("before", &call.query.page.before)?,
        filter,
    };
    let Page { items, has_newer, has_older } = rows::page(cx, &run.id, &request)?;
    let items = items.iter().map(|outcome| row(run, outcome, hidden(call))).collect();
    let page = Page { items, has_newer, has_older };
    Ok(list(call, page, |(id, _)| id.as_str(), |(_, shown)| Resource::Made(Box::new(shown))))
}

/// Which rows are wanted.
fn wanted(call: &Call) -> Result<Filter> {
    let all = |name: &str, known: Vec<&str>| {
        let message = format!("must be one of {}", known.join(", "));
        Error::malformed([format!("filter[{name}]")], message)
    };
    let actions = each(call, "action", Action::parse, || {
        all("action", Action::ALL.iter().map(|one| one.as_str()).collect())
    })?;
    let codes = each(call, "code", RowCode::parse, || {
        all("code", RowCode::ALL.iter().map(|one| one.as_str()).collect())
    })?;
    let severities = each(call, "severity", Severity::parse, || all("severity", vec!["error", "warning"]))?;
    let severity = match severities.as_deref() {
        Some([one]) => Some(*one),
        _ => None,
    };
    Ok(Filter { actions, codes, severity })
}

fn each<T>(
    call: &Call,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    refuse: impl Fn() -> Error,
) -> Result<Option<Vec<T>>> {
    let Some(values) = filter(call, name)? else { return Ok(None) };
    values.iter().map(|value| parse(value).ok_or_else(&refuse)).collect::<Result<Vec<T>>>().map(Some)
}

fn rejects(api: Arc<Api>, call: Arc<Call>) -> Streaming {
    Box::pin(async move {
        let id = run_id(&call)?;
        hand_out(&api, &call, move |cx| runs::get(cx, &id).map(|record| record.item.id)).await
    })
}

/// Hands out the rows that were refused of the run that is looked up.
pub(super) async fn hand_out(
    api: &Arc<Api>,
    call: &Arc<Call>,
    find: impl Fn(&mut ReadCx<'_, '_>) -> Result<ImporterPipelineRunId> + Send + Sync + 'static,
) -> Result<Body> {
    let (app, scope) = (Arc::clone(&api.app), call.scope.clone());
    let run = api.app.db.read(call.operation.id, move |tx| {
        find(&mut ReadCx { tx, scope: &scope, catalogs: &app.catalogs, master: &app.master })
    });
    let (run, scope) = (run.await?, call.scope.clone());
    let (run, app, scope) = super::blocking(&api.app, move |app| {
        rows::refuse_erased(app, &scope, &run).map(|()| (run, Arc::clone(app), scope))
    })
    .await?;
    let (sender, receiver) = channel(PIECES_AHEAD);
    tokio::task::spawn_blocking(move || write(&app, &scope, &run, &sender));
    Ok(Body::from_stream(futures_util::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    })))
}

/// Writes a table until it is whole or nobody reads on; one that breaks off ends its connection.
fn write(app: &App, scope: &Scope, run: &ImporterPipelineRunId, sender: &Sender<io::Result<Bytes>>) {
    let into = Pieces { sender, piece: Vec::new() };
    match rows::write_rejects(app, scope, run, into) {
        Ok(mut pieces) => drop(pieces.flush()),
        Err(error) => {
            if !sender.is_closed() {
                tracing::error!(%run, %error, "a table broke off");
            }
            let _ = sender.blocking_send(Err(io::Error::other("the table broke off")));
        }
    }
}

/// Pieces on their way to whoever reads the reply.
struct Pieces<'a> {
    sender: &'a Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() { Ok(()) } else { self.send() }
    }
}

impl Pieces<'_> {
    fn send(&mut self) -> io::Result<()> {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads on");
        self.sender.blocking_send(Ok(piece)).map_err(|_| gone())
    }
}
