//! The command line.

mod admin;
mod import;
mod imports;
mod load;
mod openapi;
pub(crate) mod place;
mod report_templates;
mod serve;
pub(crate) mod templates;
mod types;
mod watchlists;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Flags, ServeFlags};
use crate::output::Failure;

/// Muster: the open, self-hosted system of record for identities.
#[derive(Parser)]
#[command(version, about)]
pub struct Arguments {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API until Ctrl-C
    Serve(ServeFlags),
    /// Create organizations, environments and API keys
    #[command(subcommand)]
    Admin(admin::Command),
    /// Account types as text files
    #[command(subcommand)]
    Types(types::Command),
    /// Inquiry templates as text files
    #[command(subcommand)]
    Templates(templates::Command),
    /// Report templates as text files
    #[command(subcommand)]
    ReportTemplates(report_templates::Command),
    /// Lists that people and businesses are screened against
    #[command(subcommand)]
    Watchlists(watchlists::Command),
    /// Turn the rows of a file into accounts
    #[command(after_help = import::AFTER_HELP)]
    Import(Box<import::Arguments>),
    /// Runs of imports: show, pause, resume, commit, take back
    #[command(subcommand)]
    Imports(imports::Command),
    /// Send the rows of a CSV file to a running server as accounts
    Load(load::Arguments),
    /// Print the OpenAPI document of the API
    Openapi(openapi::Arguments),
}

/// Runs a command line. What imports come to is told by how the program ends.
///
/// # Errors
/// One line for the person who typed it.
pub fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let none = ServeFlags::default();
    let config = || Config::new(&arguments.flags, &none);
    match arguments.command {
        Command::Serve(flags) => serve::run(&Config::new(&arguments.flags, &flags)?, &flags),
        Command::Admin(command) => admin::run(&config()?, command),
        Command::Types(command) => types::run(&config()?, command),
        Command::Templates(command) => templates::run(&config()?, command),
        Command::ReportTemplates(command) => report_templates::run(&config()?, command),
        Command::Watchlists(command) => watchlists::run(&config()?, command),
        Command::Import(import) => return import::run(&config()?, &import),
        Command::Imports(command) => return imports::run(&config()?, command),
        Command::Load(load) => load::run(&load),
        Command::Openapi(arguments) => openapi::run(&arguments),
    }
    .map(|()| ExitCode::SUCCESS)
}
