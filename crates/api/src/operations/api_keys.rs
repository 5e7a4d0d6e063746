//! Operations on API keys.

mod doc;

use axum::http::Method;
use muster_app::keys::{self, Issued, KeyWishes, PageRequest};
use muster_app::{Cx, Error, ReadCx, Result};
use muster_domain::{ApiKeyId, ApiVersion, Inflection, Permission};
use serde_json::{Map, Value};

use super::{cursors, filter, list};
use crate::blocklist::Blocklist;
use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Run, Written};
use crate::payload::Payload;
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    let base = || Operation {
        id: "",
        method: Method::GET,
        path: "/api-keys/{api-key-id}",
        permission: Some(Permission::ApiKeyRead),
        tag: "API Keys",
        summary: "",
        doc: Doc::one("api-key"),
        filters: &[],
        includes: &[],
        uploads: crate::operation::Uploads::None,
        extension: false,
        run: Run::Read(index),
    };
    let write = || Operation { method: Method::POST, permission: Some(Permission::ApiKeyWrite), ..base() };
    vec![
        Operation {
            id: "list-all-api-keys",
            path: "/api-keys",
            summary: "Lists the API keys of the environment, newest first, expired ones too.",
            doc: doc::INDEX,
            filters: &["name"],
            ..base()
        },
        Operation {
            id: "create-an-api-key",
            path: "/api-keys",
            summary: "Creates an API key. Its value is shown in this reply only.",
            doc: doc::CREATE,
            run: Run::Write(create),
            ..write()
        },
        Operation {
            id: "retrieve-an-api-key",
            summary: "Retrieves an API key, without its value.",
            run: Run::Read(retrieve),
            ..base()
        },
        Operation {
            id: "update-an-api-key",
            method: Method::PATCH,
            summary: "Changes an API key. The change holds within a second.",
            doc: doc::UPDATE,
            run: Run::Write(update),
            ..write()
        },
        Operation {
            id: "expire-an-api-key",
            path: "/api-keys/{api-key-id}/expire",
            summary: "Lets an API key expire, at once or within 30 days.",
            doc: doc::EXPIRE,
            run: Run::Write(expire),
            ..write()
        },
        Operation {
            id: "clone-api-key",
            path: "/api-keys/{api-key-id}/clone",
            summary: "Creates a copy of an API key with a value of its own, which is shown in this reply only.",
            doc: doc::CLONE,
            run: Run::Write(copy),
            ..write()
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<ApiKeyId>(call)?;
    let names = filter(call, "name")?;
    let page = keys::page(cx, &PageRequest { size: call.query.page.size as usize, after, before, names })?;
    Ok(list(call, page, |key| key.id.as_str(), |key| Resource::ApiKey(Box::new(key))))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let key = keys::get(cx, &id(call)?)?;
    Ok(Payload::one(Resource::ApiKey(Box::new(key))))
}

fn create(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let wishes = wishes(call)?;
    if wishes.name.is_none() {
        return Err(Error::malformed(["data", "attributes", "name"], "is missing"));
    }
    Ok(issued(201, keys::issue(cx, &wishes, call.version, &call.path)?))
}

fn update(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = id(call)?;
    if call.body.get("data").and_then(|data| data.get("id")).is_some_and(|id| *id != call.object_id) {
        return Err(Error::malformed(["data", "id"], "names another API key than the path"));
    }
    let key = keys::update(cx, &id, &wishes(call)?, &call.path)?;
    Ok(Written { status: 200, payload: Payload::one(Resource::ApiKey(Box::new(key))), subject: None })
}

fn copy(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    expect_no_attributes(call)?;
    call.meta(&[])?;
    Ok(issued(200, keys::copy(cx, &id(call)?, &call.path)?))
}

fn expire(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    expect_no_attributes(call)?;
    let at = ["meta", "expires-in-seconds"];
    let seconds = match call.meta(&["expires-in-seconds"])?.get("expires-in-seconds") {
        None => return Err(Error::malformed(at, "is missing: send the number of seconds, 0 = at once")),
        Some(seconds) => seconds.as_i64().ok_or_else(|| Error::malformed(at, "must be a whole number"))?,
    };
    let key = keys::expire(cx, &id(call)?, seconds, &call.path)?;
    Ok(Written { status: 200, payload: Payload::one(Resource::ApiKey(Box::new(key))), subject: None })
}

/// What is sent must not be passed over in silence.
fn expect_no_attributes(call: &Call) -> Result<()> {
    match call.attributes()?.keys().next() {
        None => Ok(()),
        Some(key) => Err(bad(key, "cannot be set here: update the API key instead")),
    }
}

fn id(call: &Call) -> Result<ApiKeyId> {
    call.object_id.parse().map_err(|_| Error::NotFound)
}

fn issued(status: u16, issued: Issued) -> Written {
    Written { status, payload: Payload::one(Resource::NewApiKey(Box::new(issued))), subject: None }
}

/// What a key is to be like, out of `data.attributes`.
fn wishes(call: &Call) -> Result<KeyWishes> {
    let mut given = call.attributes()?;
    call.meta(&[])?;
    let wishes = KeyWishes {
        name: text(&mut given, "name")?,
        note: note(&mut given)?,
        permissions: texts(&mut given, "permissions")?,
        ip_allowlist: texts(&mut given, "ip-address-allowlist")?,
        blocklist: blocklist(&mut given)?,
        api_version: api_version(&mut given)?,
        inflection: inflection(&mut given)?,
        file_access_token_expires_in: seconds(&mut given)?,
    };
    match given.keys().next() {
        None => Ok(wishes),
        Some(key) => Err(bad(key, "is no attribute of an API key that can be set")),
    }
}

fn bad(key: &str, message: &str) -> Error {
    Error::malformed(["data", "attributes", key], message)
}

fn text(given: &mut Map<String, Value>, key: &str) -> Result<Option<String>> {
    match given.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(bad(key, "must be a string")),
    }
}

fn note(given: &mut Map<String, Value>) -> Result<Option<Option<String>>> {
    if given.get("note").is_some_and(Value::is_null) {
        given.remove("note");
        return Ok(Some(None));
    }
    Ok(text(given, "note")?.map(Some))
}

fn texts(given: &mut Map<String, Value>, key: &str) -> Result<Option<Vec<String>>> {
    let items = match given.remove(key) {
        None => return Ok(None),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(bad(key, "must be an array of strings")),
    };
    let mut texts = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let Value::String(text) = item else {
            return Err(Error::malformed(
                ["data", "attributes", key, &index.to_string()],
                "must be a string",
            ));
        };
        texts.push(text);
    }
    Ok(Some(texts))
}

fn blocklist(given: &mut Map<String, Value>) -> Result<Option<Vec<String>>> {
    const KEY: &str = "api-attributes-blocklist";
    let entries = texts(given, KEY)?;
    Blocklist::parse(entries.as_deref().unwrap_or_default())
        .map_err(|bad| Error::invalid([KEY.to_owned(), bad.index.to_string()], bad.message))?;
    Ok(entries.map(|entries| entries.iter().map(|entry| entry.trim().to_owned()).collect()))
}

fn api_version(given: &mut Map<String, Value>) -> Result<Option<ApiVersion>> {
    let known = || ApiVersion::ALL.map(ApiVersion::as_str).join(", ");
    text(given, "api-version")?
        .map(|text| {
            ApiVersion::parse(&text)
                .ok_or_else(|| Error::invalid(["api-version"], format!("must be one of {}", known())))
        })
        .transpose()
}

fn inflection(given: &mut Map<String, Value>) -> Result<Option<Inflection>> {
    text(given, "api-key-inflection")?
        .map(|text| {
            Inflection::parse(&text)
                .ok_or_else(|| Error::invalid(["api-key-inflection"], "must be kebab, camel or snake"))
        })
        .transpose()
}

fn seconds(given: &mut Map<String, Value>) -> Result<Option<i64>> {
    const KEY: &str = "file-access-token-expires-in";
    given
        .remove(KEY)
        .map(|value| value.as_i64().ok_or_else(|| bad(KEY, "must be a whole number")))
        .transpose()
}
