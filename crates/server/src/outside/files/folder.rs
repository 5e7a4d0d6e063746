//! Folders of this machine.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use muster_app::outside::{Failure, FoundFile};
use muster_domain::import::FileSource;

use super::{LISTED_MAX, too_many};
use crate::config::imports::ImportConfig;

/// A file that changed within this time may still be written.
const SETTLED_AFTER: Duration = Duration::from_secs(5);

/// The folders that the operator allowed.
pub struct Folders(Vec<PathBuf>);

impl Folders {
    pub fn new(config: &ImportConfig) -> Self {
        Self(config.folders.clone())
    }

    /// The real place of a folder, if it is one that the operator allowed or lies below one: links are followed before
    /// that is looked at.
    fn place(&self, path: &str) -> Result<PathBuf, Failure> {
        let real = fs::canonicalize(path).map_err(|error| out_of_reach("the folder", &error));
        let allowed = |real: &PathBuf| {
            self.0.iter().filter_map(|one| fs::canonicalize(one).ok()).any(|one| real.starts_with(one))
        };
        match real {
            Ok(real) if allowed(&real) => Ok(real),
            // Nobody learns which folders there are elsewhere.
            Ok(_) => Err(not_allowed()),
            Err(failure) if self.0.iter().any(|one| Path::new(path).starts_with(one)) => Err(failure),
            Err(_) => Err(not_allowed()),
        }
    }

    pub fn list(&self, path: &str, source: &FileSource) -> Result<Vec<FoundFile>, Failure> {
        let place = self.place(path)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(place).map_err(|error| out_of_reach("the folder", &error))? {
            let Ok(entry) = entry else { continue };
            // A link is no file of this folder.
            let Some(about) = entry.metadata().ok().filter(Metadata::is_file) else { continue };
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') || !source.takes(&name) || !is_settled(&about) {
                continue;
            }
            if found.len() == LISTED_MAX {
                return Err(too_many());
            }
            found.push(FoundFile { name, mark: mark(&about), byte_size: about.len() });
        }
        Ok(found)
    }

    pub fn open(&self, path: &str, file: &FoundFile) -> Result<Box<dyn Read + Send>, Failure> {
        let place = self.place(path)?.join(&file.name);
        let is_file = fs::symlink_metadata(&place).map(|about| about.is_file());
        match is_file.and_then(|is_file| if is_file { File::open(&place).map(Some) } else { Ok(None) }) {
            Ok(Some(open)) => Ok(Box::new(open)),
            Ok(None) => Err(Failure::Refused("the file is a link now".into())),
            Err(error) => Err(out_of_reach("a file", &error)),
        }
    }
}

fn not_allowed() -> Failure {
    Failure::Refused("the folder is not below one of MUSTER_IMPORT_FOLDERS".into())
}

fn out_of_reach(what: &str, error: &io::Error) -> Failure {
    Failure::Unreachable(format!("{what} cannot be read ({})", error.kind()))
}

fn is_settled(about: &Metadata) -> bool {
    about.modified().ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age >= SETTLED_AFTER)
}

fn mark(about: &Metadata) -> String {
    let at = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    format!("{}/{}", about.len(), at.unwrap_or_default().as_nanos())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Read;
    use std::time::{Duration, SystemTime};

    use muster_app::outside::{Failure, FoundFile};
    use muster_domain::import::FileSource;

    use super::{Folders, ImportConfig};

    fn settled(path: &std::path::Path, text: &str) {
        fs::write(path, text).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)).unwrap();
    }

    #[test]
    fn only_settled_files_of_allowed_folders_are_found() {
        let root = tempfile::tempdir().unwrap();
        let (allowed, other) = (root.path().join("in"), root.path().join("other"));
        fs::create_dir_all(allowed.join("sub")).unwrap();
        fs::create_dir_all(&other).unwrap();
        settled(&allowed.join("sub/b.csv"), "b");
        settled(&allowed.join("sub/a.txt"), "a");
        settled(&allowed.join("sub/.c.csv"), "c");
        settled(&other.join("d.csv"), "d");
        fs::write(allowed.join("sub/fresh.csv"), "still being written").unwrap();
        std::os::unix::fs::symlink(other.join("d.csv"), allowed.join("sub/link.csv")).unwrap();
        std::os::unix::fs::symlink(&other, allowed.join("away")).unwrap();

        let folders =
            Folders::new(&ImportConfig { folders: vec![allowed.clone()], ..ImportConfig::default() });
        let list = |path: &std::path::Path| {
            let path = path.to_str().unwrap().to_owned();
            folders.list(&path, &FileSource::Folder { path: path.clone(), pattern: Some("*.csv".into()) })
        };
        let found = list(&allowed.join("sub")).unwrap();
        assert_eq!(found.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["b.csv"]);
        let mut text = String::new();
        let place = allowed.join("sub");
        folders.open(place.to_str().unwrap(), &found[0]).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "b");
        for elsewhere in
            [&other, &allowed.join("away"), &allowed.join("sub/../../other"), &root.path().join("none")]
        {
            assert!(matches!(list(elsewhere), Err(Failure::Refused(_))), "{}", elsewhere.display());
        }
        let link = FoundFile { name: "link.csv".into(), mark: String::new(), byte_size: 1 };
        assert!(folders.open(place.to_str().unwrap(), &link).is_err());
    }
}
