//! Keys that were seen in the last second, so that not every request looks its own up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use muster_app::keys::Principal;
use muster_domain::Timestamp;
use parking_lot::RwLock;

/// How long a key is trusted before it is looked up again.
const TRUSTED: Duration = Duration::from_secs(1);
/// Keys that are remembered at the most.
const KNOWN_MAX: usize = 10_000;

/// The cache, by the hash of the secret.
#[derive(Debug, Default)]
pub struct Principals {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_hash: HashMap<Vec<u8>, (Timestamp, Arc<Principal>)>,
    /// How often keys were forgotten because they changed.
    forgotten: u64,
}

impl Principals {
    /// The key behind a secret, if it was looked up less than a second ago. Otherwise a mark for
    /// [`Principals::remember`].
    pub fn find(&self, hash: &[u8], now: Timestamp) -> Result<Arc<Principal>, u64> {
        let known = self.known.read();
        match known.by_hash.get(hash) {
            Some((seen, principal)) if now < *seen + TRUSTED => Ok(Arc::clone(principal)),
            _ => Err(known.forgotten),
        }
    }

    /// Remembers what a look-up found, unless a key changed since it began: it might be that one.
    pub fn remember(&self, hash: Vec<u8>, found: Option<&Arc<Principal>>, mark: u64, now: Timestamp) {
        let mut known = self.known.write();
        if known.by_hash.len() >= KNOWN_MAX {
            known.by_hash.clear();
        }
        match found {
            Some(principal) if known.forgotten == mark => {
                known.by_hash.insert(hash, (now, Arc::clone(principal)));
            }
            _ => {
                known.by_hash.remove(&hash);
            }
        }
    }

    /// Forgets a key that has just changed: in this process the change holds at once.
    pub fn forget(&self, key_id: &str) {
        let mut known = self.known.write();
        known.forgotten += 1;
        known.by_hash.retain(|_, (_, principal)| principal.key_id.as_str() != key_id);
    }
}
