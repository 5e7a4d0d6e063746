//! Published versions that were read before: they never change, so they need not be parsed again.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use muster_domain::{InquiryTemplateVersionId, OrganizationId, Timestamp};
use parking_lot::RwLock;

use super::TemplateVersion;

/// Most versions that are kept.
const KEPT_MAX: usize = 256;
/// What was published just now may not be committed, and never be: no transaction is as long as this.
const COMMITTED_AFTER: Duration = Duration::from_secs(60);

type Key = (OrganizationId, InquiryTemplateVersionId);

/// IDs are unique in the world, so one cache serves every database that a process has open.
static KEPT: LazyLock<RwLock<HashMap<Key, Arc<TemplateVersion>>>> = LazyLock::new(RwLock::default);

/// A version that was read before.
pub(super) fn find(
    organization: &OrganizationId,
    id: &InquiryTemplateVersionId,
) -> Option<Arc<TemplateVersion>> {
    KEPT.read().get(&(organization.clone(), id.clone())).cloned()
}

/// Keeps a version that cannot change any more.
pub(super) fn keep(organization: &OrganizationId, version: &Arc<TemplateVersion>, now: Timestamp) {
    if version.published_at.is_none_or(|at| at + COMMITTED_AFTER > now) {
        return;
    }
    let mut kept = KEPT.write();
    if kept.len() >= KEPT_MAX {
        kept.clear();
    }
    kept.insert((organization.clone(), version.id.clone()), Arc::clone(version));
}
