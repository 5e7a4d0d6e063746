//! Settings of where files may be imported from.

use std::fmt;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use crate::output::{Failure, fail};

/// Flags of imports on a schedule. `Debug` prints `[redacted]`: they hold credentials.
#[derive(Args, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct ImportFlags {
    /// Folders that pipelines may take files from, with all below them, between colons
    #[arg(long, env = "MUSTER_IMPORT_FOLDERS", value_name = "DIRS", value_delimiter = ':')]
    import_folders: Vec<PathBuf>,
    /// Buckets that pipelines may take files from, as ENDPOINT/BUCKET such as
    /// https://s3.eu-central-1.amazonaws.com/incoming, between commas
    #[arg(long, env = "MUSTER_IMPORT_BUCKETS", value_name = "URLS", value_delimiter = ',')]
    import_buckets: Vec<String>,
    /// The access key of the buckets
    #[arg(long, env = "MUSTER_IMPORT_ACCESS_KEY", value_name = "KEY", hide_env_values = true)]
    import_access_key: Option<String>,
    /// The secret of the access key (prefer the variable: a flag shows in the process list)
    #[arg(long, env = "MUSTER_IMPORT_SECRET_KEY", value_name = "SECRET", hide_env_values = true)]
    import_secret_key: Option<String>,
}

impl fmt::Debug for ImportFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportFlags([redacted])")
    }
}

/// Where files may be imported from. `Debug` prints `[redacted]`.
#[derive(Clone, Default)]
pub struct ImportConfig {
    /// Folders, with all below them.
    pub folders: Vec<PathBuf>,
    /// Buckets, as `ENDPOINT/BUCKET`.
    pub buckets: Vec<String>,
    /// Access key and secret of the buckets.
    pub credentials: Option<(String, String)>,
}

impl fmt::Debug for ImportConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImportConfig([redacted])")
    }
}

impl ImportConfig {
    /// Puts flags, variables and file together.
    ///
    /// # Errors
    /// Names the setting that is missing or wrong, and never its value.
    pub fn new(flags: &ImportFlags, file: ImportFlags) -> Result<Self, Failure> {
        let folders =
            if flags.import_folders.is_empty() { file.import_folders } else { flags.import_folders.clone() };
        if folders.iter().any(|folder| !folder.is_absolute()) {
            return fail("--import-folders must be absolute paths between colons");
        }
        let buckets =
            if flags.import_buckets.is_empty() { file.import_buckets } else { flags.import_buckets.clone() };
        let is_bucket = |url: &String| {
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            rest.and_then(|rest| rest.split_once('/')).is_some_and(|(host, name)| {
                !host.is_empty() && !name.trim_end_matches('/').is_empty() && !url.contains(['@', '?', '#'])
            })
        };
        if !buckets.iter().all(is_bucket) {
            return fail("--import-buckets must be like https://s3.eu-central-1.amazonaws.com/incoming");
        }
        let access_key = flags.import_access_key.clone().or(file.import_access_key);
        let secret_key = flags.import_secret_key.clone().or(file.import_secret_key);
        let credentials = match (access_key, secret_key) {
            (Some(key), Some(secret)) => Some((key, secret)),
            (None, None) => None,
            _ => return fail("--import-access-key and --import-secret-key need each other"),
        };
        let buckets = buckets.iter().map(|url| url.trim_end_matches('/').to_owned()).collect();
        Ok(Self { folders, buckets, credentials })
    }

    /// Whether anything is allowed at all.
    pub fn is_any(&self) -> bool {
        !self.folders.is_empty() || !self.buckets.is_empty()
    }
}
