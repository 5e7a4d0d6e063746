//! Changing what is known of an inquiry (spec A.5).

use axum::http::Method;
use muster_app::inquiries::{self, InquiryChanges};
use muster_app::{Cx, Result};

use super::{changed, doc, id, written};
use crate::call::Call;
use crate::members::{ATTRIBUTES, fields, tags, text};
use crate::operation::{Operation, Run, Written};

pub(super) fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "update-an-inquiry",
        method: Method::PATCH,
        path: "/inquiries/{inquiry-id}",
        summary: "Changes note, fields, tags or redirect of an inquiry, whatever its status.",
        doc: doc::UPDATE,
        run: Run::Write(update),
        ..changed()
    }]
}

fn update(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    call.meta(&[])?;
    let mut attributes = call.attributes()?;
    let given = &mut attributes;
    let changes = InquiryChanges {
        note: text(given, &ATTRIBUTES, "note")?,
        tags: tags(given)?,
        redirect_uri: text(given, &ATTRIBUTES, "redirect-uri")?,
        fields: fields(given)?,
    };
    let inquiry = inquiries::update(cx, &id(call)?, &changes)?;
    written(cx, call, inquiry, (200, None))
}
