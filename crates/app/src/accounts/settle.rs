//! Which items of a slice need no transaction: their accounts are already as wanted.
//!
//! Reading is much cheaper than writing, and a file that is imported again is mostly that. Each item is judged at one
//! moment, by the same rule as in [`find_or_create`](super::find_or_create()).

use muster_domain::AccountId;
use muster_store::Tx;
use muster_store::identifiers::UniqueKey;
use muster_store::seal::MasterKey;

use super::change::Change;
use super::find_or_create::{Reading, Round, judge};
use super::{FindOrCreate, Outcome};
use crate::{Error, Result};

/// What a look says about one item.
#[derive(Debug)]
pub enum Settled {
    /// Nothing is to be done.
    Done(Outcome),
    /// There is an account, and something is to be done about it; these keys it would take and give up.
    Found(AccountId, Vec<UniqueKey>),
    /// There is none.
    Absent,
}

/// Looks what is to be done about some items of a slice; one entry for each of `which`. Writes nothing: a reading
/// connection will do.
///
/// # Errors
/// [`Error::StaleCatalog`] when the types have changed since the items were prepared, else what the database reports.
pub fn settle(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    items: &[FindOrCreate],
    which: &[usize],
) -> Result<Vec<Settled>> {
    let mut round = Round { tx, master, items, reading: Reading::Only };
    let found = round.find(which)?;
    let mut settled = Vec::with_capacity(which.len());
    for (found, &i) in found.iter().zip(which) {
        let item = &items[i];
        let Some(found) = found else {
            settled.push(Settled::Absent);
            continue;
        };
        let judged = round.open(item, found).and_then(|(opened, way)| judge(item, &item.wanted, opened, way));
        settled.push(match judged {
            Ok((outcome, None)) => Settled::Done(outcome),
            Err(Error::StaleCatalog) => return Err(Error::StaleCatalog),
            // Whoever writes finds out, and says why.
            Err(_) => Settled::Found(found.0.row.id.clone(), Vec::new()),
            Ok((_, Some(Change { keys, .. }))) => {
                let keys = keys.taken.into_iter().chain(keys.freed).collect();
                Settled::Found(found.0.row.id.clone(), keys)
            }
        });
    }
    Ok(settled)
}
