//! What a new version of a list is to whom was screened against the old one.

use std::collections::HashSet;

use muster_domain::{EnvironmentId, IdSource, OrganizationId, Timestamp, WatchlistVersionId};
use muster_screening::{Changes, Index, IndexBuilder, PackError, changes, unpack};
use muster_store::Tx;
use muster_store::jobs::{self as job_rows, JobRow};
use muster_store::watchlists as rows;
use serde::{Deserialize, Serialize};

use super::import::hashes;
use super::read_blocks;
use crate::jobs::Kind;
use crate::{App, Error, Result};

/// A list whose version was replaced: the state of a job of this kind, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// Its slug.
    pub list: String,
    /// The version before; none for a new list.
    pub old: Option<WatchlistVersionId>,
    /// The version that is asked from now on.
    pub new: WatchlistVersionId,
}

/// Puts a job in for an environment. Its subject is the new version, so that two imports make two jobs.
pub(super) fn enqueue(
    tx: &mut Tx<'_>,
    environment: EnvironmentId,
    switched: &Switched,
    (ids, now): (&mut IdSource, Timestamp),
) -> Result<()> {
    let state = serde_json::to_string(switched).map_err(|error| Error::bug(error.to_string()))?;
    let job = JobRow {
        id: ids.mint(),
        environment,
        kind: Kind::Rescreen.as_str().to_owned(),
        subject_id: switched.new.to_string(),
        state,
        attempts: 0,
        failures: 0,
    };
    Ok(job_rows::start(tx, &job, now, now)?)
}

/// The entities that differ between two versions of a list; none if one of them is no longer kept, and then anything
/// may differ. Blocks; never call it on an async thread, nor in a transaction.
///
/// # Errors
/// What the store reports.
pub fn changed(app: &App, organization: &OrganizationId, switched: &Switched) -> Result<Option<Changes>> {
    let Some(new) = hashes_of(app, organization, &switched.new)? else { return Ok(None) };
    let Some(old) = &switched.old else { return Ok(Some(changes([], new))) };
    Ok(hashes_of(app, organization, old)?.map(|old| changes(old, new)))
}

type Hashes = Vec<(String, muster_screening::ContentHash)>;

fn hashes_of(app: &App, organization: &OrganizationId, id: &WatchlistVersionId) -> Result<Option<Hashes>> {
    let (whose, id) = (organization.clone(), id.clone());
    let version = app.db.read_blocking("watchlists.version", move |tx| {
        rows::find_version(tx, &whose, &id).map_err(Error::from)
    })?;
    let Some(version) = version.filter(|version| version.blocks > 0) else { return Ok(None) };
    match hashes(app, organization, &version) {
        Err(Error::Retry(_)) => Ok(None),
        found => found.map(Some),
    }
}

/// What is new in a version of a list, ready to be asked; none where that cannot be told any more. Blocks; never call
/// it on an async thread, nor in a transaction.
///
/// # Errors
/// What the store reports.
pub fn novelties(app: &App, organization: &OrganizationId, switched: &Switched) -> Result<Option<Index>> {
    let Some(changes) = changed(app, organization, switched)? else { return Ok(None) };
    let wanted: HashSet<String> = changes.added.into_iter().chain(changes.changed).collect();
    let (whose, slug, id) = (organization.clone(), switched.list.clone(), switched.new.clone());
    let found = app.db.read_blocking("watchlists.novelties", move |tx| {
        let list = rows::find(tx, &whose, &slug)?;
        Ok::<_, Error>(list.zip(rows::find_version(tx, &whose, &id)?))
    })?;
    let Some((list, version)) = found else { return Ok(None) };
    let about = serde_json::from_str(&list.about)
        .map_err(|_| Error::bug("what is known of a watchlist is of an unknown form"))?;
    let damaged = |error: PackError| Error::bug(error.to_string());
    let mut builder = IndexBuilder::new();
    let at = builder.list(about);
    let read = read_blocks(&app.db, organization, &version, |block| {
        let entities = unpack(block).map_err(damaged)?.into_iter();
        let mut new = entities.filter(|entity| wanted.contains(&entity.id));
        new.try_for_each(|entity| builder.add(at, entity)).map_err(damaged)
    });
    match read {
        Err(Error::Retry(_)) => Ok(None),
        Err(error) => Err(error),
        Ok(()) => builder.build().map(Some).map_err(damaged),
    }
}
