//! The hosted pages: on them people answer inquiries, in any browser, with or without scripts.
//!
//! An edge like the API: it reads what a browser sends, calls `app`, and writes HTML. Rules of flows stand in
//! `muster_app::inquiries::flow`.

pub mod page;
#[cfg(test)]
mod samples;
pub mod words;
