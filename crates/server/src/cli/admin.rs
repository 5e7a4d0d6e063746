//! `muster admin`: organizations, environments, API keys, and what was done with them.

use std::sync::Arc;

use clap::Subcommand;
use muster_app::address::Allowlist;
use muster_app::keys::{self, NewApiKey};
use muster_app::user_audit_logs::{self, UserAuditLog, record_command};
use muster_app::{App, Error, setup};
use muster_domain::{EnvironmentId, Grants, IdSource, OrganizationId, Permission, Timestamp};
use muster_store::organizations::{self, Organization};

use crate::config::Config;
use crate::installation;
use crate::operator;
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
        /// Scopes such as account.read,event.read; * = all that are granted by default, which api_key.read and
        /// api_key.write are not: '*,api_key.read,api_key.write' [default: *]
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
    /// List what people, and API keys with other API keys, did, newest first
    Audit {
        /// org_… [default: all]
        #[arg(long, value_name = "ID")]
        organization: Option<OrganizationId>,
        /// How many entries of each organization
        #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
    },
}

pub fn run(config: &Config, command: Command) -> Result<(), Failure> {
    let app = installation::open(config)?;
    match command {
        Command::CreateOrganization { name } => create_organization(&app, name),
        Command::CreateEnvironment { organization, kind, name } => {
            let name = if name.trim().is_empty() { capitalized(&kind) } else { name };
            create_environment(&app, organization, kind, name)
        }
        Command::CreateKey { environment, name, permissions, allow_from, expires_at } => {
            let new = NewApiKey {
                permissions: permissions.map_or(Ok(Grants::by_default()), |names| scopes(&names))?,
                ip_allowlist: addresses(allow_from)?,
                expires_at: expires_at.map(|text| instant(&text)).transpose()?,
                ..NewApiKey::named(environment, &name)
            };
            create_key(&app, new)
        }
        Command::List => list(&app),
        Command::Audit { organization, limit } => audit(&app, organization, limit),
    }
}

fn create_organization(app: &App, name: String) -> Result<(), Failure> {
    let (now, master, operator) = (app.now(), Arc::clone(&app.master), operator::current());
    let made = app.db.write_blocking("admin.create_organization", move |tx| {
        let ids = &mut IdSource::random(now);
        let made = setup::create_organization(tx, &name, ids, now)?;
        let command = ("admin/create-organization", operator::new_organization(&made));
        record_command(tx, (&master, &made.id), &operator, command, (ids, now))?;
        Ok::<_, Error>(made)
    })?;
    line(made.id);
    Ok(())
}

fn create_environment(
    app: &App,
    organization: OrganizationId,
    kind: String,
    name: String,
) -> Result<(), Failure> {
    let (now, master, operator) = (app.now(), Arc::clone(&app.master), operator::current());
    let made = app.db.write_blocking("admin.create_environment", move |tx| {
        let ids = &mut IdSource::random(now);
        let made = setup::create_environment(tx, &master, &organization, (&kind, &name), ids, now)?;
        let command = ("admin/create-environment", operator::new_environment(&made));
        record_command(tx, (&master, &organization), &operator, command, (ids, now))?;
        Ok(made)
    });
    line(named(made, "there is no such organization; muster admin list shows them")?.id);
    Ok(())
}

fn create_key(app: &App, new: NewApiKey) -> Result<(), Failure> {
    let (now, master, operator) = (app.now(), Arc::clone(&app.master), operator::current());
    let made = app.db.write_blocking("admin.create_key", move |tx| {
        let ids = &mut IdSource::random(now);
        let (id, secret) = keys::create(tx, &new, ids, now)?;
        let environment = organizations::find_environment(tx, &new.environment)?.ok_or(Error::NotFound)?;
        let command = ("admin/create-key", operator::new_key(&id, &new));
        record_command(tx, (&master, &environment.organization_id), &operator, command, (ids, now))?;
        Ok(secret)
    });
    line(named(made, "there is no such environment; muster admin list shows them")?);
    Ok(())
}

/// An entry and the name of who did it.
type Told = (UserAuditLog, String);

fn audit(app: &App, organization: Option<OrganizationId>, limit: i64) -> Result<(), Failure> {
    let master = Arc::clone(&app.master);
    let all = app.db.read_blocking("admin.audit", move |tx| {
        let mut all = Vec::new();
        let wanted = |one: &Organization| organization.as_ref().is_none_or(|id| *id == one.id);
        for one in organizations::list(tx)?.into_iter().filter(wanted) {
            let mut told: Vec<Told> = Vec::new();
            for entry in user_audit_logs::newest(tx, &one.id, limit)? {
                let who = match &entry.user_id {
                    Some(id) => {
                        user_audit_logs::user(tx, &master, &one.id, id)?.name_first.unwrap_or_default()
                    }
                    None => entry.context["api-key-id"].as_str().unwrap_or_default().to_owned(),
                };
                told.push((entry, who));
            }
            all.push((one, told));
        }
        Ok::<_, Error>(all)
    })?;
    if all.is_empty() {
        return fail("there is no such organization; muster admin list shows them");
    }
    for (organization, told) in all {
        line(format_args!("{}  {}", organization.id, organization.name));
        for (entry, who) in told {
            let at = entry.created_at.to_rfc3339_millis();
            line(format_args!("  {at}  {who}  {} {}  {}", entry.method, entry.path, entry.post_params));
        }
    }
    Ok(())
}

fn list(app: &App) -> Result<(), Failure> {
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

fn scopes(names: &[String]) -> Result<Grants, Failure> {
    let known = || Permission::ALL.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", ");
    Grants::parse(names).map_err(|_| Failure(format!("--permissions: known are *, {}", known())))
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
