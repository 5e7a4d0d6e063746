//! `muster admin`: organizations, environments, API keys.

use std::sync::Arc;

use clap::Subcommand;
use muster_api::address::Allowlist;
use muster_app::keys::{self, NewApiKey};
use muster_app::{Error, setup};
use muster_domain::{EnvironmentId, IdSource, OrganizationId, Permission, Timestamp};
use muster_store::organizations;

use crate::config::Config;
use crate::installation;
use crate::output::{Failure, fail, line};

#[derive(Subcommand)]
pub enum Command {
    /// Create an organization with the default account type User
    CreateOrganization {
        /// Its name
        name: String,
    },
    /// Create an environment of an organization
    CreateEnvironment {
        /// org_…
        organization: OrganizationId,
        /// sandbox or production
        #[arg(value_parser = setup::KINDS)]
        kind: String,
        /// Its name
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Create an API key; its secret is shown once
    CreateKey {
        /// env_…
        environment: EnvironmentId,
        /// Its name
        #[arg(long, default_value = "Command line")]
        name: String,
        /// Scopes such as account.read,event.read [default: all]
        #[arg(long, value_delimiter = ',', value_name = "SCOPES")]
        permissions: Option<Vec<String>>,
        /// Addresses and networks it may be used from
        #[arg(long, value_delimiter = ',', default_value = "*", value_name = "ADDRESSES")]
        allow_from: Vec<String>,
        /// When it stops working, such as 2027-01-01T00:00:00Z [default: never]
        #[arg(long, value_name = "INSTANT")]
        expires_at: Option<String>,
    },
    /// List organizations and environments
    List,
}

pub fn run(config: &Config, command: Command) -> Result<(), Failure> {
    let app = installation::open(config)?;
    let now = app.now();
    match command {
        Command::CreateOrganization { name } => {
            let made = app.db.write_blocking("admin.create_organization", move |tx| {
                setup::create_organization(tx, &name, &mut IdSource::random(now), now)
            })?;
            line(made.id);
        }
        Command::CreateEnvironment { organization, kind, name } => {
            let name = if name.trim().is_empty() { capitalized(&kind) } else { name };
            let master = Arc::clone(&app.master);
            let made = app.db.write_blocking("admin.create_environment", move |tx| {
                let ids = &mut IdSource::random(now);
                setup::create_environment(tx, &master, &organization, (&kind, &name), ids, now)
            });
            line(named(made, "there is no such organization; muster admin list shows them")?.id);
        }
        Command::CreateKey { environment, name, permissions, allow_from, expires_at } => {
            let new = NewApiKey {
                environment,
                name,
                permissions: permissions.map(|names| scopes(&names)).transpose()?,
                ip_allowlist: addresses(allow_from)?,
                api_version: muster_api::versions::ApiVersion::NEWEST.as_str().into(),
                expires_at: expires_at.map(|text| instant(&text)).transpose()?,
            };
            let made = app.db.write_blocking("admin.create_key", move |tx| {
                keys::create(tx, &new, &mut IdSource::random(now), now)
            });
            line(named(made, "there is no such environment; muster admin list shows them")?.1);
        }
        Command::List => list(&app)?,
    }
    Ok(())
}

fn list(app: &muster_app::App) -> Result<(), Failure> {
    let all = app.db.read_blocking("admin.list", |tx| {
        let mut all = Vec::new();
        for organization in organizations::list(tx)? {
            let environments = organizations::list_environments(tx, &organization.id)?;
            all.push((organization, environments));
        }
        Ok::<_, Error>(all)
    })?;
    for (organization, environments) in all {
        line(format_args!("{}  {}", organization.id, organization.name));
        for environment in environments {
            line(format_args!("  {}  {:10}  {}", environment.id, environment.kind, environment.name));
        }
    }
    Ok(())
}

fn named<T>(made: Result<T, Error>, missing: &str) -> Result<T, Failure> {
    match made {
        Err(Error::NotFound) => fail(missing),
        made => Ok(made?),
    }
}

fn capitalized(kind: &str) -> String {
    let (first, rest) = kind.split_at(1);
    first.to_uppercase() + rest
}

fn scopes(names: &[String]) -> Result<Vec<Permission>, Failure> {
    let known = || Permission::ALL.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", ");
    names
        .iter()
        .map(|name| {
            Permission::parse(name).ok_or_else(|| Failure(format!("--permissions: known are {}", known())))
        })
        .collect()
}

fn addresses(list: Vec<String>) -> Result<Vec<String>, Failure> {
    match Allowlist::parse(&list) {
        Ok(_) => Ok(list),
        Err(bad) => fail(format!("--allow-from: entry {} is not an address, a network or *", bad.index + 1)),
    }
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    Timestamp::parse(text)
        .ok_or_else(|| Failure("--expires-at must be an instant such as 2027-01-01T00:00:00Z".into()))
}
