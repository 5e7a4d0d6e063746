//! Asking for a report, and waiting for it where that is wanted (spec D.2).

use std::sync::Arc;
use std::time::Duration;

use muster_app::accounts::AccountChoice;
use muster_app::idempotency::{Answered, Made};
use muster_app::reports::{self, FirstRun, NewReport};
use muster_app::{Error, ReadCx, Result};
use muster_domain::account::ReferenceId;
use muster_domain::{ReportId, ReportKind};
use serde_json::{Map, Value};

use super::{shown, written};
use crate::Api;
use crate::call::Call;
use crate::inflection::kebab_keys;
use crate::members::text;
use crate::operation::Pending;
use crate::problem::Refused;

/// How long somebody who wants to wait is kept waiting.
const WAIT_MAX: Duration = Duration::from_secs(20);
const ATTRIBUTES: [&str; 4] = ["account-id", "reference-id", "report-template-id", "query"];
const META: [&str; 5] = [
    "auto-create-account",
    "auto-create-account-type-id",
    "auto-create-account-reference-id",
    "processing-mode",
    "request-flags",
];

pub(super) fn create(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let new = new_report(&call)?;
        let waits = new.first_run == FirstRun::Caller;
        let answered = api
            .write(&call, move |cx, call| {
                let record = reports::create(cx, &new)?;
                written(cx, call, 201, record)
            })
            .await?;
        if waits { wait(&api, &call, answered).await } else { Ok(answered) }
    })
}

/// Makes the first run of what was created, and shows what came of it.
async fn wait(api: &Arc<Api>, call: &Arc<Call>, answered: Answered) -> Result<Answered> {
    let id = match &answered {
        Answered::Made(Made { reply, .. }) | Answered::Replayed(reply) if reply.status == 201 => {
            let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
            body.pointer("/data/id").and_then(Value::as_str).and_then(|id| id.parse::<ReportId>().ok())
        }
        _ => None,
    };
    let Some(id) = id else { return Ok(answered) };
    let (app, scope, wanted) = (Arc::clone(&api.app), call.scope.clone(), id.clone());
    let running = tokio::task::spawn_blocking(move || reports::run_now(&app, &scope, &wanted));
    match tokio::time::timeout(WAIT_MAX, running).await {
        Err(_) => return Ok(Answered::plain(Refused::StillRunning.reply())),
        Ok(ended) => ended.map_err(|_| Error::bug("a run was cut off"))??,
    }
    let (app, reading) = (Arc::clone(&api.app), Arc::clone(call));
    let read = api.app.db.read(call.operation.id, move |tx| {
        let (scope, catalogs) = (&reading.scope, &app.catalogs);
        let cx = &mut ReadCx { tx, scope, catalogs, master: &app.master };
        let record = reports::get(cx, &id)?;
        let subject = record.subject();
        Ok::<_, Error>((shown(&mut cx.view(), &reading, record.item)?, subject))
    });
    let (mut payload, subject) = read.await?;
    Ok(Answered::Made(Made { reply: call.finish(201, &mut payload), kept: None, subject: Some(subject) }))
}

fn new_report(call: &Call) -> Result<NewReport> {
    let mut attributes = call.attributes()?;
    let mut meta = call.meta(&META)?;
    if let Some(name) = attributes.keys().find(|name| !ATTRIBUTES.contains(&name.as_str())) {
        let message = format!("is not a member of this request; known are {}", ATTRIBUTES.join(", "));
        return Err(Error::malformed(["data", "attributes", name.as_str()], message));
    }
    let at = ["data", "attributes"];
    // What is not an ID names nothing that there is.
    let template = text(&mut attributes, &at, "report-template-id")?.flatten();
    let template = template.map(|id| id.parse()).transpose().map_err(|_| Error::NotFound)?;
    let is_sync = text(&mut meta, &["meta"], "processing-mode")?.flatten().is_some_and(|mode| mode == "sync");
    Ok(NewReport {
        kind: kind(call)?,
        template,
        query: query(&mut attributes)?,
        account: account(&mut attributes, &mut meta)?,
        first_run: if is_sync { FirstRun::Caller } else { FirstRun::Job },
    })
}

fn kind(call: &Call) -> Result<Option<ReportKind>> {
    let given = call.body.get("data").and_then(|data| data.get("type"));
    let refuse = || {
        let kinds = ReportKind::ALL.iter().filter(|kind| kind.can_be_created());
        let kinds: Vec<&str> = kinds.map(|kind| kind.resource_type()).collect();
        Error::malformed(["data", "type"], format!("must be one of {}", kinds.join(", ")))
    };
    match given {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) => ReportKind::parse(name).map(Some).ok_or_else(refuse),
        Some(_) => Err(refuse()),
    }
}

fn query(attributes: &mut Map<String, Value>) -> Result<Option<Map<String, Value>>> {
    let path = ["data", "attributes", "query"];
    match attributes.remove("query") {
        None | Some(Value::Null) => Ok(None),
        Some(query @ Value::Object(_)) => match kebab(query).map_err(|both| Error::malformed(path, both))? {
            Value::Object(members) => Ok(Some(members)),
            _ => Ok(None),
        },
        Some(_) => Err(Error::malformed(path, "must be an object")),
    }
}

/// Spells the keys of a query in kebab case, at every depth.
fn kebab(value: Value) -> Result<Value, String> {
    match value {
        Value::Object(members) => {
            let members = kebab_keys(members)?.into_iter();
            members.map(|(key, value)| Ok((key, kebab(value)?))).collect::<Result<_, _>>().map(Value::Object)
        }
        Value::Array(items) => items.into_iter().map(kebab).collect::<Result<_, _>>().map(Value::Array),
        other => Ok(other),
    }
}

fn account(attributes: &mut Map<String, Value>, meta: &mut Map<String, Value>) -> Result<AccountChoice> {
    let at = ["data", "attributes"];
    let id = text(attributes, &at, "account-id")?.flatten();
    let type_id = text(meta, &["meta"], "auto-create-account-type-id")?.flatten();
    let reference = |members: &mut Map<String, Value>, path: &[&str], key: &str| -> Result<_> {
        let given = text(members, path, key)?.flatten();
        given.map(|text| ReferenceId::parse(&text)).transpose().map_err(|message| {
            let name = key.replace('-', "_");
            Error::malformed(path.iter().copied().chain([name.as_str()]), message)
        })
    };
    Ok(AccountChoice {
        account_id: id.map(|id| id.parse()).transpose().map_err(|_| Error::NotFound)?,
        reference_id: reference(attributes, &at, "reference-id")?,
        auto_create: match meta.remove("auto-create-account") {
            None | Some(Value::Null) => None,
            Some(Value::Bool(wish)) => Some(wish),
            Some(_) => {
                return Err(Error::malformed(["meta", "auto_create_account"], "must be true or false"));
            }
        },
        auto_create_type_id: type_id.map(|id| id.parse()).transpose().map_err(|_| Error::NotFound)?,
        auto_create_reference_id: reference(meta, &["meta"], "auto-create-account-reference-id")?,
    })
}
