//! Adding, removing and setting the tags of an inquiry (spec A.10).

use muster_app::accounts::TagChange;
use muster_app::{Cx, Result, inquiries};

use super::{changed, id, written};
use crate::call::Call;
use crate::operation::{Operation, Run, Written};
use crate::operations::tags;

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "inquiries-add-tag",
            path: "/inquiries/{inquiry-id}/add-tag",
            summary: "Adds a tag to an inquiry; a new name becomes a tag of the organization.",
            doc: tags::one_of("inquiry"),
            run: Run::Write(|cx, call| change(cx, call, &TagChange::Add(tags::one(call)?))),
            ..changed()
        },
        Operation {
            id: "inquiries-remove-tag",
            path: "/inquiries/{inquiry-id}/remove-tag",
            summary: "Removes a tag from an inquiry.",
            doc: tags::one_of("inquiry"),
            run: Run::Write(|cx, call| change(cx, call, &TagChange::Remove(tags::one(call)?))),
            ..changed()
        },
        Operation {
            id: "inquiries-set-all-tags",
            path: "/inquiries/{inquiry-id}/set-tags",
            summary: "Gives an inquiry these tags and no others.",
            doc: tags::many_of("inquiry"),
            run: Run::Write(|cx, call| change(cx, call, &TagChange::Set(tags::many(call)?))),
            ..changed()
        },
    ]
}

fn change(cx: &mut Cx<'_, '_>, call: &Call, change: &TagChange) -> Result<Written> {
    let inquiry = inquiries::change_tags(cx, &id(call)?, change)?;
    written(cx, call, inquiry, (200, None))
}
