//! A page of a place in a flow.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use muster_app::Scope;
use muster_app::inquiries::flow::{self, CodeState, Facilities, Place, Wrong};
use muster_app::inquiries::is_sandbox;
use muster_app::verifications::Delivery;
use muster_domain::Violation;
use muster_domain::inquiry::InquiryStatus;
use muster_domain::inquiry_template::{Definition, ID_CLASSES, Outcome, Step, StepKind, VerificationConfig};

use crate::assets::ASSETS;
use crate::countries;
use crate::guard::form_token;
use crate::inputs::{self, FILE_MEGABYTES, plain};
use crate::page::{
    Choice, Control, EndPage, Fault, FormPage, Frame, Input, Language, LeavePage, Other, Progress, Sandbox,
    Variant,
};
use crate::reply::{self, nonce};
use crate::sent::Members;
use crate::theme;
use crate::words::{LANGUAGES, Words, fill};

/// Most inputs of files on one page.
const FILE_INPUTS_MAX: u32 = 10;

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
pub fn show(scene: &Scene<'_>) -> Response<Body> {
    let page = Page::new(scene);
    let status = scene.place.inquiry.item.status;
    if matches!(status, InquiryStatus::Completed | InquiryStatus::Failed) {
        return end(page);
    }
    let Some(step) = scene.place.step() else {
        let broken = crate::visitor::Trouble::Broken("an inquiry is at no step".to_owned());
        return reply::trouble(&crate::visitor::Head::unknown(), &broken);
    };
    match &step.kind {
        StepKind::EmailCode { .. } | StepKind::PhoneCode { .. } => code(page, step),
        StepKind::Document { mime_types, files_max, verification, .. } => {
            document(page, step, (mime_types, *files_max, verification))
        }
        StepKind::GovernmentId { verification, .. } => government_id(page, step, verification),
        StepKind::Selfie { verification, .. } => selfie(page, step, verification),
        _ => form(page, step),
    }
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

fn code(mut page: Page<'_>, step: &Step) -> Response<Body> {
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

/// What pages for evidence share: title, sandbox bar, and what stands against the step.
fn begin_evidence(page: &mut Page<'_>, step: &Step, title: &str, key: &str) {
    page.frame.title = page.say(step.title.as_ref(), title);
    page.note_attempt(key);
    if let Some(sandbox) = &mut page.frame.sandbox {
        sandbox.offers_outcomes = true;
    }
    if page.scene.refused.wrong.is_empty()
        && let Some(fault) = page.scene.facilities.missing(step)
    {
        let text = inputs::of_wrong(page.words, &Wrong::general(fault), "");
        page.frame.faults.push(Fault { at: String::new(), label: String::new(), text });
    }
}

fn evidence(mut page: Page<'_>, step: &Step, mut controls: Vec<Input>, accepted: &str) -> Response<Body> {
    page.mark(&mut controls, accepted);
    let button = page.say(step.button.as_ref(), page.words.upload);
    finish(page, |frame| FormPage {
        frame,
        action: "submit",
        brings_files: true,
        controls,
        aside: None,
        button,
        others: Vec::new(),
    })
}

/// The names of media types, as people know them.
fn type_names(mime_types: &[&str]) -> String {
    let name = |mime_type: &&str| {
        let short = mime_type.rsplit('/').next().unwrap_or_default();
        match short {
            "jpeg" => "JPEG".to_owned(),
            "svg+xml" => "SVG".to_owned(),
            "plain" => "text".to_owned(),
            other if other.len() <= 5 => other.to_ascii_uppercase(),
            other => other.to_owned(),
        }
    };
    mime_types.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn document(
    mut page: Page<'_>,
    step: &Step,
    (mime_types, files_max, key): (&[String], u32, &str),
) -> Response<Body> {
    let title = page.words.document_title;
    begin_evidence(&mut page, step, title, key);
    let accepted: Vec<&str> = mime_types.iter().map(String::as_str).collect();
    let names = type_names(&accepted);
    let make = |number: u32| {
        let label = match files_max {
            1 => page.words.file_only.to_owned(),
            _ => fill(page.words.file_label, &[&number.to_string()]),
        };
        let kind = Control::File { accept: accepted.join(","), capture: "" };
        let hint = fill(page.words.file_hint, &[&names, FILE_MEGABYTES]);
        let is_first = number == 1;
        let hint = is_first.then_some(hint);
        Input { hint, required: is_first, ..plain(&format!("file-{number}"), &label, kind) }
    };
    let controls = (1..=files_max.min(FILE_INPUTS_MAX)).map(make).collect();
    evidence(page, step, controls, &names)
}

fn government_id(mut page: Page<'_>, step: &Step, key: &str) -> Response<Body> {
    let title = page.words.id_title;
    begin_evidence(&mut page, step, title, key);
    let Some(template) = page.definition.verification(key) else { return form(page, step) };
    let accepted = flow::ID_MEDIA_TYPES;
    let (names, accept) = (type_names(&accepted), accepted.join(","));
    let words = page.words;
    let mut controls = Vec::new();
    controls.extend(classes(&page, &template.config));
    controls.push(country(&page, &template.config));
    let picture = || Control::File { accept: accept.clone(), capture: "" };
    let hint = fill(words.file_hint, &[&names, FILE_MEGABYTES]);
    controls.push(Input { hint: Some(hint), ..plain("front", words.id_front, picture()) });
    controls.push(Input { required: false, ..plain("back", words.id_back, picture()) });
    let lines = Control::Lines { value: page.typed("mrz"), mono: true };
    controls.push(Input {
        required: false,
        hint: Some(words.mrz_hint.to_owned()),
        ..plain("mrz", words.mrz_label, lines)
    });
    let text = Control::File { accept: "text/plain,.txt".to_owned(), capture: "" };
    controls.push(Input { required: false, ..plain("mrz-file", words.mrz_file, text) });
    evidence(page, step, controls, &names)
}

/// The choice of a class of ID; none where there is only one.
fn classes(page: &Page<'_>, config: &VerificationConfig) -> Option<Input> {
    let words = page.words;
    let name = |class: &str| match class {
        "pp" => words.class_pp,
        "ppc" => words.class_ppc,
        "dl" => words.class_dl,
        "id" => words.class_id,
        "rp" => words.class_rp,
        "pr" => words.class_pr,
        "visa" => words.class_visa,
        "wp" => words.class_wp,
        "mid" => words.class_mid,
        _ => words.class_cid,
    };
    let known: Vec<&str> = match config.id_classes.is_empty() {
        true => ID_CLASSES.to_vec(),
        false => config.id_classes.iter().map(String::as_str).collect(),
    };
    if known.len() < 2 {
        return None;
    }
    let typed = page.typed("class");
    let make = |class: &&str| Choice {
        value: (*class).to_owned(),
        label: name(class).to_owned(),
        is_chosen: typed == **class,
    };
    let options: Vec<Choice> = known.iter().map(make).collect();
    let kind = match options.len() {
        0..=4 => Control::Options { options, several: false },
        _ => Control::Select { options },
    };
    Some(plain("class", words.id_class, kind))
}

fn country(page: &Page<'_>, config: &VerificationConfig) -> Input {
    let typed = page.typed("country");
    let make = |(code, name): &(&str, &str)| Choice {
        value: (*code).to_owned(),
        label: (*name).to_owned(),
        is_chosen: typed == *code,
    };
    let is_accepted =
        |code: &str| config.countries.is_empty() || config.countries.iter().any(|known| known == code);
    let options = countries::ALL.iter().filter(|(code, _)| is_accepted(code)).map(make).collect();
    let kind = Control::Select { options };
    Input { required: false, is_country: true, ..plain("country", page.words.id_country, kind) }
}

fn selfie(mut page: Page<'_>, step: &Step, key: &str) -> Response<Body> {
    let title = page.words.selfie_title;
    begin_evidence(&mut page, step, title, key);
    let accepted = ["image/jpeg", "image/png", "image/heic", "image/webp"];
    let kind = Control::File { accept: accepted.join(","), capture: "user" };
    let hint = Some(page.words.selfie_hint.to_owned());
    let controls = vec![Input { hint, ..plain("center", page.words.selfie_label, kind) }];
    evidence(page, step, controls, &type_names(&accepted))
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
