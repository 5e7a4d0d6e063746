//! What a page shows: everything that the HTML needs, with nothing left to decide. Askama escapes it.

use askama::Template;

use crate::words::Words;

/// What all pages have.
#[derive(Clone)]
pub struct Frame {
    /// What the page says by itself.
    pub words: &'static Words,
    /// The language of the page.
    pub lang: String,
    /// The heading.
    pub title: String,
    /// The text below it.
    pub paragraphs: Vec<String>,
    /// Light, dark, or as the browser likes.
    pub variant: Variant,
    /// Rules of the template's theme; made by [`crate::theme`] alone.
    pub theme: String,
    /// What lets the browser take these rules.
    pub nonce: String,
    /// Where style and script are.
    pub assets: &'static Assets,
    /// How far the flow is.
    pub progress: Option<Progress>,
    /// The languages to choose from.
    pub languages: Vec<Language>,
    /// The path of the inquiry; empty on a page that belongs to none.
    pub path: String,
    /// What shows that a form came from this page.
    pub csrf: String,
    /// The step that the page shows.
    pub step: String,
    /// How many steps were done before.
    pub turn: u32,
    /// What is wrong with what was sent.
    pub faults: Vec<Fault>,
    /// Something to tell.
    pub notice: Option<String>,
    /// The bar of a sandbox.
    pub sandbox: Option<Sandbox>,
    /// Whether the person can leave.
    pub can_leave: bool,
}

/// Light, dark, or as the browser likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// As the browser likes.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Variant {
    /// Reads the parameter `style-variant`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl std::fmt::Display for Variant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where style and script are.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The path of the stylesheet.
    pub style: String,
    /// The path of the script.
    pub script: String,
}

/// How far a flow is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// In words.
    pub text: String,
    /// The page, from 1.
    pub position: u32,
    /// All pages.
    pub total: u32,
}

/// A language to choose.
#[derive(Clone, Debug)]
pub struct Language {
    /// Its code.
    pub code: String,
    /// The name that its speakers use.
    pub name: String,
    /// Whether the page is in it.
    pub is_chosen: bool,
}

/// What is wrong, as the summary says it.
#[derive(Clone)]
pub struct Fault {
    /// The input it is about; empty where it is about none.
    pub at: String,
    /// What stands beside that input.
    pub label: String,
    /// What is wrong.
    pub text: String,
}

/// The bar of a sandbox.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox {
    /// Whether the page is about a verification whose outcome can be simulated.
    pub offers_outcomes: bool,
}

impl Frame {
    fn color_scheme(&self) -> &'static str {
        match self.variant {
            Variant::Auto => "light dark",
            Variant::Light => "light",
            Variant::Dark => "dark",
        }
    }
}

/// A page that asks for something.
#[derive(Template)]
#[template(path = "form.html")]
pub struct FormPage {
    /// What all pages have.
    pub frame: Frame,
    /// The last part of the path that takes the form.
    pub action: &'static str,
    /// Whether there are inputs of files.
    pub brings_files: bool,
    /// The inputs.
    pub controls: Vec<Input>,
    /// A remark above the button.
    pub aside: Option<String>,
    /// What the button says.
    pub button: String,
    /// What else can be done.
    pub others: Vec<Other>,
}

/// Something else that can be done on a page.
#[derive(Clone)]
pub enum Other {
    /// A button that sends something.
    Send {
        /// The last part of the path.
        path: &'static str,
        /// What it says.
        text: String,
        /// Seconds until it may be used.
        wait_seconds: u64,
    },
    /// A link.
    Go {
        /// The last part of the path.
        path: &'static str,
        /// What it says.
        text: String,
    },
    /// A remark.
    Say {
        /// What it says.
        text: String,
    },
}

/// One input of a form. It holds what the person entered: it is not printed.
#[derive(Clone)]
pub struct Input {
    /// Its ID on the page.
    pub id: String,
    /// Its name in what is sent.
    pub name: String,
    /// What stands beside it.
    pub label: String,
    /// What helps to fill it in.
    pub hint: Option<String>,
    /// Whether it must be filled in.
    pub required: bool,
    /// What a browser may fill in.
    pub autocomplete: Option<String>,
    /// What it looks like, and what it holds.
    pub kind: Control,
    /// What is wrong with what was entered.
    pub fault: Option<String>,
    /// Whether its options are countries.
    pub is_country: bool,
}

impl Input {
    /// The IDs of what explains the input.
    fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.id));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.id));
        hint.into_iter().chain(fault).collect::<Vec<_>>().join(" ")
    }
}

/// What an input looks like, and what it holds.
#[derive(Clone)]
pub enum Control {
    /// One line of text.
    Line {
        /// The type of the element.
        kind: &'static str,
        /// Which keys a phone shows; empty for the usual ones.
        mode: &'static str,
        /// The text.
        value: String,
        /// Most characters; 0 where nobody says.
        length_max: u32,
    },
    /// Several lines of text.
    Lines {
        /// The text.
        value: String,
        /// Whether every character is as wide as the others.
        mono: bool,
    },
    /// A date.
    Date {
        /// The date as `1990-12-31`.
        value: String,
        /// The earliest; may be empty.
        min: String,
        /// The latest; may be empty.
        max: String,
    },
    /// A box to tick.
    Tick {
        /// Whether it is ticked.
        is_on: bool,
    },
    /// One of many options.
    Select {
        /// The options.
        options: Vec<Choice>,
    },
    /// One or some of a few options.
    Options {
        /// The options.
        options: Vec<Choice>,
        /// Whether several can be chosen.
        several: bool,
    },
    /// A file.
    File {
        /// What the browser offers, as the attribute `accept` has it.
        accept: String,
        /// The camera to use: `user`, `environment`, or none.
        capture: &'static str,
    },
}

/// An option of an input.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// The last page of a flow.
#[derive(Template)]
#[template(path = "end.html")]
pub struct EndPage {
    /// What all pages have.
    pub frame: Frame,
    /// Where the person goes on.
    pub onward: Option<String>,
    /// What the button there says.
    pub button: String,
}

/// The question before leaving.
#[derive(Template)]
#[template(path = "leave.html")]
pub struct LeavePage {
    /// What all pages have.
    pub frame: Frame,
}

/// A page that only tells something.
#[derive(Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// What all pages have.
    pub frame: Frame,
    /// A link back.
    pub onward: Option<String>,
}
