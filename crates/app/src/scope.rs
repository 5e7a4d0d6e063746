//! The surroundings of a command: a tenant, a caller, a moment, and a transaction.

use std::sync::Arc;

use muster_domain::event::{Actor, Source};
use muster_domain::{EnvironmentId, IdSource, OrganizationId, Timestamp};
use muster_store::seal::{IndexKey, MasterKey};
use muster_store::{Tx, accounts::Place};

use crate::{Catalog, Catalogs, Result};

/// An environment as commands see it.
#[derive(Debug)]
pub struct EnvironmentContext {
    /// Its ID: the tenant boundary.
    pub id: EnvironmentId,
    /// The organization it belongs to.
    pub organization: OrganizationId,
    /// `sandbox` or `production`.
    pub kind: String,
    /// False when nothing may be created in it.
    pub active: bool,
    /// Makes its blind indexes.
    pub index_key: IndexKey,
}

/// In whose name a command runs, where and when.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The tenant.
    pub environment: Arc<EnvironmentContext>,
    /// Who causes it.
    pub actor: Actor,
    /// Which request, step or row causes it.
    pub source: Source,
    /// The moment of the command.
    pub now: Timestamp,
}

impl Scope {
    /// The environment and organization, as the store wants them.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place { environment: &self.environment.id, organization: &self.environment.organization }
    }
}

/// What one command may touch, and nothing else.
///
/// No network handle on purpose: a command that needs the outside world enqueues a job.
pub struct Cx<'a, 'c> {
    /// The open transaction.
    pub tx: &'a mut Tx<'c>,
    /// Tenant, caller, moment.
    pub scope: &'a Scope,
    /// Types and tags, as they were when the command was prepared.
    pub catalog: &'a Arc<Catalog>,
    /// What wraps data keys.
    pub master: &'a MasterKey,
    /// Where new IDs come from.
    pub ids: &'a mut IdSource,
}

/// What one query may touch.
pub struct ReadCx<'a, 'c> {
    /// A reading connection.
    pub tx: &'a mut Tx<'c>,
    /// Tenant, caller, moment.
    pub scope: &'a Scope,
    /// Types and tags.
    pub catalogs: &'a Catalogs,
    /// What wraps data keys.
    pub master: &'a MasterKey,
}

impl ReadCx<'_, '_> {
    /// Types and tags as they are now.
    ///
    /// # Errors
    /// What the store reports.
    pub fn catalog(&mut self) -> Result<Arc<Catalog>> {
        self.catalogs.current(self.tx, &self.scope.environment.organization)
    }

    /// Types and tags at the version that a row was read at.
    pub(crate) fn catalog_at(&mut self, version: i64) -> Result<Arc<Catalog>> {
        self.catalogs.at(self.tx, &self.scope.environment.organization, version)
    }
}

/// What a reply is made from: the surroundings of a command or of a query.
pub struct View<'a, 'c> {
    /// The transaction of the command, or a reading connection.
    pub tx: &'a mut Tx<'c>,
    /// Tenant, caller, moment.
    pub scope: &'a Scope,
    /// What wraps data keys.
    pub master: &'a MasterKey,
    types: Types<'a>,
}

/// Where types and tags come from: a command has its own, which a query looks up.
#[derive(Clone, Copy)]
enum Types<'a> {
    Settled(&'a Arc<Catalog>),
    LookedUp(&'a Catalogs),
}

impl View<'_, '_> {
    /// Types and tags at the version that a row was read at. A command has those that it was prepared with, and is
    /// prepared again when they are not the same.
    pub(crate) fn catalog_at(&mut self, version: i64) -> Result<Arc<Catalog>> {
        match self.types {
            Types::Settled(catalog) => Ok(Arc::clone(catalog)),
            Types::LookedUp(catalogs) => catalogs.at(self.tx, &self.scope.environment.organization, version),
        }
    }
}

impl<'c> Cx<'_, 'c> {
    /// What a reply of the command is made from.
    pub fn view(&mut self) -> View<'_, 'c> {
        View { tx: self.tx, scope: self.scope, master: self.master, types: Types::Settled(self.catalog) }
    }
}

impl<'c> ReadCx<'_, 'c> {
    /// What a reply of the query is made from.
    pub fn view(&mut self) -> View<'_, 'c> {
        View { tx: self.tx, scope: self.scope, master: self.master, types: Types::LookedUp(self.catalogs) }
    }
}
