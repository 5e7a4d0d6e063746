//! Indexing, in the background, accounts of a database from before there was search.

use std::sync::Arc;
use std::time::Duration;

use muster_app::accounts::{Progress, environments_to_reindex, reindex_environment};
use muster_app::{App, Error};
use muster_store::organizations::Environment;

/// How long to wait when others have changed types or tags, or are too many.
const PAUSE: Duration = Duration::from_millis(50);

/// Indexes accounts that were stored before there was search, a slice at a time so that nobody waits.
pub async fn run(app: Arc<App>) {
    let waiting = app.db.read("search.waiting", environments_to_reindex).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "it cannot be told whether accounts must be indexed for search");
        Vec::new()
    });
    for environment in waiting {
        let indexed = index(&app, &environment).await;
        match indexed {
            Ok(accounts) => {
                tracing::info!(environment = %environment.id, accounts, "accounts are indexed for search");
            }
            Err(error) => tracing::warn!(
                environment = %environment.id, %error,
                "accounts could not be indexed for search; the next start goes on with it"
            ),
        }
    }
}

/// Returns how many accounts were indexed.
async fn index(app: &Arc<App>, environment: &Environment) -> Result<usize, Error> {
    let mut accounts = 0;
    loop {
        let (catalogs, organization) = (Arc::clone(app), environment.organization_id.clone());
        let read = app.db.read("search.catalog", move |tx| catalogs.catalogs.current(tx, &organization));
        let (catalog, id, work) = (read.await?, environment.id.clone(), Arc::clone(app));
        let slice = app
            .db
            .write("search.index", move |tx| {
                reindex_environment(tx, &work.master, (&id, &catalog), work.now())
            })
            .await;
        match slice {
            // A type or tag is new: the next slice is made with it.
            Err(Error::StaleCatalog | Error::Busy) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(error),
            Ok(slice) => {
                accounts += slice.accounts;
                if slice.progress == Progress::Done {
                    return Ok(accounts);
                }
            }
        }
    }
}
