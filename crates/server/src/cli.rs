//! The command line.

mod admin;
mod load;
mod openapi;
pub(crate) mod place;
mod report_templates;
mod serve;
pub(crate) mod templates;
mod types;
mod watchlists;

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
    /// Send the rows of a CSV file to a running server as accounts
    Load(load::Arguments),
    /// Print the OpenAPI document of the API
    Openapi(openapi::Arguments),
}

/// Runs a command line.
///
/// # Errors
/// One line for the person who typed it.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let none = ServeFlags::default();
    match arguments.command {
        Command::Serve(flags) => serve::run(&Config::new(&arguments.flags, &flags)?, &flags),
        Command::Admin(command) => admin::run(&Config::new(&arguments.flags, &none)?, command),
        Command::Types(command) => types::run(&Config::new(&arguments.flags, &none)?, command),
        Command::Templates(command) => templates::run(&Config::new(&arguments.flags, &none)?, command),
        Command::ReportTemplates(command) => {
            report_templates::run(&Config::new(&arguments.flags, &none)?, command)
        }
        Command::Watchlists(command) => watchlists::run(&Config::new(&arguments.flags, &none)?, command),
        Command::Load(load) => load::run(&load),
        Command::Openapi(arguments) => openapi::run(&arguments),
    }
}
