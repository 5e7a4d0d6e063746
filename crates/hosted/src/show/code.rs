//! The pages that send a code and ask for it.

use axum::body::Body;
use axum::http::Response;
use muster_app::inquiries::flow::{self, CodeState, Wrong};
use muster_app::verifications::Delivery;
use muster_domain::inquiry_template::{Step, StepKind};

use super::{Page, Scene, finish, form};
use crate::inputs::{self, plain};
use crate::page::{Control, Fault, FormPage, Input, Other};
use crate::words::{Words, fill};

pub(super) fn code(mut page: Page<'_>, step: &Step) -> Response<Body> {
    let Some(state) = flow::code_state(page.scene.place, page.scene.scope.now) else {
        return form(page, step);
    };
    let is_mail = matches!(step.kind, StepKind::EmailCode { .. });
    let delivery = page.scene.facilities.delivery(step);
    page.frame.title = page.say(step.title.as_ref(), page.words.code_title);
    page.note_attempt(&state.verification);
    if let Some(sandbox) = &mut page.frame.sandbox {
        sandbox.offers_outcomes = state.to.is_some();
    }
    let refused = &page.scene.refused;
    if refused.wrong.is_empty()
        && let Err(fault) = delivery
    {
        let text = inputs::of_wrong(page.words, &Wrong::general(fault), "");
        page.frame.faults.push(Fault { at: String::new(), label: String::new(), text });
    }
    let wants_address = page.scene.refused.wrong.iter().any(|wrong| wrong.input == "address");
    if state.to.is_none() || wants_address {
        return address(page, step, &state);
    }
    if !state.is_sent {
        let mut none = Vec::new();
        page.mark(&mut none, "");
        let others = vec![other_address(page.words, is_mail)];
        let button = page.words.code_send.to_owned();
        return finish(page, |frame| FormPage {
            frame,
            action: "resend",
            brings_files: false,
            controls: none,
            aside: None,
            button,
            others,
        });
    }
    let to = state.to.as_deref().unwrap_or_default();
    page.frame.paragraphs = vec![match delivery {
        Ok(Delivery::Shown) => fill(page.words.code_sandbox, &[flow::sandbox_code()]),
        _ => fill(page.words.code_sent, &[to]),
    }];
    let digits = Control::Line { kind: "text", mode: "numeric", value: String::new(), length_max: 12 };
    let mut controls = vec![Input {
        hint: Some(page.words.code_hint.to_owned()),
        autocomplete: Some("one-time-code".to_owned()),
        ..plain("code", page.words.code_label, digits)
    }];
    page.mark(&mut controls, "");
    let mut others = Vec::new();
    if state.may_send {
        let text = page.words.code_resend.to_owned();
        if state.wait_seconds > 0 {
            let said = fill(page.words.code_wait, &[&state.wait_seconds.to_string()]);
            others.push(Other::Say { text: said });
        }
        others.push(Other::Send { path: "resend", text, wait_seconds: state.wait_seconds });
    }
    others.push(other_address(page.words, is_mail));
    let button = page.say(step.button.as_ref(), page.words.code_confirm);
    finish(page, |frame| FormPage {
        frame,
        action: "submit",
        brings_files: false,
        controls,
        aside: None,
        button,
        others,
    })
}

fn other_address(words: &'static Words, is_mail: bool) -> Other {
    let text = if is_mail { words.change_address } else { words.change_phone };
    Other::Go { path: "address", text: text.to_owned() }
}

/// The page that asks where the code is to go.
fn address(mut page: Page<'_>, step: &Step, state: &CodeState) -> Response<Body> {
    let is_mail = matches!(step.kind, StepKind::EmailCode { .. });
    let typed = page.typed("address");
    let value = if typed.is_empty() { state.to.clone().unwrap_or_default() } else { typed };
    let control = match is_mail {
        true => Control::Line { kind: "email", mode: "email", value, length_max: 254 },
        false => Control::Line { kind: "tel", mode: "tel", value, length_max: 40 },
    };
    let label = if is_mail { page.words.address_label } else { page.words.phone_label };
    let fill_in = if is_mail { "email" } else { "tel" };
    let mut controls =
        vec![Input { autocomplete: Some(fill_in.to_owned()), ..plain("address", label, control) }];
    page.frame.title = label.to_owned();
    page.frame.paragraphs = Vec::new();
    page.mark(&mut controls, "");
    let button = page.words.code_send.to_owned();
    finish(page, |frame| FormPage {
        frame,
        action: "address",
        brings_files: false,
        controls,
        aside: None,
        button,
        others: Vec::new(),
    })
}

/// The page that asks where the code is to go, though that is known.
pub fn other_address_page(scene: &Scene<'_>) -> Option<Response<Body>> {
    let page = Page::new(scene);
    let step = scene.place.step()?;
    let state = flow::code_state(scene.place, scene.scope.now)?;
    Some(address(page, step, &state))
}
