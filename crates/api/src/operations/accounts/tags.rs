//! Adding, removing and setting tags (spec C.6).

use axum::http::Method;
use muster_app::accounts::{TagChange, change_tags};
use muster_app::{Cx, Error, Result};

use super::{base, changed, written};
use crate::call::Call;
use crate::operation::{Operation, Run, Written};
use crate::operations::tags;

pub(super) fn operations() -> Vec<Operation> {
    let base = || Operation { method: Method::POST, ..changed(base()) };
    vec![
        Operation {
            id: "accounts-add-tag",
            path: "/accounts/{account-id}/add-tag",
            summary: "Adds a tag to an account; a new name becomes a tag of the organization.",
            doc: tags::one_of("account"),
            run: Run::Write(|cx, call| change(cx, call, &TagChange::Add(tags::one(call)?))),
            ..base()
        },
        Operation {
            id: "accounts-remove-tag",
            path: "/accounts/{account-id}/remove-tag",
            summary: "Removes a tag from an account.",
            doc: tags::one_of("account"),
            run: Run::Write(|cx, call| change(cx, call, &TagChange::Remove(tags::one(call)?))),
            ..base()
        },
        Operation {
            id: "accounts-set-all-tags",
            path: "/accounts/{account-id}/set-tags",
            summary: "Gives an account these tags and no others.",
            doc: tags::many_of("account"),
            run: Run::Write(|cx, call| change(cx, call, &TagChange::Set(tags::many(call)?))),
            ..base()
        },
    ]
}

fn change(cx: &mut Cx<'_, '_>, call: &Call, change: &TagChange) -> Result<Written> {
    let id = call.object_id.parse().map_err(|_| Error::NotFound)?;
    let outcome = change_tags(cx, &id, change)?;
    Ok(written(call, 200, outcome.opened()))
}
