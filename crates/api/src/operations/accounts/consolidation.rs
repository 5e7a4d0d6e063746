//! Merging accounts into one, seeing before what it would do, and undoing it (spec C.8).

use std::collections::BTreeMap;

use axum::http::Method;
use muster_app::accounts::{Consolidate, Preview, consolidate, preview, unconsolidate};
use muster_app::{Cx, Error, ReadCx, Result};
use muster_domain::AccountId;
use serde_json::{Map, Value, json};

use super::{base, changed, written};
use crate::call::Call;
use crate::doc::{Doc, Example, object};
use crate::links::FileLinks;
use crate::operation::{Operation, Run, Written};
use crate::payload::Payload;

pub(super) fn operations() -> Vec<Operation> {
    let change = || Operation { method: Method::POST, ..changed(base()) };
    vec![
        Operation {
            id: "consolidate-into-an-account",
            path: "/accounts/{account-id}/consolidate",
            summary: "Merges accounts into one: what hangs on them moves to it, and they lead to it.",
            doc: Doc {
                text: "The sources are archived. Values of their fields do not move, unless `meta.fields` \
                       (Muster's own) says for a field whose value is to survive. It can be undone.",
                success: &[202],
                body: Some(body),
                examples,
                ..Doc::one("account")
            },
            run: Run::Write(run),
            ..change()
        },
        Operation {
            id: "preview-a-consolidation",
            path: "/accounts/{account-id}/preview-consolidation",
            summary: "Shows what a consolidation would do, and does nothing.",
            extension: true,
            doc: Doc { body: Some(body), examples, meta: Some(preview_meta), ..Doc::one("account") },
            run: Run::Read(look),
            permission: base().permission,
            ..change()
        },
        Operation {
            id: "unconsolidate-an-account",
            path: "/accounts/{account-id}/unconsolidate",
            summary: "Brings accounts back that were merged into this one.",
            extension: true,
            doc: Doc {
                text: "Without `source-account-ids`, all of them. Relations and unique values go back; so do \
                       fields that were taken over, where nobody changed them since.",
                body: Some(undo_body),
                examples: undo_examples,
                meta: Some(undo_meta),
                ..Doc::one("account")
            },
            run: Run::Write(undo),
            ..change()
        },
    ]
}

fn body() -> Value {
    let members = json!({
        "source-account-ids": { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 100,
            "description": "IDs of the accounts that are merged into this one." },
        "fields": { "type": "object", "additionalProperties": { "type": "string" },
            "description": "By the key of a field, the ID of the account whose value survives." },
    });
    object(&json!({ "meta": object(&members, &["source-account-ids"]) }), &["meta"])
}

fn examples() -> Vec<Example> {
    let plain = json!({ "meta": { "source-account-ids": ["$other-account-id"] } });
    let fields = json!({ "phone_number": "$other-account-id" });
    let chosen = json!({ "meta": { "source-account-ids": ["$other-account-id"], "fields": fields } });
    vec![
        Example { name: "plain", summary: "The values of this account survive", body: plain },
        Example { name: "with-a-field", summary: "The phone number of the other one survives", body: chosen },
    ]
}

fn undo_body() -> Value {
    let ids = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1,
        "description": "IDs of the accounts that are to come back." });
    object(&json!({ "meta": object(&json!({ "source-account-ids": ids }), &[]) }), &[])
}

fn undo_examples() -> Vec<Example> {
    let body = json!({ "meta": { "source-account-ids": ["$consolidated-account-id"] } });
    vec![Example { name: "one", summary: "One account comes back", body }]
}

fn undo_meta() -> Value {
    let list = |of: &str| json!({ "type": "array", "items": { "type": "string" }, "description": of });
    let members = json!({
        "restored-account-ids": list("IDs of the accounts that are back."),
        "kept-fields": list("Keys of fields that keep what they took over, since it was changed afterwards."),
    });
    object(&members, &["restored-account-ids", "kept-fields"])
}

fn preview_meta() -> Value {
    let value = object(&json!({ "account-id": { "type": "string" }, "field": {} }), &["account-id", "field"]);
    let field = object(
        &json!({
            "survivor": { "type": "string", "description": "The ID of the account whose value survives." },
            "values": { "type": "array", "items": value },
        }),
        &["survivor", "values"],
    );
    let members = json!({
        "fields": { "type": "object", "additionalProperties": field,
            "description": "The fields in which the accounts differ." },
        "relation-count": { "type": "integer", "description": "How many relations would move." },
    });
    object(&members, &["fields", "relation-count"])
}

fn wanted(call: &Call) -> Result<Consolidate> {
    let mut meta = call.meta(&["source-account-ids", "fields"])?;
    let sources = ids(meta.remove("source-account-ids"))?.unwrap_or_default();
    let fields = match meta.remove("fields") {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(Value::Object(members)) => survivors(members)?,
        Some(_) => return Err(Error::malformed(["meta", "fields"], "must be an object")),
    };
    let destination = call.object_id.parse().map_err(|_| Error::NotFound)?;
    Ok(Consolidate { destination, sources, fields })
}

fn survivors(members: Map<String, Value>) -> Result<BTreeMap<String, AccountId>> {
    let named = members.into_iter().map(|(key, value)| {
        let id = value.as_str().and_then(|text| text.parse().ok());
        let bad = || Error::malformed(["meta", "fields", key.as_str()], "must be the ID of an account");
        let id = id.ok_or_else(bad)?;
        Ok((key, id))
    });
    named.collect()
}

fn ids(value: Option<Value>) -> Result<Option<Vec<AccountId>>> {
    let list = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) => list,
        Some(_) => {
            return Err(Error::malformed(
                ["meta", "source_account_ids"],
                "must be an array of IDs of accounts",
            ));
        }
    };
    let ids = list.into_iter().enumerate().map(|(i, id)| {
        let at = || ["meta".to_owned(), "source_account_ids".to_owned(), i.to_string()];
        let text = id.as_str().ok_or_else(|| Error::malformed(at(), "must be a string"))?;
        text.parse::<AccountId>().map_err(|wrong| Error::malformed(at(), wrong.to_string()))
    });
    ids.collect::<Result<_>>().map(Some)
}

fn run(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let opened = consolidate(cx, &wanted(call)?)?;
    Ok(written(call, 202, &opened))
}

fn look(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let preview = preview(cx, &wanted(call)?)?;
    let meta = preview_of(&preview, &call.files);
    let mut payload = super::payload(call, preview.account);
    payload.meta = Some(meta);
    Ok(payload)
}

fn preview_of(preview: &Preview, links: &FileLinks) -> Value {
    let ty = &preview.account.account_type;
    let mut fields = Map::new();
    for field in &preview.fields {
        let values = field.values.iter().map(|(account, value)| {
            let typed = ty.field(&field.key).map(|schema| schema.typed(value.as_ref()).linked(links));
            json!({ "account-id": account.id.as_str(), "field": typed })
        });
        let survivor = field.survivor.as_str();
        fields
            .insert(field.key.clone(), json!({ "survivor": survivor, "values": values.collect::<Vec<_>>() }));
    }
    json!({ "fields": fields, "relation-count": preview.relations })
}

fn undo(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let mut meta = call.meta(&["source-account-ids"])?;
    let sources = ids(meta.remove("source-account-ids"))?;
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let done = unconsolidate(cx, &id, sources.as_deref())?;
    let restored: Vec<&str> = done.restored.iter().map(AccountId::as_str).collect();
    let mut written = written(call, 200, &done.destination);
    written.payload.meta = Some(json!({ "restored-account-ids": restored, "kept-fields": done.kept_fields }));
    Ok(written)
}
