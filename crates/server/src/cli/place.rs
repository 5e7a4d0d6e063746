//! Whose things a command is about.

use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use muster_app::setup::KINDS;
use muster_app::{App, Catalog, Catalogs, Error, Scope, keys};
use muster_domain::event::{Actor, Source};
use muster_domain::{EnvironmentId, OrganizationId};
use muster_store::organizations;

use crate::output::{Failure, fail};

#[derive(Args)]
pub struct Whose {
    /// org_… [default: the only one]
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
}

impl From<OrganizationId> for Whose {
    fn from(organization: OrganizationId) -> Self {
        Self { organization: Some(organization) }
    }
}

/// An environment as it is named at the command line.
#[derive(Clone)]
pub enum Named {
    /// By its ID.
    Id(EnvironmentId),
    /// By its kind, where there is one of it.
    Kind(String),
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if KINDS.contains(&text) {
            return Ok(Self::Kind(text.to_owned()));
        }
        text.parse().map(Self::Id).map_err(|_| format!("give env_… or one of {}", KINDS.join(", ")))
    }
}

impl Named {
    fn names(&self, scope: &Scope) -> bool {
        match self {
            Self::Id(id) => scope.environment.id == *id,
            Self::Kind(kind) => scope.environment.kind == *kind,
        }
    }
}

/// An organization, its environments and its types.
pub struct Place {
    pub scopes: Vec<Scope>,
    pub catalog: Arc<Catalog>,
}

impl Place {
    pub fn find(app: &App, whose: Whose) -> Result<Self, Failure> {
        let (master, now) = (Arc::clone(&app.master), app.now());
        let found = app.db.read_blocking("cli.place", move |tx| {
            let all = organizations::list(tx)?;
            let organization = match (&whose.organization, all.as_slice()) {
                (Some(wanted), all) => all.iter().find(|one| one.id == *wanted),
                (None, [only]) => Some(only),
                (None, _) => None,
            };
            let Some(organization) = organization else { return Ok(Err(all.len())) };
            let mut scopes = Vec::new();
            for environment in organizations::list_environments(tx, &organization.id)? {
                let environment = keys::environment(tx, &master, &environment.id)?;
                scopes.push(Scope { environment, actor: Actor::Operator, source: Source::CommandLine, now });
            }
            let catalog = Catalogs::default().current(tx, &organization.id)?;
            Ok::<_, Error>(Ok(Self { scopes, catalog }))
        })?;
        match found {
            Ok(place) if place.scopes.is_empty() => fail(
                "the organization has no environment yet; \
                 muster admin create-environment ORGANIZATION sandbox makes one",
            ),
            Ok(place) => Ok(place),
            Err(0) => fail("there is no organization yet; muster admin create-organization makes one"),
            Err(_) => fail("say which organization: --organization org_… (muster admin list shows them)"),
        }
    }

    /// [`Place::find`]; an environment says which organization is meant as well.
    pub fn find_with(app: &App, whose: &Whose, environment: Option<&Named>) -> Result<Self, Failure> {
        let mut organization = whose.organization.clone();
        if let (None, Some(Named::Id(environment))) = (&organization, environment) {
            let wanted = environment.clone();
            let found = app.db.read_blocking("cli.environment", move |tx| {
                organizations::find_environment(tx, &wanted).map_err(Error::from)
            })?;
            organization = found.map(|found| found.organization_id);
        }
        Self::find(app, Whose { organization })
    }

    /// The environment that is meant: the named one, else the only one.
    pub fn environment(&self, wanted: Option<&Named>) -> Result<Scope, Failure> {
        let named = |scope: &&Scope| wanted.is_none_or(|wanted| wanted.names(scope));
        let found: Vec<&Scope> = self.scopes.iter().filter(named).collect();
        match (found.as_slice(), wanted) {
            ([only], _) => Ok((*only).clone()),
            ([], _) => fail("the organization has no such environment; muster admin list shows them"),
            (_, None) => fail(
                "say which environment: --environment env_…, or sandbox or production \
                 (muster admin list shows them)",
            ),
            (several, Some(_)) => fail(format!(
                "there are {} environments of this kind: --environment env_… (muster admin list shows them)",
                several.len()
            )),
        }
    }

    /// One environment of it: what belongs to the organization can be done in any.
    pub fn scope(&self) -> Result<Scope, Failure> {
        match self.scopes.first() {
            Some(scope) => Ok(scope.clone()),
            None => fail("the organization has no environment"),
        }
    }
}
