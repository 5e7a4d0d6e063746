//! Redacting, archiving, restoring, and running actions (spec C.10, C.11, G-29).

use axum::http::Method;
use muster_app::accounts::{archive, redact, restore};
use muster_app::{Cx, Error, Result};
use serde_json::{Value, json};

use super::{base, changed, written};
use crate::call::Call;
use crate::doc::{Doc, object};
use crate::operation::{Operation, Run, Written};

pub(super) fn operations() -> Vec<Operation> {
    let change = || Operation { method: Method::POST, ..changed(base()) };
    vec![
        Operation {
            id: "redact-an-account",
            method: Method::DELETE,
            path: "/accounts/{account-id}",
            summary: "Erases the personal data of an account for good.",
            doc: Doc {
                text: "The account stays, with its ID, type, status, tags and reference ID, and with fields \
                       whose schema says that they are never redacted. What hangs on it follows in the \
                       background; the event `account.redacted` tells when all is done.",
                ..Doc::one("account")
            },
            run: Run::Write(redact_one),
            ..change()
        },
        Operation {
            id: "archive-an-account",
            path: "/accounts/{account-id}/archive",
            summary: "Hides an account from lists and searches. Its keys stay taken.",
            extension: true,
            run: Run::Write(archive_one),
            ..change()
        },
        Operation {
            id: "restore-an-account",
            path: "/accounts/{account-id}/restore",
            summary: "Brings an archived account back.",
            extension: true,
            run: Run::Write(restore_one),
            ..change()
        },
        Operation {
            id: "runAccountAction",
            path: "/accounts/{account-id}/run-action",
            summary: "Runs an action of the account's type. This version has no actions: it answers 422.",
            doc: Doc { body: Some(action), success: &[], ..Doc::one("account") },
            run: Run::Write(run_action),
            ..change()
        },
    ]
}

fn action() -> Value {
    let data = json!({
        "account-action-id": { "type": "string", "description": "The ID of an action." },
        "parameters": { "type": "object", "description": "What the action is given." },
    });
    object(&json!({ "data": object(&data, &["account-action-id"]) }), &["data"])
}

fn redact_one(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let opened = redact(cx, &id)?;
    Ok(written(call, 200, &opened))
}

fn archive_one(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let outcome = archive(cx, &id)?;
    Ok(written(call, 200, outcome.opened()))
}

fn restore_one(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let outcome = restore(cx, &id)?;
    Ok(written(call, 200, outcome.opened()))
}

/// There are no workflows yet, so no type can have an action.
fn run_action(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    muster_app::accounts::expect(cx, &id)?;
    let action = call.body.get("data").and_then(|data| {
        data.get("account-action-id")
            .or_else(|| data.get("account_action_id"))
            .or_else(|| data.get("accountActionId"))
    });
    match action {
        Some(Value::String(id)) if id.starts_with("accac_") => Err(Error::invalid(
            ["data", "account-action-id"],
            "names no action of this account type: this version has no workflows, so no type has actions",
        )),
        Some(_) => {
            Err(Error::malformed(["data", "account_action_id"], "must be an ID that starts with accac_"))
        }
        None => Err(Error::malformed(["data", "account_action_id"], "is missing")),
    }
}
