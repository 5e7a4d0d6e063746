//! Jobs: work that goes on after the request that caused it.
//!
//! A job is put in by the transaction that causes it. Whoever claims it has until the end of its lease to
//! finish it; then somebody else may take it over. It leaves in the transaction of its effect.

use muster_domain::{EnvironmentId, JobId, Timestamp};

use crate::error::Result;
use crate::{Row, Tx, dialect, params};

/// A job that is to be done.
#[derive(Clone, Debug)]
pub struct JobRow {
    /// Its ID.
    pub id: JobId,
    /// The environment it works in.
    pub environment: EnvironmentId,
    /// What it does.
    pub kind: String,
    /// What it is about.
    pub subject_id: String,
    /// How far it is.
    pub state: String,
    /// How often it was claimed. Who claimed it later has a greater number.
    pub attempts: i64,
    /// How often it failed since it last got on.
    pub failures: i64,
}

crate::statements! {
    INSERT = "INSERT INTO jobs (environment_id, id, kind, subject_id, state, due_at, attempts, failures, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7)
              ON CONFLICT (environment_id, kind, subject_id) DO UPDATE
                  SET state = excluded.state, due_at = excluded.due_at, attempts = jobs.attempts + 1, failures = 0";
    CLAIM = "UPDATE jobs SET due_at = $2, attempts = attempts + 1
             WHERE (environment_id, id) IN
                 (SELECT j.environment_id, j.id FROM jobs j
                  WHERE j.due_at <= $1 AND $4 NOT LIKE '%,' || j.kind || ',%' ORDER BY j.due_at LIMIT $3)
             RETURNING id, environment_id, kind, subject_id, state, attempts, failures";
    CLAIM_OF = "UPDATE jobs SET due_at = $5, attempts = attempts + 1
                WHERE environment_id = $1 AND kind = $2 AND subject_id = $3 AND due_at <= $4
                RETURNING id, environment_id, kind, subject_id, state, attempts, failures";
    DELETE = "DELETE FROM jobs WHERE environment_id = $1 AND id = $2 AND attempts = $3";
    CANCEL = "DELETE FROM jobs WHERE environment_id = $1 AND kind = $2 AND subject_id = $3";
    POSTPONE = "UPDATE jobs SET due_at = $4, state = $5, failure = $6, failures = $7
                WHERE environment_id = $1 AND id = $2 AND attempts = $3";
    RELEASE = "UPDATE jobs SET due_at = $4 WHERE environment_id = $1 AND id = $2 AND attempts = $3";
    KEEP = "UPDATE jobs SET due_at = $4, failures = 0 WHERE environment_id = $1 AND id = $2 AND attempts = $3";
    GET_OF = "SELECT id, environment_id, kind, subject_id, state, attempts, failures FROM jobs
              WHERE environment_id = $1 AND kind = $2 AND subject_id = $3";
}

fn job(row: &Row<'_>) -> Result<JobRow> {
    Ok(JobRow {
        id: JobId::trusted(row.text(0)?),
        environment: EnvironmentId::trusted(row.text(1)?),
        kind: row.text(2)?,
        subject_id: row.text(3)?,
        state: row.text(4)?,
        attempts: row.int(5)?,
        failures: row.int(6)?,
    })
}

/// Puts a job in, to be done at `due_at`. One of its kind for its subject that is there already starts anew, also
/// while it runs.
///
/// # Errors
/// What the engine reports.
pub fn start(tx: &mut Tx<'_>, job: &JobRow, due_at: Timestamp, now: Timestamp) -> Result<()> {
    let values = params![&job.environment, &job.id, &job.kind, &job.subject_id, &job.state, due_at, now];
    tx.execute(&INSERT, values).map(|_| ())
}

/// Takes a job out that need not be done any more, also while it runs: then its step does not count.
///
/// # Errors
/// What the engine reports.
pub fn cancel(tx: &mut Tx<'_>, environment: &EnvironmentId, kind: &str, subject_id: &str) -> Result<()> {
    tx.execute(&CANCEL, params![environment, kind, subject_id]).map(|_| ())
}

/// Which jobs are claimed.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// Those that are due now.
    pub now: Timestamp,
    /// When somebody else may take them over.
    pub lease_ends_at: Timestamp,
    /// How many at the most.
    pub limit: i64,
    /// None of these kinds.
    pub without: &'a [&'a str],
}

/// Takes jobs that are due, of whatever environment.
///
/// # Errors
/// What the engine reports.
pub fn claim(tx: &mut Tx<'_>, which: Claim<'_>) -> Result<Vec<JobRow>> {
    let without = format!(",{},", which.without.join(","));
    let values = params![which.now, which.lease_ends_at, which.limit, &without];
    tx.query(dialect::claim_jobs(tx.engine()), values, job)
}

/// Takes the job of a kind for a subject, if it is due.
///
/// # Errors
/// What the engine reports.
pub fn claim_of(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    (kind, subject_id): (&str, &str),
    (now, lease_ends_at): (Timestamp, Timestamp),
) -> Result<Option<JobRow>> {
    tx.query_opt(&CLAIM_OF, params![environment, kind, subject_id, now, lease_ends_at], job)
}

/// Lets a finished job go. False when somebody else took it over in the meantime.
///
/// # Errors
/// What the engine reports.
pub fn finish(tx: &mut Tx<'_>, job: &JobRow) -> Result<bool> {
    Ok(tx.execute(&DELETE, params![&job.environment, &job.id, job.attempts])? == 1)
}

/// What becomes of a job that is not finished.
#[derive(Clone, Debug)]
pub struct Postponed<'a> {
    /// When it is to run again; never, without one.
    pub due_at: Option<Timestamp>,
    /// How far it is.
    pub state: &'a str,
    /// Why it failed, if it did; then its failures are one more, else none.
    pub failure: Option<&'a str>,
}

/// Puts a job off. False when somebody else took it over in the meantime.
///
/// # Errors
/// What the engine reports.
pub fn postpone(tx: &mut Tx<'_>, job: &JobRow, how: &Postponed<'_>) -> Result<bool> {
    let failures = how.failure.map_or(0, |_| job.failures + 1);
    let values =
        params![&job.environment, &job.id, job.attempts, how.due_at, how.state, how.failure, failures];
    Ok(tx.execute(&POSTPONE, values)? == 1)
}

/// Gives a job back that was claimed and not begun: all that is known of it stays, its failures too. False when
/// somebody else took it over in the meantime.
///
/// # Errors
/// What the engine reports.
pub fn release(tx: &mut Tx<'_>, job: &JobRow, due_at: Timestamp) -> Result<bool> {
    Ok(tx.execute(&RELEASE, params![&job.environment, &job.id, job.attempts, due_at])? == 1)
}

/// Keeps a job that has got on until another moment: what failed before counts no more. False when somebody else took it
/// over in the meantime.
///
/// # Errors
/// What the engine reports.
pub fn keep(tx: &mut Tx<'_>, job: &JobRow, due_at: Timestamp) -> Result<bool> {
    Ok(tx.execute(&KEEP, params![&job.environment, &job.id, job.attempts, due_at])? == 1)
}

/// Finds the job of a kind for a subject.
///
/// # Errors
/// What the engine reports.
pub fn find_of(
    tx: &mut Tx<'_>,
    environment: &EnvironmentId,
    kind: &str,
    subject_id: &str,
) -> Result<Option<JobRow>> {
    tx.query_opt(&GET_OF, params![environment, kind, subject_id], job)
}
