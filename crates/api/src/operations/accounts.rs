//! Operations on accounts.

mod batch;
mod consolidation;
mod doc;
mod history;
mod lifecycle;
mod relations;
mod tags;

use std::collections::HashSet;
use std::sync::Arc;

use axum::http::Method;
use muster_app::accounts::{
    self, Account, Answer, NewAccount, OnExisting, Once, Opened, Outcome, PageRequest, UpdateAccount, Wishes,
};
use muster_app::idempotency::{Answered, Made, Reply};
use muster_app::{Error, ReadCx, Result};
use muster_domain::account::ReferenceId;
use muster_domain::account_type::Requirements;
use muster_domain::{AccountId, AccountType, AccountTypeId, IdSource, Permission};
use serde_json::{Map, Value};

use super::{cursors, filter, list};
use crate::Api;
use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Pending, Run, Uploads, Written};
use crate::payload::Payload;
use crate::resources::Resource;

/// Times an account is prepared again because types or tags changed meanwhile.
const PREPARATIONS_MAX: usize = 8;

pub(super) fn operations() -> Vec<Operation> {
    let mut all = own();
    all.extend(batch::operations());
    all.extend(tags::operations());
    all.extend(relations::operations());
    all.extend(lifecycle::operations());
    all.extend(consolidation::operations());
    all.extend(history::operations());
    all
}

pub use batch::schema as batch_item_schema;

/// What the operations on accounts have in common.
fn base() -> Operation {
    Operation {
        id: "",
        method: Method::GET,
        path: "/accounts",
        permission: Some(Permission::AccountRead),
        tag: "Accounts",
        summary: "",
        doc: Doc::one("account"),
        filters: &[],
        includes: &["account-type"],
        extension: false,
        uploads: Uploads::None,
        run: Run::Read(index),
    }
}

/// What those that change one have in common.
fn changed(base: Operation) -> Operation {
    Operation { permission: Some(Permission::AccountWrite), ..base }
}

fn own() -> Vec<Operation> {
    vec![
        Operation {
            id: "list-all-accounts",
            summary: "Lists accounts, newest first.",
            doc: Doc::page("account"),
            filters: &["reference-id"],
            includes: &[],
            ..base()
        },
        Operation {
            id: "create-an-account",
            method: Method::POST,
            permission: Some(Permission::AccountWrite),
            summary: "Creates an account, or updates the one that meta.upsert-by points at.",
            uploads: Uploads::Accepted,
            doc: doc::CREATE,
            run: Run::Lane(create),
            ..base()
        },
        Operation {
            id: "retrieve-an-account",
            path: "/accounts/{account-id}",
            summary: "Retrieves an account.",
            run: Run::Read(retrieve),
            ..base()
        },
        Operation {
            id: "update-an-account",
            method: Method::PATCH,
            path: "/accounts/{account-id}",
            permission: Some(Permission::AccountWrite),
            summary: "Changes an account.",
            doc: doc::UPDATE,
            uploads: Uploads::Accepted,
            run: Run::Lane(update),
            ..base()
        },
    ]
}

fn payload(call: &Call, account: Arc<Account>) -> Payload {
    let ty = call.includes("account-type").then(|| Arc::clone(&account.account_type));
    let mut payload = Payload::one(Resource::Account(account));
    payload.included = ty.map(|ty| vec![Resource::AccountType(ty)]);
    payload
}

/// The reply that shows a changed account.
fn written(call: &Call, status: u16, opened: &Opened) -> Written {
    let payload = payload(call, Arc::clone(&opened.account));
    Written { status, payload, subject: Some(opened.subject()) }
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<AccountId>(call)?;
    let references = filter(call, "reference-id")?;
    let request =
        PageRequest { size: call.query.page.size as usize, after, before, reference_ids: references };
    let page = accounts::page(cx, &request)?;
    Ok(list(call, page, |account| account.id.as_str(), Resource::Account))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let account = accounts::get(cx, &id)?;
    Ok(payload(call, account))
}

fn update(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let mut command = account_update(&call)?;
        if accounts::bring_files(&command.wishes) {
            let (app, reading, id) = (Arc::clone(&api.app), Arc::clone(&call), command.id.clone());
            // Whether the account may be changed is decided below; here only the kinds of its fields count.
            let found = api.app.db.read("accounts.type", move |tx| {
                let (scope, catalogs) = (&reading.scope, &app.catalogs);
                accounts::get(&mut ReadCx { tx, scope, catalogs, master: &app.master }, &id)
            });
            let ty = Arc::clone(&found.await?.account_type);
            command.wishes = take_files(&call, ty, command.wishes).await?;
        }
        api.write(&call, move |cx, call| {
            let outcome = accounts::update(cx, &command)?;
            Ok(written(call, 200, outcome.opened()))
        })
        .await
    })
}

fn account_update(call: &Call) -> Result<UpdateAccount> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let mut attributes = call.attributes()?;
    if call.body.get("data").and_then(|data| data.get("id")).is_some_and(|id| *id != call.object_id) {
        return Err(Error::malformed(["data", "id"], "names another account than the path"));
    }
    refuse_type(&attributes)?;
    call.meta(&[])?;
    Ok(UpdateAccount { id, wishes: wishes(&mut attributes)? })
}

/// Reads and seals the files in wishes where it keeps nobody waiting.
async fn take_files(call: &Call, ty: Arc<AccountType>, mut wishes: Wishes) -> Result<Wishes> {
    let mut ids = IdSource::random(call.scope.now);
    let taking = tokio::task::spawn_blocking(move || {
        accounts::take_files(&ty, &mut wishes, &mut ids).map(|()| wishes)
    });
    taking.await.map_err(|_| Error::bug("the sealing of files was cut off"))?
}

fn create(api: Arc<Api>, call: Arc<Call>) -> Pending {
    Box::pin(async move {
        let mut new = new_account(&call)?;
        if accounts::bring_files(&new.wishes) {
            let catalog = api.catalog(&call.scope).await?;
            let named = new.account_type_id.as_ref().and_then(|id| catalog.account_type(id));
            let ty = named.map_or_else(|| catalog.default_account_type(), Ok)?;
            new.wishes = take_files(&call, Arc::clone(ty), new.wishes).await?;
        }
        for _ in 0..PREPARATIONS_MAX {
            let catalog = api.catalog(&call.scope).await?;
            let mut ids = IdSource::random(call.scope.now);
            let once = call.claim.clone().map(|claim| {
                let call = Arc::clone(&call);
                Once::new(claim, Arc::new(move |end| reply(&call, end)))
            });
            let master = &api.app.master;
            let version = catalog.version;
            let item = match accounts::prepare(call.scope.clone(), catalog, master, &new, &mut ids, once) {
                Ok(item) => item,
                // Types and tags of before may refuse what those of now would take.
                Err(refusal) => {
                    api.refresh_catalog(&call.scope).await?;
                    match api.catalog(&call.scope).await?.version == version {
                        true => return Err(refusal),
                        false => continue,
                    }
                }
            };
            if api.settings.without_storage {
                return item.drafted().map(|outcome| Answered::plain(reply(&call, Ok(&outcome))));
            }
            match api.app.accounts.submit(item).await? {
                Answer::Outcome(Err(Error::StaleCatalog)) => api.refresh_catalog(&call.scope).await?,
                Answer::Outcome(outcome) => {
                    let outcome = outcome?;
                    let (reply, subject) = (reply(&call, Ok(&outcome)), Some(outcome.subject()));
                    return Ok(Answered::Made(Made { reply, kept: None, subject }));
                }
                Answer::Kept(answered) => return Ok(answered),
            }
        }
        Err(Error::Busy)
    })
}

fn reply(call: &Call, end: Result<&Outcome, &Error>) -> Reply {
    match end {
        Ok(outcome) => {
            let status = if matches!(outcome, Outcome::Created(_)) { 201 } else { 200 };
            call.finish(status, &mut payload(call, Arc::clone(outcome.account())))
        }
        Err(error) => call.refuse(error),
    }
}

fn new_account(call: &Call) -> Result<NewAccount> {
    read_account(call.attributes()?, call.meta(&["upsert-by"])?)
}

/// Reads an account that is to be created or updated out of `attributes` and `meta`.
fn read_account(mut attributes: Map<String, Value>, mut meta: Map<String, Value>) -> Result<NewAccount> {
    let account_type_id = match text(&mut attributes, &["data", "attributes"], "account-type-id")? {
        Some(Some(id)) => Some(id.parse::<AccountTypeId>().map_err(|_| {
            Error::invalid(["account-type-id"], "names no account type of this organization")
        })?),
        _ => None,
    };
    let upsert_by = text(&mut meta, &["meta"], "upsert-by")?.flatten();
    Ok(NewAccount {
        account_type_id,
        wishes: wishes(&mut attributes)?,
        on_existing: if upsert_by.is_some() { OnExisting::Update } else { OnExisting::Reject },
        upsert_by,
        requirements: Requirements::Enforce,
    })
}

/// An update cannot name a type.
fn refuse_type(attributes: &Map<String, Value>) -> Result<()> {
    match attributes.contains_key("account-type-id") {
        false => Ok(()),
        true => Err(Error::malformed(
            ["data", "attributes", "account_type_id"],
            "cannot be changed: an account keeps its type",
        )),
    }
}

/// Takes what an account is to be like out of `data.attributes`.
fn wishes(attributes: &mut Map<String, Value>) -> Result<Wishes> {
    const AT: [&str; 2] = ["data", "attributes"];
    let reference_id = text(attributes, &AT, "reference-id")?
        .map(|given| given.map(|text| ReferenceId::parse(&text)).transpose())
        .transpose()
        .map_err(|message| Error::invalid(["reference-id"], message))?;
    let status = match text(attributes, &AT, "account-status")? {
        Some(None) => {
            return Err(Error::malformed(["data", "attributes", "account_status"], "must be a string"));
        }
        given => given.flatten(),
    };
    let tags = match attributes.remove("tags") {
        None => None,
        Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(list)) => Some(tag_names(list)?),
        Some(_) => {
            return Err(Error::malformed(["data", "attributes", "tags"], "must be an array of strings"));
        }
    };
    let fields = match attributes.remove("fields") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err(Error::malformed(["data", "attributes", "fields"], "must be an object")),
    };
    Ok(Wishes {
        reference_id,
        status,
        tags,
        aliases: std::mem::take(attributes),
        fields,
        ..Wishes::default()
    })
}

fn tag_names(list: Vec<Value>) -> Result<Vec<String>> {
    let mut seen = HashSet::new();
    let mut names = Vec::with_capacity(list.len());
    for (i, name) in list.into_iter().enumerate() {
        let Value::String(name) = name else {
            let path = ["data".to_owned(), "attributes".to_owned(), "tags".to_owned(), i.to_string()];
            return Err(Error::malformed(path, "must be a string"));
        };
        if seen.insert(name.clone()) {
            names.push(name);
        }
    }
    Ok(names)
}

/// Takes a text member: absent, null, or a text.
pub(super) fn text(
    members: &mut Map<String, Value>,
    path: &[&str],
    key: &str,
) -> Result<Option<Option<String>>> {
    match members.remove(key) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(Value::String(text)) => Ok(Some(Some(text))),
        Some(_) => Err(Error::malformed(path.iter().copied().chain([key]), "must be a string")),
    }
}
