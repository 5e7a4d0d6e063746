//! From one step to the next: actions on the way, and where the flow comes to stay.

use muster_domain::AccountId;
use muster_domain::event::EventName;
use muster_domain::inquiry::Trigger;
use muster_domain::inquiry_template::{Action, Arrival, Definition, Facts, Step, StepKind, Stop};
use muster_store::accounts as rows;
use serde_json::{Map, Value, json};

use super::{Actions, Facilities, Place, code, environment_kind, under_way, verification_facts, within};
use crate::accounts::{self, AccountChoice, UpdateAccount, Wishes};
use crate::inquiries::{Inquiry, move_to};
use crate::record::{self, Told};
use crate::{Cx, Error, Result, Scope};

/// Whether a link chose an account that was there before: anyone can write such a link, so it changes nothing there.
fn is_strangers(cx: &mut Cx<'_, '_>, inquiry: &Inquiry, account: &AccountId) -> Result<bool> {
    if inquiry.creator != crate::inquiries::create::CREATED_BY_LINK {
        return Ok(false);
    }
    let found = rows::find(cx.tx, cx.scope.place(), account)?;
    Ok(found.is_some_and(|found| found.row.created_at < inquiry.created_at))
}

/// Goes on from the step that the person has finished. `next` is the inquiry with what was given.
pub(super) fn go_on(
    cx: &mut Cx<'_, '_>,
    place: &mut Place,
    mut next: Inquiry,
    (facilities, actions): (&Facilities, Actions),
) -> Result<()> {
    // After what verifications told of the answer.
    let scope = Scope { now: cx.scope.now.max(place.inquiry.item.updated_at), ..cx.scope.clone() };
    let cx = &mut within(cx, &scope);
    let version = place.version.clone();
    let definition = &version.definition;
    let from = next.next_step.clone().unwrap_or_default();
    let values = definition.effective(&next.fields);
    let verifications = verification_facts(&next);
    let facts =
        Facts { fields: &values, verifications: &verifications, environment: environment_kind(cx.scope) };
    let Arrival { actions: wanted, path: _, at } =
        definition.advance(&from, &facts).ok_or_else(|| Error::bug("a flow leads nowhere"))?;
    let mut context = Map::new();
    for action in wanted {
        match actions {
            Actions::Do => act(cx, definition, &mut next, &action)?,
            Actions::Leave => {
                let (Action::CreateAccount { step, .. } | Action::UpdateAccount { step, .. }) = action;
                let left = context.entry("refused-steps").or_insert_with(|| json!([]));
                if let Value::Array(left) = left {
                    left.push(step.into());
                }
            }
        }
    }
    let at = within_attempts(definition, &next, at);
    next.flow.turn += 1;
    next.previous_step = Some(from);
    if let Some(step) = at.step() {
        next.next_step = Some(step.name.clone());
    }
    let mut told: Told = (EventName::InquiryTransitioned, Map::new());
    if !context.is_empty() {
        told.1.insert("context".to_owned(), Value::Object(context));
    }
    record::update(cx, &mut place.inquiry, next, vec![told])?;
    match at {
        At::Page(step) => get_ready(cx, place, (step, facilities)),
        At::Completed(_) => move_to(cx, &mut place.inquiry, Trigger::Complete, |_| {}, Vec::new()),
        At::Failed(_) => move_to(cx, &mut place.inquiry, Trigger::Fail, |_| {}, Vec::new()),
    }
}

/// Sends the code of a step that a person comes to. What stands against it is said when they ask for one.
fn get_ready(cx: &mut Cx<'_, '_>, place: &mut Place, (step, facilities): (&Step, &Facilities)) -> Result<()> {
    if matches!(step.kind, StepKind::EmailCode { .. } | StepKind::PhoneCode { .. }) {
        place.verification = under_way(cx.tx, cx.scope, cx.master, (&place.inquiry.item, &place.version))?;
        let _ = code::send(cx, place, (step, facilities))?;
    }
    Ok(())
}

/// Where a flow comes to stay. An inquiry can fail where its template has no page for it.
enum At<'d> {
    Page(&'d Step),
    Completed(&'d Step),
    Failed(Option<&'d Step>),
}

impl<'d> At<'d> {
    fn step(&self) -> Option<&'d Step> {
        match self {
            Self::Page(step) | Self::Completed(step) => Some(step),
            Self::Failed(step) => *step,
        }
    }
}

/// Ends a flow that leads to a verification whose attempts are used up.
fn within_attempts<'d>(definition: &'d Definition, inquiry: &Inquiry, at: Stop<'d>) -> At<'d> {
    match at {
        Stop::Completed(step) => At::Completed(step),
        Stop::Failed(step) => At::Failed(Some(step)),
        Stop::Page(step) => {
            let key = step.kind.verification();
            let allowed = key.and_then(|key| definition.verification(key)).map(|one| one.config.attempts_max);
            let submitted = key.and_then(|key| inquiry.flow.attempts.get(key)).map_or(0, |one| one.submitted);
            if allowed.is_some_and(|allowed| submitted >= allowed) {
                let failure = definition.steps.iter().find(|step| matches!(step.kind, StepKind::Fail));
                return At::Failed(failure);
            }
            At::Page(step)
        }
    }
}

/// Does what a flow does between two pages.
fn act(
    cx: &mut Cx<'_, '_>,
    definition: &Definition,
    inquiry: &mut Inquiry,
    action: &Action<'_>,
) -> Result<()> {
    match (action, &inquiry.account) {
        (Action::CreateAccount { .. }, Some(_)) | (Action::UpdateAccount { .. }, None) => Ok(()),
        (Action::CreateAccount { account_type, .. }, None) => {
            let choice =
                AccountChoice { auto_create_type_id: account_type.cloned(), ..AccountChoice::default() };
            inquiry.account = accounts::attach(cx, &choice)?;
            Ok(())
        }
        (Action::UpdateAccount { fields, .. }, Some(account)) => {
            if is_strangers(cx, inquiry, account)? {
                return Ok(());
            }
            let values = definition.account_fields(fields, &definition.effective(&inquiry.fields));
            let wishes = Wishes { fields: values.0, ..Wishes::default() };
            accounts::update(cx, &UpdateAccount { id: account.clone(), wishes }).map(|_| ())
        }
    }
}
