//! The program as its users meet it: started, killed, started again, called by command line and HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crash;
mod demo;
mod imports;
mod legislators;
mod program;
mod refusals;
mod report_templates;
mod templates;
mod watchlists;
