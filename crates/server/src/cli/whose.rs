//! Which organization a command line is about.

use clap::Args;
use muster_app::Error;
use muster_domain::OrganizationId;
use muster_store::Tx;
use muster_store::organizations::{self, Organization};

use crate::output::Failure;

#[derive(Args, Clone)]
pub struct Whose {
    /// org_… [default: the only one]
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
}

/// Why it is not clear which organization is meant.
pub enum Unclear {
    /// There is none.
    None,
    /// There are several, or not the one that was named.
    Which,
}

impl From<Unclear> for Failure {
    fn from(unclear: Unclear) -> Self {
        Self(match unclear {
            Unclear::None => {
                "there is no organization yet; muster admin create-organization makes one".to_owned()
            }
            Unclear::Which => {
                "say which organization: --organization org_… (muster admin list shows them)".to_owned()
            }
        })
    }
}

impl Whose {
    /// Finds the organization that was named, or the only one.
    ///
    /// # Errors
    /// What the store reports.
    pub fn find(&self, tx: &mut Tx<'_>) -> Result<Result<Organization, Unclear>, Error> {
        let mut all = organizations::list(tx)?;
        let place = match (&self.organization, all.len()) {
            (_, 0) => return Ok(Err(Unclear::None)),
            (Some(wanted), _) => all.iter().position(|one| one.id == *wanted),
            (None, 1) => Some(0),
            (None, _) => None,
        };
        Ok(place.map(|place| all.swap_remove(place)).ok_or(Unclear::Which))
    }
}
