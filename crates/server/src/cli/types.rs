//! `muster types`: account types as text files that can be reviewed and applied.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use muster_app::account_types::{self, Failing};
use muster_app::user_audit_logs::record_command;
use muster_app::{App, Cx, Error, ReadCx};
use muster_domain::account_type::{AccountTypeSpec, TypeChange};
use muster_domain::{AccountType, IdSource};
use serde_json::{Value, json};

use super::place::{Place, Whose};
use crate::config::Config;
use crate::installation;
use crate::operator;
use crate::output::{Failure, fail, line};

#[derive(Subcommand)]
pub enum Command {
    /// Create the type a file describes, or change the one of that name
    Apply {
        /// A TOML file
        file: PathBuf,
        /// Only say what would change, and how many stored accounts would fail a stricter rule
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        whose: Whose,
    },
    /// Print a type as a file; without a name, list the types
    Export {
        /// Its name
        name: Option<String>,
        #[command(flatten)]
        whose: Whose,
    },
    /// Say what applying a file would change
    Diff {
        /// A TOML file
        file: PathBuf,
        #[command(flatten)]
        whose: Whose,
    },
}

pub fn run(config: &Config, command: Command) -> Result<(), Failure> {
    let app = installation::open(config)?;
    match command {
        Command::Apply { file, dry_run, whose } => {
            apply(&app, &Place::find(&app, whose)?, &read(&file)?, dry_run)
        }
        Command::Diff { file, whose } => apply(&app, &Place::find(&app, whose)?, &read(&file)?, true),
        Command::Export { name, whose } => export(&Place::find(&app, whose)?, name.as_deref()),
    }
}

fn read(file: &Path) -> Result<AccountTypeSpec, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure(format!("{} cannot be read: {error}", file.display())))?;
    AccountTypeSpec::from_toml(&text).map_err(|error| Failure(format!("{}: {error}", file.display())))
}

fn export(place: &Place, name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else {
        for ty in place.catalog.account_types() {
            line(format_args!("{}  {}{}", ty.id, ty.name, if ty.is_default { "  (default)" } else { "" }));
        }
        return Ok(());
    };
    match place.catalog.account_type_named(name) {
        Some(ty) => line(ty.to_spec().to_toml().trim_end()),
        None => return fail(format!("there is no account type {name}; muster types export lists them")),
    }
    Ok(())
}

fn apply(app: &App, place: &Place, spec: &AccountTypeSpec, dry_run: bool) -> Result<(), Failure> {
    let now = app.now();
    let violations = |list: Vec<muster_domain::Violation>| Failure::from(Error::Invalid(list));
    let Some(current) = place.catalog.account_type_named(&spec.name) else {
        let ty = AccountType::create(spec, &mut IdSource::random(now), now).map_err(violations)?;
        line(format_args!("+ account type {} with {} fields", ty.name, ty.fields.len()));
        return if dry_run { Ok(()) } else { write(app, place, spec, None) };
    };
    let (after, changes) = current.revise(spec, &mut IdSource::random(now), now).map_err(violations)?;
    if changes.is_empty() {
        line(format_args!("{} is already as the file says", current.name));
        return Ok(());
    }
    for change in &changes {
        line(format_args!("~ {change}{}", if change.stricter { "  (stricter)" } else { "" }));
    }
    if changes.iter().any(|change| change.stricter) {
        tell_failing(app, place, &after)?;
    }
    if dry_run { Ok(()) } else { write(app, place, spec, Some(current)) }
}

fn tell_failing(app: &App, place: &Place, after: &AccountType) -> Result<(), Failure> {
    for scope in &place.scopes {
        let (scope, after, kind) = (scope.clone(), after.clone(), scope.environment.kind.clone());
        let (master, catalogs) = (Arc::clone(&app.master), Arc::clone(&app.catalogs));
        let failing: Failing = app.db.read_blocking("types.count_failing", move |tx| {
            let (scope, catalogs) = (&scope, &catalogs);
            account_types::count_failing(&mut ReadCx { tx, scope, catalogs, master: &master }, &after)
        })?;
        line(format_args!(
            "  {kind}: {} of {} stored accounts would fail",
            failing.accounts, failing.checked
        ));
        for (field, count) in &failing.by_field {
            line(format_args!("    {field}: {count}"));
        }
    }
    Ok(())
}

fn write(
    app: &App,
    place: &Place,
    spec: &AccountTypeSpec,
    current: Option<&Arc<AccountType>>,
) -> Result<(), Failure> {
    let Some(scope) = place.scopes.first().cloned() else {
        return fail("the organization has no environment");
    };
    let (catalog, master, spec) = (Arc::clone(&place.catalog), Arc::clone(&app.master), spec.clone());
    let (id, operator) = (current.map(|ty| ty.id.clone()), operator::current());
    let ty = app.db.write_blocking("types.apply", move |tx| {
        let ids = &mut IdSource::random(scope.now);
        let cx = &mut Cx { tx, scope: &scope, catalog: &catalog, master: &master, ids };
        let (ty, changes) = match &id {
            None => (account_types::create(cx, &spec)?, Vec::new()),
            Some(id) => account_types::revise(cx, id, &spec)?,
        };
        let command = ("types/apply", told(&ty, &changes));
        let whose = (&*master, &scope.environment.organization);
        record_command(cx.tx, whose, &operator, command, (cx.ids, scope.now))?;
        Ok::<_, Error>(ty)
    })?;
    line(format_args!("{}  {}", ty.id, ty.name));
    Ok(())
}

/// What the user audit log tells of a type that was created (no changes) or changed.
fn told(ty: &AccountType, changes: &[TypeChange]) -> Value {
    let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
    json!({
        "data": { "type": "account-type", "id": ty.id.as_str(), "attributes": { "name": ty.name } },
        "meta": { "changes": changes },
    })
}
