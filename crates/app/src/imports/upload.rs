//! What is sent of a file: parts larger than those that are kept, and a digest of the whole.

use std::sync::Arc;

use muster_domain::ImportFileId;
use muster_store::imports as rows;
use sha2::{Digest, Sha256};

use super::files::{self, FileStatus, PART_BYTES, part_identity};
use crate::{App, Error, Result, Scope};

/// Stores what was sent as `count` parts from `first` on; what was sent before in their place is gone, also where there
/// is less of it now. Blocks; never call it on an async thread.
///
/// # Errors
/// As [`files::put_part`].
pub fn put_parts(
    app: &App,
    scope: &Scope,
    id: &ImportFileId,
    (first, count): (u64, u64),
    content: &[u8],
) -> Result<()> {
    let mut next = first;
    for piece in content.chunks(PART_BYTES) {
        files::put_part(app, scope, id, next, piece)?;
        next += 1;
    }
    if next >= first + count {
        return Ok(());
    }
    let part = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (scope, id, master) = (scope.clone(), id.clone(), Arc::clone(&app.master));
    app.db.write_blocking("imports.parts_rest", move |tx| {
        let file = files::find(tx, &scope, &master, &id)?.file;
        if file.status == FileStatus::Uploading {
            rows::erase_parts(tx, &scope.environment.id, &id, (part(next), part(first + count)))?;
        }
        Ok::<_, Error>(())
    })
}

/// Refuses a file whose content does not have this SHA-256, in hexadecimal digits. Blocks; never call it on an async
/// thread.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] when the content is another one.
pub fn check_sha256(app: &App, scope: &Scope, id: &ImportFileId, expected: &str) -> Result<()> {
    let mut hash = Sha256::new();
    for (number, _) in files::parts(app, scope, id)? {
        let (scope, id, master) = (scope.clone(), id.clone(), Arc::clone(&app.master));
        let at = i64::try_from(number).unwrap_or(i64::MAX);
        let part = app.db.read_blocking("imports.digest", move |tx| {
            let opened = files::find(tx, &scope, &master, &id)?;
            let sealed = rows::find_part(tx, &scope.environment.id, &id, at)?.unwrap_or_default();
            Ok::<_, Error>(opened.key.open_compressed(&sealed, &part_identity(&id, at))?)
        })?;
        hash.update(&part);
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found.eq_ignore_ascii_case(expected.trim()) {
        return Ok(());
    }
    let message = "is not that of the parts that are here; compute it of the whole file, and send parts again that \
                   may have been damaged on the way";
    Err(Error::invalid(["sha-256"], message))
}
