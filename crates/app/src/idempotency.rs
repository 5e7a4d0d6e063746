//! Replies that are given once and repeated (spec A.7).

use std::time::Duration;

use muster_domain::{EnvironmentId, Timestamp};
use muster_store::idempotency::{self as store, NewReply, StoredReply};
use muster_store::seal::{DataKey, MasterKey, digest16};
use muster_store::{Retry, Tx};

use crate::{EnvironmentContext, Error, Result};

/// How long a key is remembered.
pub const KEPT: Duration = Duration::from_hours(24);

/// A finished reply: HTTP status and body. It never prints the body.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// A request's idempotency key.
#[derive(Clone, Debug)]
pub struct Claim {
    key: Vec<u8>,
    fingerprint: Vec<u8>,
}

/// The account (or other subject) whose data key seals a reply.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its ID.
    pub id: String,
    /// Its data key.
    pub key: DataKey,
}

impl Claim {
    /// Makes a claim of the key of a request. `request` is what may not differ between two uses of it.
    #[must_use]
    pub fn new(key: &str, request: &[&[u8]]) -> Self {
        Self { key: digest16(&[key.as_bytes()]), fingerprint: digest16(request) }
    }

    /// The claim of one item of a request that has many.
    #[must_use]
    pub fn of_item(&self, index: usize, item: &[u8]) -> Self {
        let index = index.to_be_bytes();
        Self {
            key: digest16(&[b"item", &self.key, &index]),
            fingerprint: digest16(&[&self.fingerprint, item]),
        }
    }

    /// The hash of the key.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    fn identity(&self) -> String {
        let hex: String = self.key.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("idempotency_keys/{hex}")
    }

    /// The body as it is stored: sealed under the key of the subject, or of the environment without one.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn seal(
        &self,
        reply: &Reply,
        subject: Option<&Subject>,
        environment: &EnvironmentContext,
    ) -> Result<Vec<u8>> {
        match subject {
            Some(subject) => Ok(subject.key.seal_compressed(&reply.body, &self.identity())?),
            None => Ok(environment.index_key.reply_key().seal_compressed(&reply.body, &self.identity())?),
        }
    }

    /// The row of a reply.
    #[must_use]
    pub fn row<'a>(
        &'a self,
        environment: &'a EnvironmentId,
        status: u16,
        subject: Option<&'a str>,
        body: &'a [u8],
    ) -> NewReply<'a> {
        NewReply {
            environment,
            key: &self.key,
            fingerprint: &self.fingerprint,
            status: i64::from(status),
            subject_id: subject,
            body,
        }
    }

    /// Reads the reply that was given under this key before.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when it was given to another request.
    pub fn replay(
        &self,
        stored: &StoredReply,
        environment: &EnvironmentContext,
        master: &MasterKey,
    ) -> Result<Reply> {
        if stored.fingerprint != self.fingerprint {
            return Err(Error::KeyReused);
        }
        let status = u16::try_from(stored.status).map_err(|_| Error::bug("a stored reply has no status"))?;
        let body = match (&stored.subject_id, &stored.wrapped_key) {
            (None, _) => environment.index_key.reply_key().open_compressed(&stored.body, &self.identity())?,
            (Some(subject), Some(wrapped)) => {
                let key = DataKey::unwrap(master, wrapped, environment.id.as_str(), subject)?;
                match (key.open_compressed(&stored.body, &self.identity()), stored.key_renewed_at) {
                    (Ok(body), _) => body,
                    // Its subject was redacted since: there is nothing left to repeat.
                    (Err(_), Some(_)) => {
                        let details =
                            "the reply given under this Idempotency-Key is gone: its account was redacted";
                        return Err(Error::Conflict { title: "Conflict", details: details.to_owned() });
                    }
                    (Err(error), None) => return Err(error.into()),
                }
            }
            (Some(_), None) => return Err(Error::bug("the subject of a stored reply has no data key")),
        };
        Ok(Reply { status, body })
    }
}

/// What a claim found.
pub enum Claimed {
    /// The key was free; it is this transaction's now.
    Fresh,
    /// The key was used before for the same request.
    Replay(Reply),
}

/// Takes the key of one request, or finds the reply that was given under it.
///
/// # Errors
/// [`Error::KeyReused`] when the key was used for another request.
pub(crate) fn claim(
    tx: &mut Tx<'_>,
    claim: &Claim,
    row: NewReply<'_>,
    environment: &EnvironmentContext,
    master: &MasterKey,
    now: Timestamp,
) -> Result<Claimed> {
    for _ in 0..3 {
        if !store::claim(tx, &[row], now)?.is_empty() {
            return Ok(Claimed::Fresh);
        }
        match store::find(tx, row.environment, &claim.key)? {
            Some(stored) if stored.created_at < now - KEPT => {
                store::forget(tx, row.environment, &claim.key, now - KEPT)?;
            }
            Some(stored) => return claim.replay(&stored, environment, master).map(Claimed::Replay),
            // Pruned in between.
            None => {}
        }
    }
    Err(Error::Busy)
}

/// What a command made of a request: the reply, and whose personal data is in it.
pub struct Made {
    /// The reply.
    pub reply: Reply,
    /// The subject whose data key seals it.
    pub subject: Option<Subject>,
}

/// How a request was answered.
pub enum Answered {
    /// By what was made of it.
    Made(Made),
    /// By the reply that was given under its key before.
    Replayed(Reply),
}

impl Answered {
    /// A reply that tells of no subject.
    #[must_use]
    pub fn plain(reply: Reply) -> Self {
        Self::Made(Made { reply, subject: None })
    }

    /// The reply, however it came about.
    #[must_use]
    pub fn into_reply(self) -> Reply {
        match self {
            Self::Made(made) => made.reply,
            Self::Replayed(reply) => reply,
        }
    }
}

/// Runs a command once per idempotency key: its effect, its events and its reply are one transaction.
///
/// A refusal rolls back the effect and is stored all the same; `refuse` turns it into a reply.
///
/// # Errors
/// What `command` returns if it is not a refusal: nothing is stored then.
pub fn run_once(
    tx: &mut Tx<'_>,
    (environment, master, now): (&EnvironmentContext, &MasterKey, Timestamp),
    key: Option<&Claim>,
    refuse: impl Fn(&Error) -> Reply,
    command: impl FnOnce(&mut Tx<'_>) -> Result<Made>,
) -> Result<Answered> {
    let Some(key) = key else { return command(tx).map(Answered::Made) };
    match claim(tx, key, key.row(&environment.id, 0, None, &[]), environment, master, now)? {
        Claimed::Replay(reply) => return Ok(Answered::Replayed(reply)),
        Claimed::Fresh => {}
    }
    let made = match tx.savepoint(command) {
        Ok(made) => made,
        Err(error) if error.is_refusal() && !error.is_retry() => {
            Made { reply: refuse(&error), subject: None }
        }
        Err(error) => return Err(error),
    };
    let body = key.seal(&made.reply, made.subject.as_ref(), environment)?;
    let subject = made.subject.as_ref().map(|subject| subject.id.as_str());
    store::set_replies(tx, &[key.row(&environment.id, made.reply.status, subject, &body)])?;
    Ok(Answered::Made(made))
}
