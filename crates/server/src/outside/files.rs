//! Files of folders and buckets that the operator allowed.

mod bucket;
mod folder;

use std::io::Read;

use muster_app::outside::{Failure, Files, FoundFile};
use muster_domain::import::FileSource;

use crate::config::imports::ImportConfig;

/// Files that are listed at the most.
const LISTED_MAX: usize = 100_000;

/// Why a look at more of them fails: some of those that are new might never be found.
fn too_many() -> Failure {
    Failure::Refused(format!(
        "more than {LISTED_MAX} files match; move those that were imported elsewhere, or narrow prefix or pattern"
    ))
}

/// Folders and buckets of this installation.
pub struct Allowed {
    folders: folder::Folders,
    buckets: bucket::Buckets,
}

impl Allowed {
    /// Makes what is configured ready.
    pub fn new(config: &ImportConfig) -> Self {
        Self { folders: folder::Folders::new(config), buckets: bucket::Buckets::new(config) }
    }
}

impl Files for Allowed {
    fn list(&self, source: &FileSource) -> Result<Vec<FoundFile>, Failure> {
        let mut found = match source {
            FileSource::Folder { path, .. } => self.folders.list(path, source)?,
            FileSource::S3 { .. } => self.buckets.list(source)?,
        };
        found.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    fn open(&self, source: &FileSource, file: &FoundFile) -> Result<Box<dyn Read + Send>, Failure> {
        match source {
            FileSource::Folder { path, .. } => self.folders.open(path, file),
            FileSource::S3 { .. } => self.buckets.open(source, file),
        }
    }
}
