//! Types and tags of an organization, cached by the version that its row counts.

use std::collections::HashMap;
use std::sync::Arc;

use muster_domain::fold::fold;
use muster_domain::{AccountType, AccountTypeId, OrganizationId, TagId};
use muster_store::tags::Tag;
use muster_store::{Tx, account_types, organizations, tags};
use parking_lot::RwLock;

use crate::{Error, Result};

/// Types and tags of one organization at one version.
#[derive(Debug)]
pub struct Catalog {
    /// The organization.
    pub organization: OrganizationId,
    /// The version of it that this is.
    pub version: i64,
    types: Vec<Arc<AccountType>>,
    tags: HashMap<TagId, String>,
    tags_by_key: HashMap<String, TagId>,
}

impl Catalog {
    fn load(tx: &mut Tx<'_>, organization: &OrganizationId, version: i64) -> Result<Self> {
        let types = account_types::list(tx, organization)?.into_iter().map(Arc::new).collect();
        let tags = tags::list(tx, organization)?;
        Ok(Self {
            organization: organization.clone(),
            version,
            types,
            tags_by_key: tags.iter().map(|tag| (fold(&tag.name), tag.id.clone())).collect(),
            tags: tags.into_iter().map(|tag| (tag.id, tag.name)).collect(),
        })
    }

    /// How often the types had changed: what was prepared at the same number still holds.
    #[must_use]
    pub fn types_version(&self) -> i64 {
        organizations::types_version(self.version)
    }

    /// All account types, oldest first.
    #[must_use]
    pub fn account_types(&self) -> &[Arc<AccountType>] {
        &self.types
    }

    /// The type with this ID.
    #[must_use]
    pub fn account_type(&self, id: &AccountTypeId) -> Option<&Arc<AccountType>> {
        self.types.iter().find(|ty| ty.id == *id)
    }

    /// The type with this name, however it is spelled.
    #[must_use]
    pub fn account_type_named(&self, name: &str) -> Option<&Arc<AccountType>> {
        let key = fold(name);
        self.types.iter().find(|ty| fold(&ty.name) == key)
    }

    /// The type of accounts that name none.
    ///
    /// # Errors
    /// Only when the organization was damaged: it is created with one.
    pub fn default_account_type(&self) -> Result<&Arc<AccountType>> {
        self.types
            .iter()
            .find(|ty| ty.is_default)
            .ok_or_else(|| Error::bug("an organization has no default account type"))
    }

    /// The tag with this ID.
    #[must_use]
    pub fn tag(&self, id: &TagId) -> Option<Tag> {
        self.tags.get(id).map(|name| Tag { id: id.clone(), name: name.clone() })
    }

    /// The tag with this name, however it is spelled.
    #[must_use]
    pub fn tag_named(&self, name: &str) -> Option<Tag> {
        self.tags_by_key.get(&fold(name)).and_then(|id| self.tag(id))
    }

    /// How many tags there are.
    #[must_use]
    pub fn tag_count(&self) -> usize {
        self.tags.len()
    }
}

/// The catalogs of all organizations that were asked for.
#[derive(Debug, Default)]
pub struct Catalogs {
    by_organization: RwLock<HashMap<OrganizationId, Arc<Catalog>>>,
}

impl Catalogs {
    /// What is cached, whatever its age: a command checks the version in its transaction.
    #[must_use]
    pub fn cached(&self, organization: &OrganizationId) -> Option<Arc<Catalog>> {
        self.by_organization.read().get(organization).cloned()
    }

    /// The catalog as it is now. Only for reading connections: what a running transaction has changed
    /// must never get into the cache.
    ///
    /// # Errors
    /// What the store reports.
    pub fn current(&self, tx: &mut Tx<'_>, organization: &OrganizationId) -> Result<Arc<Catalog>> {
        let version = organizations::catalog_version(tx, organization)?;
        self.at(tx, organization, version)
    }

    /// The catalog, which is known to be at `version`. Only for reading connections.
    ///
    /// # Errors
    /// What the store reports.
    pub fn at(&self, tx: &mut Tx<'_>, organization: &OrganizationId, version: i64) -> Result<Arc<Catalog>> {
        if let Some(found) = self.cached(organization)
            && found.version == version
        {
            return Ok(found);
        }
        // The content may be newer than the version that was read before it; never older. Noting the
        // older version only makes the next command load it once more.
        let loaded = Arc::new(Catalog::load(tx, organization, version)?);
        self.by_organization.write().insert(organization.clone(), Arc::clone(&loaded));
        Ok(loaded)
    }
}
