//! Opening the installation that the configuration names.

use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use muster_app::App;
use muster_domain::Timestamp;
use muster_store::Db;
use muster_store::db::Target;

use crate::config::{Config, KeySource};
use crate::output::{Failure, fail};
use crate::{master_key, outside};

/// Reads the clock of the machine.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Opens the database with its master key. A new installation gets both; where one of them is
/// missing or does not fit the other, nothing is touched.
///
/// # Errors
/// One line for the operator.
pub fn open(config: &Config) -> Result<Arc<App>, Failure> {
    config.options.target.check()?;
    let outside = outside::connect((&config.outside, &config.imports), Arc::new(now))?;
    if let Target::Sqlite(path) = &config.options.target {
        if let (true, KeySource::File { path: key, may_create: true }) = (path.exists(), &config.key)
            && !key.exists()
            && std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
        {
            return fail(format!(
                "the database {} exists, but its master key {} does not; put the key back, or give it as MUSTER_MASTER_KEY",
                path.display(),
                key.display()
            ));
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(|error| {
                Failure(format!("the folder {} cannot be made: {error}", folder.display()))
            })?;
        }
    }
    let found = master_key::find(&config.key)?;
    let mut options = config.options.clone();
    options.master_key = Some(found.key.fingerprint());
    match Db::open(&options, now()) {
        Ok(db) => Ok(Arc::new(App::new(db, found.key, Arc::new(now)).with_outside(outside))),
        Err(error) => {
            let untouched = matches!(error, muster_store::Error::Unusable(_));
            if let (true, true, KeySource::File { path, .. }) = (untouched, found.is_new, &config.key) {
                // It never sealed anything.
                let _ = std::fs::remove_file(path);
            }
            Err(error.into())
        }
    }
}
