//! When keys were last used: noted in memory, written now and then, lost when the machine fails.

use std::collections::HashMap;

use muster_domain::{ApiKeyId, EnvironmentId, Timestamp};
use muster_store::Tx;
use muster_store::api_keys::{self, Use};
use parking_lot::Mutex;

use super::Principal;
use crate::Result;

/// Keys whose use waits to be written, at the most.
const NOTED_MAX: usize = 10_000;

/// Uses that wait to be written.
#[derive(Debug, Default)]
pub struct LastUses {
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    by_key: HashMap<ApiKeyId, (EnvironmentId, Timestamp)>,
    dropped: u64,
}

impl LastUses {
    /// Notes that a key was used. When too many wait already, the note is dropped.
    pub fn note(&self, principal: &Principal, now: Timestamp) {
        let mut noted = self.noted.lock();
        if let Some((_, at)) = noted.by_key.get_mut(&principal.key_id) {
            *at = now.max(*at);
        } else if noted.by_key.len() < NOTED_MAX {
            noted.by_key.insert(principal.key_id.clone(), (principal.environment.id.clone(), now));
        } else {
            noted.dropped += 1;
        }
    }

    /// Takes out all that waits, in an order that two processes share, and how many notes were dropped.
    pub fn take(&self) -> (Vec<Use>, u64) {
        let noted = std::mem::take(&mut *self.noted.lock());
        let mut uses: Vec<Use> =
            noted.by_key.into_iter().map(|(key, (environment, at))| Use { environment, key, at }).collect();
        uses.sort_by(|a, b| (&a.environment, &a.key).cmp(&(&b.environment, &b.key)));
        (uses, noted.dropped)
    }
}

/// Writes what [`LastUses::take`] took out.
///
/// # Errors
/// What the store reports.
pub fn write_last_uses(tx: &mut Tx<'_>, uses: &[Use]) -> Result<()> {
    Ok(api_keys::touch(tx, uses)?)
}
