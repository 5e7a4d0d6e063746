//! The hosted pages: on them people answer inquiries, in any browser, with or without scripts.
//!
//! An edge like the API: it reads what a browser sends, calls `app`, and writes HTML. Rules of flows stand in
//! `muster_app::inquiries::flow`.
//!
//! - `routes` says which request goes where, `entering` lets people in, `answering` takes what they send;
//! - `sent` reads queries, forms and cookies; `guard` refuses forms from elsewhere and too many requests;
//! - `show` makes a page of a place in a flow, `inputs` its inputs, `theme` its colours, `words` its words;
//! - `reply` writes responses, `assets` has stylesheet and script.

mod answering;
mod assets;
mod countries;
mod entering;
mod guard;
mod inputs;
mod page;
mod reply;
mod routes;
#[cfg(test)]
mod samples;
mod sent;
mod show;
mod theme;
mod visitor;
mod words;

use std::sync::Arc;

use muster_app::App;

pub use routes::router;
pub use words::Words;

/// How the pages are to behave.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this server, such as `https://muster.example`.
    pub public_url: String,
    /// How often one address may come in within a minute: open a link, make an inquiry, enter a code; 0 = no limit.
    pub entries_per_minute: u32,
    /// Who says where a request comes from.
    pub addresses: Addresses,
}

/// Who says where a request comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// The connection.
    #[default]
    OfConnection,
    /// A proxy in front: the last entry of `X-Forwarded-For`.
    Forwarded,
}

impl Default for Settings {
    fn default() -> Self {
        Self { public_url: String::new(), entries_per_minute: 120, addresses: Addresses::default() }
    }
}

/// The pages of one running application.
pub struct Hosted {
    app: Arc<App>,
    settings: Settings,
    entries: guard::Entries,
    /// Room for bodies that are being worked on, in KiB.
    bodies: Arc<tokio::sync::Semaphore>,
    uploads: guard::Uploads,
}

impl Hosted {
    /// Puts the pages on top of an application.
    #[must_use]
    pub fn new(app: Arc<App>, settings: Settings) -> Arc<Self> {
        let entries = guard::Entries::new(settings.entries_per_minute);
        let bodies = Arc::new(tokio::sync::Semaphore::new(sent::BODIES_KIBIBYTES_MAX));
        Arc::new(Self { app, settings, entries, bodies, uploads: guard::Uploads::default() })
    }

    /// Whether browsers reach the pages by HTTPS.
    fn is_secure(&self) -> bool {
        self.settings.public_url.starts_with("https://")
    }
}
