//! Pages as people see them, made of sample data: for looking at, and for what holds of every page.

use std::sync::LazyLock;

use askama::Template;

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

fn pages() -> Vec<(&'static str, String)> {
    let mut wrong = frame(
        "Let us get to know you",
        "It takes a few minutes. Have a government ID and a recent bill at hand.",
        (1, 4),
    );
    let fault =
        |at: &str, label: &str, text: &str| Fault { at: at.into(), label: label.into(), text: text.into() };
    wrong.faults = vec![
        fault("in-name-last", "Last name", wrong.words.required),
        fault("in-birthdate", "Birthdate", wrong.words.bad_date),
    ];
    let controls = |is_wrong: bool| {
        let mut last = input("name-last", "Last name", line(""));
        let date = Control::Date { value: String::new(), min: "1900-01-01".into(), max: String::new() };
        let mut born = input("birthdate", "Birthdate", date);
        if is_wrong {
            last.fault = Some(wrong.words.required.into());
            born.fault = Some(wrong.words.bad_date.into());
        }
        let mail =
            Control::Line { kind: "email", mode: "email", value: "jane@example.com".into(), length_max: 255 };
        let mail =
            Input { hint: Some("We send a code there.".into()), ..input("email", "Email address", mail) };
        let risk = Control::Options {
            options: vec![
                choice("a", "Private person"),
                choice("b", "Sole trader"),
                choice("c", "On behalf of a company"),
            ],
            several: false,
        };
        let tick = Input {
            required: false,
            ..input("news", "I would like to hear about news", Control::Tick { is_on: false })
        };
        let note = Input {
            required: false,
            ..input("note", "Anything else?", Control::Lines { value: String::new(), mono: false })
        };
        let first = Input {
            autocomplete: Some("given-name".into()),
            ..input("name-first", "First name", line("Jane \"<b>\""))
        };
        vec![first, last, born, mail, input("kind", "You apply as", risk), note, tick]
    };
    let words = wrong.words;
    let start = frame(
        "Let us get to know you",
        "It takes a few minutes. Have a government ID and a recent bill at hand.",
        (1, 4),
    );
    let mut code = frame("Enter the code", &fill(words.code_sent, &["j•••@example.com"]), (2, 4));
    code.sandbox = Some(Sandbox { offers_outcomes: true });
    code.notice = Some(fill(words.code_sandbox, &["482 915"]));
    let digits = Control::Line { kind: "text", mode: "numeric", value: String::new(), length_max: 12 };
    let digits = Input {
        autocomplete: Some("one-time-code".into()),
        hint: Some(words.code_hint.into()),
        ..input("code", words.code_label, digits)
    };
    let others = vec![
        Other::Send { path: "resend", text: words.code_resend.into(), wait_seconds: 0 },
        Other::Go { path: "address", text: words.change_address.into() },
    ];
    let mut document =
        frame("Show where you live", "Upload a bill or a bank statement of the last three months.", (3, 4));
    document.sandbox = Some(Sandbox { offers_outcomes: true });
    let files = (1..=3).map(|n| Input {
        required: n == 1,
        hint: (n == 1).then(|| fill(words.file_hint, &["PDF, JPEG, PNG", "10"])),
        ..input(&format!("file-{n}"), &fill(words.file_label, &[&n.to_string()]), file())
    });
    let mut id = frame("Show your government ID", "A passport, a driver’s license or an ID card.", (4, 4));
    id.sandbox = Some(Sandbox { offers_outcomes: true });
    let zone = Control::Lines {
        value: "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
            .into(),
        mono: true,
    };
    let id_controls = vec![
        input(
            "class",
            words.id_class,
            Control::Options {
                options: vec![
                    choice("pp", words.class_pp),
                    choice("dl", words.class_dl),
                    choice("id", words.class_id),
                ],
                several: false,
            },
        ),
        Input {
            is_country: true,
            required: false,
            ..input(
                "country",
                words.id_country,
                Control::Select {
                    options: vec![
                        choice("DE", "Germany"),
                        choice("FR", "France"),
                        choice("US", "United States"),
                    ],
                },
            )
        },
        Input {
            hint: Some(fill(words.file_hint, &["JPEG, PNG, HEIC, PDF", "10"])),
            ..input("front", words.id_front, file())
        },
        Input { required: false, ..input("back", words.id_back, file()) },
        Input { hint: Some(words.mrz_hint.into()), ..input("mrz", words.mrz_label, zone) },
        Input {
            required: false,
            ..input("mrz-file", words.mrz_file, Control::File { accept: "text/plain".into(), capture: "" })
        },
    ];
    let mut end = frame("Thank you", "That is all we need.", (4, 4));
    end.can_leave = false;
    let mut dark = code.clone();
    dark.variant = Variant::Dark;
    let mut lost = frame(words.session_title, words.session_text, (1, 1));
    (lost.path, lost.progress, lost.sandbox) = (String::new(), None, None);
    let mut production = frame("Enter the code", "", (2, 4));
    production.sandbox = None;
    production.faults = vec![fault("", "", words.no_mail)];
    let leave = frame(words.leave_title, words.leave_text, (2, 4));
    let page = |page: &dyn askama::DynTemplate| page.dyn_render().unwrap();
    vec![
        ("form", page(&form(start, controls(false), "Start", vec![]))),
        ("form-wrong", page(&form(wrong.clone(), controls(true), "Start", vec![]))),
        ("code", page(&form(code, vec![digits.clone()], words.code_confirm, others.clone()))),
        ("code-dark", page(&form(dark, vec![digits], words.code_confirm, others))),
        ("document", page(&form(document, files.collect(), words.upload, vec![]))),
        ("government-id", page(&form(id, id_controls, words.upload, vec![]))),
        ("no-mail", page(&form(production, vec![], words.code_send, vec![]))),
        (
            "end",
            page(&EndPage {
                frame: end,
                onward: Some("https://example.com/?status=completed".into()),
                button: "Continue".into(),
            }),
        ),
        ("leave", page(&LeavePage { frame: leave })),
        ("session", page(&MessagePage { frame: lost, onward: None })),
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

#[test]
fn write_out() {
    let folder = std::path::Path::new("/tmp/helpers/hosted-samples");
    std::fs::create_dir_all(folder).unwrap();
    for (name, page) in pages() {
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
    for asset in ["hosted.css", "hosted.js"] {
        std::fs::copy(format!("{}/assets/{asset}", env!("CARGO_MANIFEST_DIR")), folder.join(asset)).unwrap();
    }
}
