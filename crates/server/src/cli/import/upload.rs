//! Storing a file of this machine, part by part.

use std::io::Read;
use std::path::Path;

use muster_app::imports::File;
use muster_app::imports::files::{self, PART_BYTES};
use muster_app::{App, Error, Scope, jobs};
use muster_domain::import::FileSettings;
use muster_tabular::{Detected, Settings, detect};

use crate::output::Failure;

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |error| Failure(format!("{} cannot be read: {error}", path.display()))
}

/// The name of a file without its folder.
pub fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Looks at the first rows.
pub fn look(path: &Path, settings: &FileSettings) -> Result<Detected, Failure> {
    let settings = reader_settings(settings)?;
    let file = std::fs::File::open(path).map_err(unreadable(path))?;
    detect(Box::new(file), &name(path), &settings)
        .map_err(|fault| Failure(format!("{}: {fault}", path.display())))
}

/// The settings as the reader of tables takes them: the same members in the same form.
fn reader_settings(settings: &FileSettings) -> Result<Settings, Failure> {
    let read = serde_json::to_value(settings).and_then(serde_json::from_value);
    read.map_err(|error| Failure(format!("the settings of the file cannot be used: {error}")))
}

/// Stores the whole file.
pub fn store(app: &App, scope: &Scope, path: &Path) -> Result<File, Failure> {
    let mut from = std::fs::File::open(path).map_err(unreadable(path))?;
    let called = name(path);
    let file = jobs::transact(app, scope, "imports.file", move |cx| files::create(cx, &called))
        .map_err(told(path))?;
    let mut part = Vec::with_capacity(PART_BYTES);
    for number in 0.. {
        part.clear();
        from.by_ref().take(PART_BYTES as u64).read_to_end(&mut part).map_err(unreadable(path))?;
        if part.is_empty() {
            break;
        }
        files::put_part(app, scope, &file.id, number, &part).map_err(told(path))?;
    }
    files::complete(app, scope, &file.id).map_err(told(path))
}

fn told(path: &Path) -> impl Fn(Error) -> Failure + '_ {
    move |error| Failure(format!("{}: {error}", path.display()))
}
