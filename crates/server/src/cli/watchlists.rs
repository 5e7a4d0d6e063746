//! `muster watchlists`: the lists that people and businesses are screened against.

mod files;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use muster_app::watchlists::{self, Import, ImportError, Imported, OnLoss};
use muster_app::{App, Error};
use muster_domain::OrganizationId;
use muster_screening::read::ReadError;
use muster_screening::{Entity, List, ListType};

use super::place::{Place, Whose};
use crate::config::Config;
use crate::installation;
use crate::operator;
use crate::output::{Failure, fail, line};

#[derive(Subcommand)]
pub enum Command {
    /// Load a list, or replace it by a newer version
    Import(ImportArguments),
    /// Print the lists that are loaded
    List {
        #[command(flatten)]
        whose: Whose,
    },
    /// Remove a list: nobody is screened against it any more
    Remove {
        /// Its short name, as `muster watchlists list` prints it
        slug: String,
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Args)]
pub struct ImportArguments {
    /// How the list is published
    format: Format,
    /// The file; for ofac the folder with sdn.csv, alt.csv, add.csv and sdn_comments.csv
    path: PathBuf,
    /// Its short name in reports; importing the same name again replaces the list
    #[arg(long = "list", value_name = "SLUG")]
    slug: Option<String>,
    /// Its name for people
    #[arg(long)]
    name: Option<String>,
    /// Where it is published
    #[arg(long)]
    url: Option<String>,
    /// The country of its publisher, as ISO 3166-1 alpha-2
    #[arg(long, value_name = "CODE")]
    flag_code: Option<String>,
    /// What being on it means, where the list does not say so itself; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<Meaning>,
    /// Replace the list even if the new version has less than half of its entities
    #[arg(long)]
    accept_fewer: bool,
    #[command(flatten)]
    whose: Whose,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// CSV files of the US Treasury
    Ofac,
    /// targets.simple.csv of OpenSanctions
    Opensanctions,
    /// entities.ftm.json: FollowTheMoney entities, one a line
    Ftm,
    /// A CSV file of one's own, see docs/screening.md
    Csv,
}

#[derive(Clone, Copy, ValueEnum)]
enum Meaning {
    Sanction,
    Warning,
    FitnessProbity,
    Pep,
}

impl From<Meaning> for ListType {
    fn from(meaning: Meaning) -> Self {
        match meaning {
            Meaning::Sanction => Self::Sanction,
            Meaning::Warning => Self::Warning,
            Meaning::FitnessProbity => Self::FitnessProbity,
            Meaning::Pep => Self::Pep,
        }
    }
}

pub fn run(config: &Config, command: Command) -> Result<(), Failure> {
    let app = installation::open(config)?;
    match command {
        Command::Import(arguments) => import(&app, arguments),
        Command::List { whose } => list(&app, organization(&app, whose)?),
        Command::Remove { slug, whose } => {
            let removed = watchlists::remove(&app, &organization(&app, whose)?, &slug, &operator::current());
            match removed {
                Err(Error::NotFound) => {
                    fail(format!("there is no list {slug}; muster watchlists list shows them"))
                }
                removed => Ok(removed?),
            }
        }
    }
}

fn organization(app: &App, whose: Whose) -> Result<OrganizationId, Failure> {
    Ok(Place::find(app, whose)?.catalog.organization.clone())
}

fn list(app: &App, organization: OrganizationId) -> Result<(), Failure> {
    let lists = app.db.read_blocking("watchlists.list", move |tx| watchlists::list(tx, &organization))?;
    if lists.is_empty() {
        line("no list is loaded; muster watchlists import loads one");
    }
    for one in lists {
        let version = one.version;
        line(format_args!(
            "{}  {}  {} entities, {} names  {}  {}  {}",
            one.list.slug,
            one.list.name,
            version.entities,
            version.names,
            version.imported_at.to_rfc3339_millis(),
            version.id,
            version.source,
        ));
    }
    Ok(())
}

fn import(app: &App, arguments: ImportArguments) -> Result<(), Failure> {
    let list = about(&arguments)?;
    let source = files::Source::open(arguments.format, &arguments.path)?;
    let import = Import {
        organization: organization(app, arguments.whose)?,
        list,
        source: source.describe(),
        operator: operator::current(),
        on_loss: if arguments.accept_fewer { OnLoss::Accept } else { OnLoss::Refuse },
    };
    let imported = match source {
        files::Source::Ofac(files) => {
            let mut entities = files.read()?;
            let imported = write(app, &import, entities.by_ref())?;
            match entities.left_over() {
                0 => {}
                count => line(format_args!(
                    "note: {count} entities that other files speak of are not in {}; is the publication whole?",
                    files.main_name()
                )),
            }
            imported
        }
        files::Source::Targets(file) => write(app, &import, file.targets()?)?,
        files::Source::Plain(file) => write(app, &import, file.plain()?)?,
        files::Source::Ftm(file) => {
            let joins = file.joins()?;
            let (name, input) = file.reopen()?;
            write(app, &import, muster_screening::read::ftm(&name, input, &joins))?
        }
    };
    tell(&import.list.slug, &imported);
    Ok(())
}

fn write(
    app: &App,
    import: &Import,
    entities: impl Iterator<Item = Result<Entity, ReadError>>,
) -> Result<Imported, Failure> {
    let mut told = 0;
    let mut progress = |now: watchlists::Progress| {
        if now.entities >= told + 10_000 {
            told = now.entities;
            line(format_args!("{told} entities …"));
        }
    };
    watchlists::import(app, import, entities, &mut progress).map_err(|error| match error {
        ImportError::List(error) => Failure(format!("{error}; nothing was replaced")),
        ImportError::App(error) => error.into(),
    })
}

fn tell(slug: &str, imported: &Imported) {
    let changes = &imported.changes;
    line(format_args!(
        "{slug}  {}  {} entities, {} names",
        imported.version, imported.entities, imported.names
    ));
    line(format_args!(
        "{} added, {} changed, {} removed",
        changes.added.len(),
        changes.changed.len(),
        changes.removed.len()
    ));
}

/// What is known of the list: from the arguments, else from the format.
fn about(arguments: &ImportArguments) -> Result<List, Failure> {
    let stem = arguments.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("list").to_lowercase();
    let (slug, name, url, flag) = match arguments.format {
        Format::Ofac => (
            "ofac-sdn".to_owned(),
            "OFAC Specially Designated Nationals",
            Some("https://sanctionslist.ofac.treas.gov"),
            Some("US"),
        ),
        Format::Opensanctions | Format::Ftm => {
            ("opensanctions".to_owned(), "OpenSanctions", Some("https://www.opensanctions.org"), None)
        }
        Format::Csv => (stem, "", None, None),
    };
    let slug = arguments.slug.clone().unwrap_or(slug);
    let name = arguments.name.clone().or_else(|| Some(name.to_owned()).filter(|name| !name.is_empty()));
    let flag_code = match arguments.flag_code.as_deref().or(flag) {
        None => None,
        Some(code) => match muster_screening::code_of(code) {
            Some(code) => Some(code.to_owned()),
            None => return fail("--flag-code must be a code of ISO 3166-1 such as GB"),
        },
    };
    let types: Vec<ListType> = arguments.types.iter().map(|meaning| (*meaning).into()).collect();
    Ok(List {
        name: name.unwrap_or_else(|| slug.clone()),
        slug,
        url: arguments.url.clone().or_else(|| url.map(str::to_owned)),
        flag_code,
        types: if types.is_empty() { vec![ListType::Sanction] } else { types },
    })
}
