//! The pages that take documents, government IDs and selfies.

use axum::body::Body;
use axum::http::Response;
use muster_app::inquiries::flow::{self, Wrong};
use muster_domain::inquiry_template::{ID_CLASSES, Step, VerificationConfig};

use super::{Page, finish, form};
use crate::countries;
use crate::inputs::{self, FILE_MEGABYTES, plain};
use crate::page::{Choice, Control, Fault, FormPage, Input};
use crate::words::fill;

/// Most inputs of files on one page.
const FILE_INPUTS_MAX: u32 = 10;

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

pub(super) fn document(
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

pub(super) fn government_id(mut page: Page<'_>, step: &Step, key: &str) -> Response<Body> {
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

pub(super) fn selfie(mut page: Page<'_>, step: &Step, key: &str) -> Response<Body> {
    let title = page.words.selfie_title;
    begin_evidence(&mut page, step, title, key);
    let accepted = ["image/jpeg", "image/png", "image/heic", "image/webp"];
    let kind = Control::File { accept: accepted.join(","), capture: "user" };
    let hint = Some(page.words.selfie_hint.to_owned());
    let controls = vec![Input { hint, ..plain("center", page.words.selfie_label, kind) }];
    evidence(page, step, controls, &type_names(&accepted))
}
