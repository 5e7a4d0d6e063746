//! Pretending in a sandbox (spec A.11).

use muster_app::inquiries::{self, SimulateAction};
use muster_app::{Cx, Error, Result};
use muster_domain::inquiry::Trigger;
use serde_json::{Map, Value};

use super::{changed, doc, id, written};
use crate::call::Call;
use crate::inflection::kebab_keys;
use crate::members::{given, id_or_404};
use crate::operation::{Operation, Run, Written};

/// What moves an inquiry.
pub(super) const MOVES: [(&str, Trigger); 7] = [
    ("start_inquiry", Trigger::Start),
    ("complete_inquiry", Trigger::Complete),
    ("fail_inquiry", Trigger::Fail),
    ("expire_inquiry", Trigger::Expire),
    ("mark_for_review_inquiry", Trigger::MarkForReview),
    ("approve_inquiry", Trigger::Approve),
    ("decline_inquiry", Trigger::Decline),
];

pub(super) fn operations() -> Vec<Operation> {
    vec![Operation {
        id: "inquiries-perform-simulate-actions",
        path: "/inquiries/{inquiry-id}/perform-simulate-actions",
        summary: "Pretends that things happened to an inquiry of a sandbox.",
        doc: doc::SIMULATE,
        run: Run::Write(simulate),
        ..changed()
    }]
}

fn simulate(cx: &mut Cx<'_, '_>, call: &Call) -> Result<Written> {
    let id = id(call)?;
    let at = ["meta", "simulate_actions"];
    let actions = match call.meta(&["simulate-actions"])?.remove("simulate-actions") {
        Some(Value::Array(actions)) => actions,
        Some(_) => return Err(Error::malformed(at, "must be an array of actions")),
        None => return Err(Error::malformed(at, "is missing")),
    };
    let read = actions.into_iter().enumerate().map(|(index, one)| action(index, one));
    let actions = read.collect::<Result<Vec<_>>>()?;
    let inquiry = inquiries::simulate(cx, &id, &actions)?;
    written(cx, call, inquiry, (200, None))
}

fn action(index: usize, action: Value) -> Result<SimulateAction> {
    let index = index.to_string();
    let at = ["meta", "simulate_actions", &index];
    let bad = |member: &str, message: String| Error::malformed(at.into_iter().chain([member]), message);
    let Value::Object(members) = action else {
        return Err(Error::malformed(at, "must be an object with type"));
    };
    let mut members = kebab_keys(members).map_err(|both| Error::malformed(at, both))?;
    let kind = given(&mut members, &at, "type")?.unwrap_or_default();
    if let Some((_, trigger)) = MOVES.iter().find(|(name, _)| *name == kind) {
        return Ok(SimulateAction::Move(*trigger));
    }
    let make = match kind.as_str() {
        "create_passed_verification" => SimulateAction::Pass,
        "create_failed_verification" => SimulateAction::Fail,
        _ => {
            let moves: Vec<&str> = MOVES.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "must be {}, create_passed_verification or create_failed_verification",
                moves.join(", ")
            );
            return Err(bad("type", message));
        }
    };
    let data = match members.remove("data") {
        Some(Value::Object(data)) => kebab_keys(data).map_err(|both| bad("data", both))?,
        None => Map::new(),
        Some(_) => return Err(bad("data", "must be an object".to_owned())),
    };
    let place = ["meta", "simulate_actions", &index, "data"];
    let template = given(&mut { data }, &place, "verification-template-id")?;
    let template = template.ok_or_else(|| {
        Error::malformed(place.into_iter().chain(["verification_template_id"]), "is missing")
    })?;
    Ok(make(id_or_404(&template)?))
}
