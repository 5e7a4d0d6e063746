//! One-time links (spec A.9).

use std::time::Duration;

use muster_app::inquiries::{self, Link};
use muster_app::{Cx, Result};
use serde_json::{Value, json};

use super::{changed, doc, id, written};
use crate::call::Call;
use crate::members::seconds;
use crate::operation::{Operation, Run, Written};

pub(super) fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "generate-a-one-time-link",
        path: "/inquiries/{inquiry-id}/generate-one-time-link",
        summary: "Makes a link with which somebody goes on with an inquiry, once.",
        doc: doc::ONE_TIME_LINK,
        run: Run::Write(generate),
        ..changed()
    }]
}

fn generate(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let expires_in = seconds(&mut call.meta(&["expires-in-seconds"])?, "expires-in-seconds")?;
    let expires_in = expires_in.map(|seconds| Duration::from_secs(u64::from(seconds)));
    let (inquiry, link) = inquiries::generate_link(cx, &id(call)?, expires_in)?;
    written(cx, call, inquiry, (200, Some(meta(call, &link))))
}

/// What is told of a link beside its inquiry or session.
pub(super) fn meta(call: &Call, link: &Link) -> Value {
    json!({ "one-time-link": long(call, link), "one-time-link-short": short(call, link) })
}

/// The address of a link.
pub(super) fn long(call: &Call, link: &Link) -> String {
    format!("{}/verify?code={}", call.files.public_url(), link.code)
}

/// A shorter one, for text messages.
pub(super) fn short(call: &Call, link: &Link) -> String {
    format!("{}/v/{}", call.files.public_url(), link.code)
}
