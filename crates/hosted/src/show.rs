//! A page of a place in a flow.

mod code;
mod evidence;

use axum::body::Body;
use axum::http::{Response, StatusCode};
use muster_app::Scope;
use muster_app::inquiries::flow::{Facilities, Place, Wrong};
use muster_app::inquiries::is_sandbox;
use muster_domain::Violation;
use muster_domain::inquiry::InquiryStatus;
use muster_domain::inquiry_template::{Definition, Outcome, Step, StepKind};

use crate::assets::ASSETS;
use crate::guard::form_token;
use crate::inputs;
use crate::page::{EndPage, Fault, FormPage, Frame, Input, Language, LeavePage, Progress, Sandbox, Variant};
use crate::reply::{self, nonce};
use crate::sent::Members;
use crate::theme;
use crate::visitor::Trouble;
use crate::words::{LANGUAGES, Words, fill};

pub use code::other_address_page;

/// What a page is made from.
pub struct Scene<'a> {
    /// Where the person is.
    pub place: &'a Place,
    /// In whose name, where and when.
    pub scope: &'a Scope,
    /// What the installation can do.
    pub facilities: &'a Facilities,
    /// Where the person goes at the end.
    pub onward: Option<String>,
    /// What was typed and what is wrong with it.
    pub refused: Refused<'a>,
    /// Something to tell.
    pub notice: Option<String>,
}

/// What was typed and what is wrong with it; nothing on a page that is opened.
#[derive(Default)]
pub struct Refused<'a> {
    /// What was typed.
    pub typed: Option<&'a Members>,
    /// What is wrong with values of fields.
    pub violations: &'a [Violation],
    /// What is wrong with anything else.
    pub wrong: &'a [Wrong],
}

/// What the parts of a page share.
struct Page<'a> {
    scene: &'a Scene<'a>,
    definition: &'a Definition,
    words: &'static Words,
    language: String,
    frame: Frame,
}

impl<'a> Page<'a> {
    fn new(scene: &'a Scene<'a>) -> Self {
        let definition = &scene.place.version.definition;
        let flow = &scene.place.inquiry.item.flow;
        let wanted = flow.language.as_deref().unwrap_or(&definition.default_language);
        let language = definition.language_for(wanted).to_owned();
        let words = Words::in_language(&language);
        let session = &scene.place.session.item.id;
        let step = scene.place.step();
        let progress = step.and_then(|step| definition.progress(&step.name));
        let title = step.map_or("", |step| definition.say(step.title.as_ref(), &language));
        let text = step.map_or("", |step| definition.say(step.text.as_ref(), &language));
        let frame = Frame {
            words,
            lang: language.clone(),
            title: title.to_owned(),
            paragraphs: paragraphs(text),
            variant: Variant::parse(flow.variant.as_deref().unwrap_or_default()),
            theme: theme::rules(&definition.theme),
            nonce: nonce(),
            assets: &ASSETS,
            progress: progress.filter(|progress| progress.total > 1).map(|progress| Progress {
                text: fill(words.step_of, &[&progress.position.to_string(), &progress.total.to_string()]),
                position: progress.position,
                total: progress.total,
            }),
            languages: languages(definition, &language),
            path: format!("/verify/{}", scene.place.inquiry.item.id),
            csrf: form_token(&scene.scope.environment, session),
            step: step.map(|step| step.name.clone()).unwrap_or_default(),
            turn: flow.turn,
            faults: Vec::new(),
            notice: scene.notice.clone(),
            sandbox: is_sandbox(scene.scope).then_some(Sandbox { offers_outcomes: false }),
            can_leave: true,
        };
        Self { scene, definition, words, language, frame }
    }

    fn say(&self, text: Option<&muster_domain::inquiry_template::Text>, otherwise: &str) -> String {
        let said = self.definition.say(text, &self.language);
        if said.is_empty() { otherwise.to_owned() } else { said.to_owned() }
    }

    /// Puts faults beside their inputs, and all of them at the top.
    fn mark(&mut self, controls: &mut [Input], accepted: &str) {
        let refused = &self.scene.refused;
        let of_fields = refused.violations.iter().map(|violation| {
            let key = violation.path.first().cloned().unwrap_or_default();
            let text = inputs::of_violation(self.words, self.definition.field(&key), violation);
            (key, text)
        });
        let others = refused
            .wrong
            .iter()
            .map(|wrong| (wrong.input.clone(), inputs::of_wrong(self.words, wrong, accepted)));
        for (name, text) in of_fields.chain(others).collect::<Vec<_>>() {
            let input = controls.iter_mut().find(|input| input.name == name);
            let (at, label) = match &input {
                Some(input) => (input.id.clone(), input.label.clone()),
                None => (String::new(), String::new()),
            };
            if let Some(input) = input {
                if input.fault.is_some() {
                    continue;
                }
                input.fault = Some(text.clone());
            }
            self.frame.faults.push(Fault { at, label, text });
        }
    }

    /// What was typed into an input.
    fn typed(&self, name: &str) -> String {
        let typed = self.scene.refused.typed.and_then(|typed| typed.get(name));
        typed.unwrap_or_default().to_owned()
    }

    /// Says that the last attempt did not pass, where the flow leads back at once.
    fn note_attempt(&mut self, key: &str) {
        let attempts = self.scene.place.inquiry.item.flow.attempts.get(key);
        let failed = attempts.is_some_and(|attempts| attempts.outcome == Some(Outcome::Failed));
        if failed && self.frame.notice.is_none() && self.scene.refused.typed.is_none() {
            self.frame.notice = Some(self.words.try_again.to_owned());
        }
    }
}

fn paragraphs(text: &str) -> Vec<String> {
    let parts = text.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn languages(definition: &Definition, chosen: &str) -> Vec<Language> {
    let name = |code: &str| {
        let base = code.split('-').next().unwrap_or_default();
        let known = LANGUAGES.iter().find(|(words, _)| words.code == base);
        match known {
            Some((_, name)) if code == base => (*name).to_owned(),
            Some((_, name)) => format!("{name} ({})", &code[base.len() + 1..]),
            None => code.to_owned(),
        }
    };
    let make = |code: &String| Language { code: code.clone(), name: name(code), is_chosen: code == chosen };
    definition.languages.iter().map(make).collect()
}

/// The page of a place.
///
/// # Errors
/// When the inquiry is at a step that its template does not have.
pub fn show(scene: &Scene<'_>) -> Result<Response<Body>, Trouble> {
    let page = Page::new(scene);
    let status = scene.place.inquiry.item.status;
    if matches!(status, InquiryStatus::Completed | InquiryStatus::Failed) {
        return Ok(end(page));
    }
    let step = scene.place.step().ok_or_else(|| Trouble::Broken("an inquiry is at no step".to_owned()))?;
    Ok(match &step.kind {
        StepKind::EmailCode { .. } | StepKind::PhoneCode { .. } => code::code(page, step),
        StepKind::Document { mime_types, files_max, verification, .. } => {
            evidence::document(page, step, (mime_types, *files_max, verification))
        }
        StepKind::GovernmentId { verification, .. } => evidence::government_id(page, step, verification),
        StepKind::Selfie { verification, .. } => evidence::selfie(page, step, verification),
        _ => form(page, step),
    })
}

/// The question before leaving.
pub fn leaving(scene: &Scene<'_>) -> Response<Body> {
    let mut page = Page::new(scene);
    page.frame.title = page.words.leave_title.to_owned();
    page.frame.paragraphs = vec![page.words.leave_text.to_owned()];
    (page.frame.can_leave, page.frame.progress) = (false, None);
    let nonce = page.frame.nonce.clone();
    reply::page(StatusCode::OK, &LeavePage { frame: page.frame }, &nonce)
}

fn finish(page: Page<'_>, form: impl FnOnce(Frame) -> FormPage) -> Response<Body> {
    let status = if page.frame.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    // A page that was opened is fine, whatever it has to say.
    let status = if page.scene.refused.typed.is_none() { StatusCode::OK } else { status };
    let nonce = page.frame.nonce.clone();
    reply::page(status, &form(page.frame), &nonce)
}

fn form(mut page: Page<'_>, step: &Step) -> Response<Body> {
    let values = page.scene.place.values();
    let mut controls = match &step.kind {
        StepKind::Form { inputs, .. } => {
            let known = (&values, page.scene.refused.typed);
            inputs::of_form(page.definition, inputs, known, &page.language)
        }
        _ => Vec::new(),
    };
    page.mark(&mut controls, "");
    let button = page.say(step.button.as_ref(), page.words.next);
    finish(page, |frame| FormPage {
        frame,
        action: "submit",
        brings_files: false,
        controls,
        aside: None,
        button,
        others: Vec::new(),
    })
}

fn end(mut page: Page<'_>) -> Response<Body> {
    let has_failed = page.scene.place.inquiry.item.status == InquiryStatus::Failed;
    let otherwise = if has_failed { page.words.failed_title } else { page.words.done_title };
    let step = page.scene.place.step().filter(|step| step.kind.is_terminal());
    let title = step.and_then(|step| step.title.as_ref());
    page.frame.title = page.say(title, otherwise);
    if step.is_none() {
        page.frame.paragraphs = Vec::new();
    }
    (page.frame.can_leave, page.frame.progress) = (false, None);
    page.frame.languages = Vec::new();
    let button = page.say(step.and_then(|step| step.button.as_ref()), page.words.next);
    let nonce = page.frame.nonce.clone();
    let (frame, onward) = (page.frame, page.scene.onward.clone());
    reply::page(StatusCode::OK, &EndPage { frame, onward, button }, &nonce)
}
