//! Pages as people see them, made of sample data: for looking at, and for what holds of every page.

use std::sync::LazyLock;

use crate::page::{
    Assets, Choice, Control, EndPage, Fault, FormPage, Frame, Input, Language, LeavePage, MessagePage, Other,
    Progress, Sandbox, Variant,
};
use crate::words::{LANGUAGES, Words, fill};

static ASSETS: LazyLock<Assets> =
    LazyLock::new(|| Assets { style: "hosted.css".into(), script: "hosted.js".into() });

fn frame(title: &str, text: &str, at: (u32, u32)) -> Frame {
    let words = Words::in_language("en");
    let language = |(known, name): &(&'static Words, &'static str)| Language {
        code: known.code.into(),
        name: (*name).into(),
        is_chosen: known.code == "en",
    };
    Frame {
        words,
        lang: "en".into(),
        title: title.into(),
        paragraphs: if text.is_empty() { vec![] } else { vec![text.into()] },
        variant: Variant::Auto,
        theme: String::new(),
        nonce: "n".into(),
        assets: &ASSETS,
        progress: Some(Progress {
            text: fill(words.step_of, &[&at.0.to_string(), &at.1.to_string()]),
            position: at.0,
            total: at.1,
        }),
        languages: LANGUAGES.iter().map(language).collect(),
        path: "/verify/inq_sample".into(),
        csrf: "token".into(),
        step: "start".into(),
        turn: 3,
        faults: vec![],
        notice: None,
        sandbox: Some(Sandbox { offers_outcomes: false }),
        can_leave: true,
    }
}

fn input(name: &str, label: &str, kind: Control) -> Input {
    Input {
        id: format!("in-{name}"),
        name: name.into(),
        label: label.into(),
        hint: None,
        required: true,
        autocomplete: None,
        kind,
        fault: None,
        is_country: false,
    }
}

fn line(value: &str) -> Control {
    Control::Line { kind: "text", mode: "", value: value.into(), length_max: 255 }
}

fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.into(), label: label.into(), is_chosen: false }
}

fn file() -> Control {
    Control::File { accept: "image/png,application/pdf".into(), capture: "environment" }
}

fn form(frame: Frame, controls: Vec<Input>, button: &str, others: Vec<Other>) -> FormPage {
    let brings_files = controls.iter().any(|one| matches!(one.kind, Control::File { .. }));
    FormPage { frame, action: "submit", brings_files, controls, aside: None, button: button.into(), others }
}

fn fault(at: &str, label: &str, text: &str) -> Fault {
    Fault { at: at.into(), label: label.into(), text: text.into() }
}

fn show(page: &dyn askama::DynTemplate) -> String {
    page.dyn_render().unwrap()
}

/// A form with an input of every look; two of them are wrong if there are faults.
fn start(faults: Vec<Fault>) -> String {
    let words = Words::in_language("en");
    let frame = Frame { faults, ..frame("Let us get to know you", "It takes a few minutes.", (1, 4)) };
    let is_wrong = !frame.faults.is_empty();
    let date = Control::Date { value: String::new(), min: "1900-01-01".into(), max: String::new() };
    let email =
        Control::Line { kind: "email", mode: "email", value: "jane@example.com".into(), length_max: 254 };
    let kinds = vec![choice("a", "Private person"), choice("b", "Sole trader"), choice("c", "Company")];
    let several = Control::Options { options: kinds.clone(), several: true };
    let select = Control::Select { options: vec![choice("DE", "Germany"), choice("FR", "France")] };
    let mut controls = vec![
        Input {
            autocomplete: Some("given-name".into()),
            ..input("name-first", "First name", line("Jane \"<b>\""))
        },
        input("name-last", "Last name", line("")),
        input("birthdate", "Birthdate", date),
        Input { hint: Some("We send a code there.".into()), ..input("email", "Email address", email) },
        input("kind", "You apply as", Control::Options { options: kinds, several: false }),
        input("kinds", "You are", several),
        Input { is_country: true, ..input("country", "Country", select) },
        Input {
            required: false,
            ..input("note", "Else?", Control::Lines { value: String::new(), mono: false })
        },
        Input { required: false, ..input("news", "Send me news", Control::Tick { is_on: false }) },
    ];
    if is_wrong {
        controls[1].fault = Some(words.required.into());
        controls[2].fault = Some(words.bad_date.into());
        controls[4].fault = Some(words.pick_one.into());
    }
    show(&form(frame, controls, "Start", vec![]))
}

fn code(variant: Variant) -> String {
    let words = Words::in_language("en");
    let mut frame = frame("Enter the code", &fill(words.code_sandbox, &["123456"]), (2, 4));
    (frame.variant, frame.sandbox) = (variant, Some(Sandbox { offers_outcomes: true }));
    frame.notice = Some(words.try_again.into());
    let digits = Control::Line { kind: "text", mode: "numeric", value: String::new(), length_max: 12 };
    let digits = Input {
        autocomplete: Some("one-time-code".into()),
        hint: Some(words.code_hint.into()),
        ..input("code", words.code_label, digits)
    };
    let others = vec![
        Other::Say { text: fill(words.code_wait, &["30"]) },
        Other::Send { path: "resend", text: words.code_resend.into(), wait_seconds: 30 },
        Other::Go { path: "address", text: words.change_address.into() },
    ];
    show(&form(frame, vec![digits], words.code_confirm, others))
}

fn evidence() -> String {
    let words = Words::in_language("en");
    let zone = Control::Lines { value: "P<UTOERIKSSON<<ANNA<MARIA".into(), mono: true };
    let controls = vec![
        Input { hint: Some(fill(words.file_hint, &["PDF", "10"])), ..input("front", words.id_front, file()) },
        Input { required: false, ..input("back", words.id_back, file()) },
        Input { hint: Some(words.mrz_hint.into()), ..input("mrz", words.mrz_label, zone) },
    ];
    show(&form(frame("Show your government ID", "", (4, 4)), controls, words.upload, vec![]))
}

fn end() -> String {
    let frame = Frame { can_leave: false, ..frame("Thank you", "That is all we need.", (4, 4)) };
    let onward = Some("https://example.com/?status=completed".into());
    show(&EndPage { frame, onward, button: "Continue".into() })
}

fn pages() -> Vec<(&'static str, String)> {
    let words = Words::in_language("en");
    let faults = vec![
        fault("in-name-last", "Last name", words.required),
        fault("in-birthdate", "Birthdate", words.bad_date),
        fault("in-kind", "You apply as", words.pick_one),
        fault("", "", words.no_mail),
    ];
    let lost = Frame {
        path: String::new(),
        progress: None,
        ..frame(words.session_title, words.session_text, (1, 1))
    };
    vec![
        ("form", start(vec![])),
        ("form with faults", start(faults)),
        ("code", code(Variant::Auto)),
        ("code in the dark", code(Variant::Dark)),
        ("evidence", evidence()),
        ("end", end()),
        ("leave", show(&LeavePage { frame: frame(words.leave_title, words.leave_text, (2, 4)) })),
        ("message", show(&MessagePage { frame: lost, onward: None })),
    ]
}

/// The values of an attribute.
fn values<'p>(page: &'p str, attribute: &str) -> Vec<&'p str> {
    let opening = format!(" {attribute}=\"");
    page.split(&opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_input_has_a_label_and_every_reference_leads_somewhere() {
    for (name, page) in pages() {
        let ids = values(&page, "id");
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids.len(), "{name} has an ID twice");
        for referred in ["for", "aria-describedby", "aria-labelledby"].map(|one| values(&page, one)).concat()
        {
            for one in referred.split(' ') {
                assert!(ids.contains(&one), "{name} refers to {one}");
            }
        }
        let labelled = values(&page, "for");
        for part in page
            .split('<')
            .filter(|part| ["input ", "select ", "textarea "].iter().any(|tag| part.starts_with(tag)))
        {
            if part.contains("type=\"hidden\"") {
                continue;
            }
            let id = values(part, "id");
            assert!(id.iter().all(|id| labelled.contains(id)) && !id.is_empty(), "{name}: {part}");
        }
    }
}

#[test]
fn nothing_of_a_page_is_run_or_fetched_from_elsewhere() {
    for (name, page) in pages() {
        assert!(!page.contains("<b>"), "{name} has what somebody entered as markup");
        assert!(!page.contains(" style=") && !page.contains(" onclick="), "{name}");
        let scripts = page.matches("<script").count();
        assert_eq!(scripts, values(&page, "src").len(), "{name}");
    }
}
