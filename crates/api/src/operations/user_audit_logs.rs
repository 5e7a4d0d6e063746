//! Operations on the user audit log.

use axum::http::Method;
use muster_app::user_audit_logs::{self, PageRequest};
use muster_app::{Error, ReadCx, Result};
use muster_domain::{Permission, UserAuditLogId};

use super::{cursors, list};
use crate::call::Call;
use crate::doc::Doc;
use crate::operation::{Operation, Run};
use crate::payload::Payload;
use crate::resources::Resource;

const TEXT: &str =
    "Only for API keys of a production environment: the log belongs to the whole organization.";

pub(super) fn operations() -> Vec<Operation> {
    let base = || Operation {
        id: "list-all-user-audit-logs",
        method: Method::GET,
        path: "/user-audit-logs",
        permission: Some(Permission::UserAuditLogRead),
        tag: "User Audit Logs",
        summary: "Lists what people, and API keys with other API keys, did with Muster, newest first.",
        doc: Doc { text: TEXT, ..Doc::page("user-audit-log") },
        filters: &[],
        includes: &[],
        uploads: crate::operation::Uploads::None,
        extension: false,
        run: Run::Read(index),
    };
    vec![
        base(),
        Operation {
            id: "retrieve-a-user-audit-log",
            path: "/user-audit-logs/{user-audit-log-id}",
            summary: "Retrieves an entry of the user audit log.",
            doc: Doc { text: TEXT, ..Doc::one("user-audit-log") },
            includes: &["user"],
            run: Run::Read(retrieve),
            ..base()
        },
    ]
}

fn index(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let (after, before) = cursors::<UserAuditLogId>(call)?;
    let request = PageRequest { size: call.query.page.size as usize, after, before };
    let page = user_audit_logs::page(cx, &request)?;
    Ok(list(call, page, |entry| entry.id.as_str(), |entry| Resource::UserAuditLog(Box::new(entry))))
}

fn retrieve(cx: &mut ReadCx<'_, '_>, call: &Call) -> Result<Payload> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let entry = user_audit_logs::get(cx, &id)?;
    let user = match &entry.user_id {
        Some(id) if call.includes("user") => {
            Some(user_audit_logs::user(cx.tx, cx.master, &cx.scope.environment.organization, id)?)
        }
        _ => None,
    };
    let mut payload = Payload::one(Resource::UserAuditLog(Box::new(entry)));
    payload.included = user.map(|user| vec![Resource::User(Box::new(user))]);
    Ok(payload)
}
