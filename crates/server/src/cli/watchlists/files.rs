//! The files of a list on disk.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use muster_screening::Entity;
use muster_screening::read::{self, Joins, Ofac, OfacFiles, ReadError};

use super::Format;
use crate::output::{Failure, fail};

/// The names of a publication in OFAC's format: of the list itself, and of its other lists.
const PUBLICATIONS: [[&str; 4]; 2] = [
    ["sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"],
    ["cons_prim.csv", "cons_alt.csv", "cons_add.csv", "cons_comments.csv"],
];

/// A list on disk.
pub enum Source {
    Ofac(Publication),
    Targets(OneFile),
    Plain(OneFile),
    Ftm(OneFile),
}

impl Source {
    /// Finds the files of a list.
    ///
    /// # Errors
    /// One line for the operator when one is missing.
    pub fn open(format: Format, path: &Path) -> Result<Self, Failure> {
        Ok(match format {
            Format::Ofac => Self::Ofac(Publication::find(path)?),
            Format::Opensanctions => Self::Targets(OneFile(path.to_owned())),
            Format::Csv => Self::Plain(OneFile(path.to_owned())),
            Format::Ftm => Self::Ftm(OneFile(path.to_owned())),
        })
    }

    /// Where the list comes from, for people: its format and the name of its file.
    pub fn describe(&self) -> String {
        match self {
            Self::Ofac(files) => format!("ofac {}", files.main_name()),
            Self::Targets(file) => format!("opensanctions {}", file.name()),
            Self::Plain(file) => format!("csv {}", file.name()),
            Self::Ftm(file) => format!("ftm {}", file.name()),
        }
    }
}

/// The files of a publication of OFAC, in the order of [`PUBLICATIONS`].
pub struct Publication([Option<PathBuf>; 4]);

impl Publication {
    /// Finds the files in a folder, or beside the one that is named, in whatever case.
    fn find(path: &Path) -> Result<Self, Failure> {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let entries = std::fs::read_dir(folder)
            .map_err(|error| Failure(format!("{} cannot be read: {error}", folder.display())))?;
        let files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        let named = |wanted: &str| {
            let is_it =
                |file: &&PathBuf| file.file_name().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            files.iter().find(is_it).cloned()
        };
        let all = PUBLICATIONS.iter().find(|names| named(names[0]).is_some());
        let Some(names) = all else {
            return fail(format!(
                "{} has no sdn.csv; name the folder of the files as OFAC publishes them",
                folder.display()
            ));
        };
        // Without the other names, most of those who are listed would not be found.
        for needed in &names[1..3] {
            if named(needed).is_none() {
                return fail(format!(
                    "{needed} is missing beside {}; take all files of the publication",
                    names[0]
                ));
            }
        }
        Ok(Self(names.map(named)))
    }

    /// The name of the file of primary names.
    pub fn main_name(&self) -> String {
        self.0[0].as_deref().map(name_of).unwrap_or_default()
    }

    /// Begins to read.
    ///
    /// # Errors
    /// One line for the operator when a file cannot be opened or is malformed.
    pub fn read(&self) -> Result<Ofac<File>, Failure> {
        let names = self.0.each_ref().map(|path| path.as_deref().map(name_of).unwrap_or_default());
        let file = |at: usize| -> Result<Option<(&str, File)>, Failure> {
            self.0[at].as_deref().map(|path| Ok((names[at].as_str(), open(path)?))).transpose()
        };
        let Some(sdn) = file(0)? else { return fail("the publication has no file of primary names") };
        let files = OfacFiles { sdn, alt: file(1)?, add: file(2)?, comments: file(3)? };
        read::ofac(files).map_err(|error| malformed(&error))
    }
}

/// A list of one file.
pub struct OneFile(PathBuf);

impl OneFile {
    fn name(&self) -> String {
        name_of(&self.0)
    }

    /// Begins to read `targets.simple.csv`.
    pub fn targets(&self) -> Result<impl Iterator<Item = Result<Entity, ReadError>>, Failure> {
        read::targets(&self.name(), open(&self.0)?).map_err(|error| malformed(&error))
    }

    /// Begins to read a list of one's own.
    pub fn plain(&self) -> Result<impl Iterator<Item = Result<Entity, ReadError>>, Failure> {
        read::plain(&self.name(), open(&self.0)?).map_err(|error| malformed(&error))
    }

    /// Reads for what belongs to entities of other lines.
    pub fn joins(&self) -> Result<Joins, Failure> {
        let name = self.name();
        let mut joins =
            Joins::read(&name, BufReader::new(open(&self.0)?)).map_err(|error| malformed(&error))?;
        if joins.has_associates() {
            joins
                .name_associates(&name, BufReader::new(open(&self.0)?))
                .map_err(|error| malformed(&error))?;
        }
        Ok(joins)
    }

    /// Its name, and the file from its beginning.
    pub fn reopen(&self) -> Result<(String, BufReader<File>), Failure> {
        Ok((self.name(), BufReader::new(open(&self.0)?)))
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| Failure(format!("{} cannot be read: {error}", path.display())))
}

fn malformed(error: &ReadError) -> Failure {
    Failure(format!("{error}; nothing was replaced"))
}
