//! A page that is being filled.

use std::sync::Arc;

use muster_domain::AccountId;

use super::super::Account;
use super::{Among, BATCH_MAX, Mark, SearchRequest};

/// Accounts in the order of reading, and where reading was broken off.
pub(super) type Read = (Vec<Arc<Account>>, Option<Mark>);

/// A page that is being filled.
pub(super) struct Filling {
    found: Vec<Arc<Account>>,
    wanted: usize,
    /// Candidates that are read next.
    batch: usize,
    /// Accounts that may still be opened.
    left: usize,
    /// How far reading has come.
    last: Option<Mark>,
}

impl Filling {
    pub(super) fn new(request: &SearchRequest<'_>) -> Self {
        let (wanted, left) = (request.wanted(), request.limits.opened.max(1));
        Self { found: Vec::new(), wanted, batch: wanted, left, last: None }
    }

    /// How many candidates to read next; None when it is full, or enough was read.
    pub(super) fn wants(&self) -> Option<usize> {
        (self.found.len() < self.wanted && self.left > 0).then(|| self.batch.min(self.left))
    }

    /// Takes what was found among candidates, which stand next to each other in the order.
    pub(super) fn add(&mut self, candidates: &[AccountId], accounts: Vec<Arc<Account>>, among: Among) {
        self.found.extend(accounts);
        self.left -= candidates.len().min(self.left);
        self.batch = (self.batch * 2).min(BATCH_MAX);
        if let Some(id) = candidates.last() {
            self.last = Some(Mark { id: id.clone(), among });
        }
    }

    /// Ends here: nothing else is found up to this place.
    pub(super) fn break_off(&mut self, id: AccountId, among: Among) {
        (self.left, self.last) = (0, Some(Mark { id, among }));
    }

    pub(super) fn read(mut self) -> Read {
        let broken_off = self.found.len() < self.wanted && self.left == 0;
        self.found.truncate(self.wanted);
        (self.found, self.last.filter(|_| broken_off))
    }
}
