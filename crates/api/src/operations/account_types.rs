//! Operations on account types. Only the retrieval is part of the public API.

mod doc;

use std::sync::Arc;

use axum::http::Method;
use muster_app::{Cx, Error, ReadCx, Result, account_types};
use muster_domain::account_type::AccountTypeSpec;
use muster_domain::{AccountType, Permission};
use serde_json::Value;

use crate::call::Call;
use crate::doc::Doc;
use crate::inflection::kebab_keys;
use crate::operation::{Operation, Run, Uploads, Written};
use crate::payload::{Links, Payload};
use crate::resources::Resource;

pub(super) fn operations() -> Vec<Operation> {
    let base = || Operation {
        id: "",
        method: Method::GET,
        path: "/account-types",
        permission: Some(Permission::AccountTypeRead),
        tag: "Account Types",
        summary: "",
        doc: Doc::one("account-type"),
        filters: &[],
        includes: &[],
        extension: true,
        uploads: Uploads::None,
        run: Run::Read(index),
    };
    vec![
        Operation {
            id: "retrieve-an-account-type",
            path: "/account-types/{account-type-id}",
            summary: "Retrieves an account type with its field schemas.",
            extension: false,
            run: Run::Read(retrieve),
            ..base()
        },
        Operation {
            id: "list-all-account-types",
            summary: "Lists the account types of the organization, oldest first.",
            doc: doc::INDEX,
            ..base()
        },
        Operation {
            id: "create-an-account-type",
            method: Method::POST,
            permission: Some(Permission::AccountTypeWrite),
            summary: "Creates an account type.",
            doc: doc::CREATE,
            run: Run::Write(create),
            ..base()
        },
        Operation {
            id: "update-an-account-type",
            method: Method::PATCH,
            path: "/account-types/{account-type-id}",
            permission: Some(Permission::AccountTypeWrite),
            summary: "Replaces the definition of an account type; fields left out are deactivated.",
            doc: doc::UPDATE,
            run: Run::Write(update),
            ..base()
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, _: &Call) -> Result<Payload> {
    let catalog = cx.catalog()?;
    let types = catalog.account_types().iter().map(|ty| Resource::ExtendedAccountType(Arc::clone(ty)));
    Ok(Payload::many(types.collect(), Links::default()))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let catalog = cx.catalog()?;
    let ty = catalog.account_type(&id).ok_or(Error::NotFound)?;
    Ok(Payload::one(Resource::AccountType(Arc::clone(ty))))
}

fn create(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let ty = account_types::create(cx, &spec(call)?)?;
    Ok(written(201, ty))
}

fn update(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let (ty, changes) = account_types::revise(cx, &id, &spec(call)?)?;
    let mut written = written(200, ty);
    let changes = changes.iter().map(|change| Value::String(change.to_string())).collect();
    written.payload.meta = Some(serde_json::json!({ "changes": Value::Array(changes) }));
    Ok(written)
}

fn written(status: u16, ty: AccountType) -> Written {
    let resource = Resource::ExtendedAccountType(Arc::new(ty));
    Written { status, payload: Payload::one(resource), subject: None }
}

fn spec(call: &Call) -> Result<AccountTypeSpec> {
    let attributes = call.attributes()?;
    call.meta(&[])?;
    AccountTypeSpec::from_value(kebab_members(Value::Object(attributes))?).map_err(Error::Invalid)
}

/// Spells the keys of a specification in kebab case, at every depth, but for what belongs to the customer.
fn kebab_members(value: Value) -> Result<Value> {
    match value {
        Value::Array(items) => Ok(Value::Array(items.into_iter().map(kebab_members).collect::<Result<_>>()?)),
        Value::Object(members) => {
            let members =
                kebab_keys(members).map_err(|both| Error::malformed(["data", "attributes"], both))?;
            let spelled = members.into_iter().map(|(key, value)| match key.as_str() {
                "json-schema" | "default-value" => Ok((key, value)),
                _ => Ok((key, kebab_members(value)?)),
            });
            Ok(Value::Object(spelled.collect::<Result<_>>()?))
        }
        other => Ok(other),
    }
}
