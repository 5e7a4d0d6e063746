//! Replaces a list by a new version of it.

use std::collections::HashSet;
use std::fmt;

use muster_domain::{IdSource, OrganizationId, Timestamp, WatchlistVersionId};
use muster_screening::{Changes, ContentHash, Entity, List, changes, pack, unpack};
use muster_store::watchlists::{self as rows, ListRow, VersionRow};
use muster_store::{Tx, organizations};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::rescreen::{self, Switched};
use super::{VERSIONS_MAX, erase_blocks, read_blocks};
use crate::user_audit_logs::{Operator, record_command};
use crate::{App, Error, Result};

/// Entities of a block: some hundred kilobytes, written in some milliseconds.
const BLOCK_ENTITIES: usize = 500;
/// Longest slug.
const SLUG_MAX: usize = 64;

/// What is to be imported.
#[derive(Clone, Debug)]
pub struct Import {
    /// Whose list it is.
    pub organization: OrganizationId,
    /// What is known of the list; its slug says which list is replaced.
    pub list: List,
    /// Where it comes from and in which format, for people.
    pub source: String,
    /// Who imports it.
    pub operator: Operator,
    /// What is to be done if the list has lost most of its entities.
    pub on_loss: OnLoss,
}

/// What becomes of a version with less than half of the entities of the one before: mostly a file that was cut off,
/// and then whoever is missing would no longer be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLoss {
    /// It is refused.
    Refuse,
    /// It takes the place of the one before.
    Accept,
}

/// How far an import is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Entities that are written.
    pub entities: u64,
}

/// What an import has done.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The version that is asked from now on.
    pub version: WatchlistVersionId,
    /// The version it took the place of.
    pub replaced: Option<WatchlistVersionId>,
    /// How many entities it has.
    pub entities: u64,
    /// How many names they have that are matched.
    pub names: u64,
    /// The IDs of entities that differ from the version before.
    pub changes: Changes,
}

/// Why nothing was imported.
#[derive(Debug)]
pub enum ImportError<E> {
    /// The list is malformed.
    List(E),
    /// Anything else.
    App(Error),
}

impl<E> From<Error> for ImportError<E> {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

impl<E: fmt::Display> fmt::Display for ImportError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(error) => error.fmt(f),
            Self::App(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for ImportError<E> {}

/// Imports a list: writes it beside the version that is asked, then lets it take its place. Blocks; never call it on
/// an async thread.
///
/// # Errors
/// The first error of the entities; [`Error::Invalid`] for a slug or a list that cannot be, such as one without any
/// entity, with one twice, or with too few ([`OnLoss`]); [`Error::Conflict`] when another import of the list was faster. The version that was
/// asked before is asked still; what was written goes, at the latest with the next import.
pub fn import<E>(
    app: &App,
    import: &Import,
    entities: impl IntoIterator<Item = Result<Entity, E>>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Imported, ImportError<E>> {
    check(&import.list)?;
    abandon_unfinished(app, import)?;
    let mut loading = Loading::begin(app, import)?;
    let loaded = loading.load(entities, progress).and_then(|()| Ok(loading.switch()?));
    if loaded.is_err() {
        // As well as it goes: whatever stays is erased before the next import.
        let _ = abandon_unfinished(app, import);
    }
    let imported = loaded?;
    erase_old(app, import, &imported)?;
    Ok(imported)
}

fn check(list: &List) -> Result<()> {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if list.slug.is_empty() || list.slug.len() > SLUG_MAX || !list.slug.chars().all(sound) {
        let message = "must be 1 to 64 small letters, digits, hyphens and underscores";
        return Err(Error::invalid(["slug"], message));
    }
    if list.name.trim().is_empty() {
        return Err(Error::invalid(["name"], "must not be empty"));
    }
    if list.types.is_empty() {
        return Err(Error::invalid(["types"], "must name one at least"));
    }
    Ok(())
}

/// Erases what imports that never ended have written. Such an import that still runs fails at its next block.
fn abandon_unfinished(app: &App, import: &Import) -> Result<()> {
    let (organization, slug) = (import.organization.clone(), import.list.slug.clone());
    let unfinished = app.db.write_blocking("watchlists.abandon", move |tx| {
        let mut all = rows::versions(tx, &organization, &slug, VERSIONS_MAX)?;
        all.retain(|version| matches!(version.status.as_str(), "loading" | "abandoned"));
        for version in &all {
            rows::set_status(tx, &organization, &version.id, "abandoned")?;
        }
        // Read again: one that loaded may have grown until then.
        let mut again = rows::versions(tx, &organization, &slug, VERSIONS_MAX)?;
        again.retain(|version| version.status == "abandoned");
        Ok::<_, Error>(again)
    })?;
    for version in unfinished {
        erase_blocks(&app.db, &import.organization, &version)?;
        let organization = import.organization.clone();
        app.db.write_blocking("watchlists.erase_version", move |tx| {
            rows::erase_version(tx, &organization, &version.id).map_err(Error::from)
        })?;
    }
    Ok(())
}

/// Erases the blocks of all versions but the one that is asked and the one before it, which tells what changed.
fn erase_old(app: &App, import: &Import, imported: &Imported) -> Result<()> {
    let (organization, slug) = (import.organization.clone(), import.list.slug.clone());
    let all = app.db.read_blocking("watchlists.versions", move |tx| {
        rows::versions(tx, &organization, &slug, VERSIONS_MAX).map_err(Error::from)
    })?;
    let kept = |version: &VersionRow| Some(&version.id) == imported.replaced.as_ref();
    let old = all.iter().filter(|version| version.status == "replaced" && !kept(version));
    for version in old.filter(|version| version.blocks > 0) {
        erase_blocks(&app.db, &import.organization, version)?;
    }
    Ok(())
}

/// A version that is being written.
struct Loading<'a> {
    app: &'a App,
    import: &'a Import,
    row: VersionRow,
    block: Vec<Entity>,
    ids: HashSet<String>,
    hashes: Vec<(String, ContentHash)>,
    digest: Sha256,
}

impl<'a> Loading<'a> {
    fn begin(app: &'a App, import: &'a Import) -> Result<Self> {
        let now = app.now();
        let row = VersionRow {
            id: IdSource::random(now).mint(),
            slug: import.list.slug.clone(),
            status: "loading".to_owned(),
            source: import.source.clone(),
            digest: String::new(),
            entities: 0,
            names: 0,
            blocks: 0,
            imported_at: now,
        };
        let (organization, new) = (import.organization.clone(), row.clone());
        app.db.write_blocking("watchlists.begin", move |tx| {
            rows::insert_version(tx, &organization, &new).map_err(Error::from)
        })?;
        let (ids, hashes) = (HashSet::new(), Vec::new());
        Ok(Self { app, import, row, block: Vec::new(), ids, hashes, digest: Sha256::new() })
    }

    fn load<E>(
        &mut self,
        entities: impl IntoIterator<Item = Result<Entity, E>>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), ImportError<E>> {
        for entity in entities {
            self.take(entity.map_err(ImportError::List)?)?;
            if self.block.len() == BLOCK_ENTITIES {
                self.write()?;
                progress(Progress { entities: self.hashes.len() as u64 });
            }
        }
        if !self.block.is_empty() {
            self.write()?;
        }
        if self.hashes.is_empty() {
            let message = "must not be none; the list names nobody";
            return Err(Error::invalid(["entities"], message).into());
        }
        progress(Progress { entities: self.hashes.len() as u64 });
        Ok(())
    }

    fn take(&mut self, entity: Entity) -> Result<()> {
        if !self.ids.insert(entity.id.clone()) {
            let message = format!("must each be there once; {} stands in the list twice", entity.id);
            return Err(Error::invalid(["entities"], message));
        }
        let hash = entity.content_hash();
        self.digest.update(hash.0);
        self.row.entities += 1;
        self.row.names += i64::try_from(entity.matched_names().count()).unwrap_or(0);
        self.hashes.push((entity.id.clone(), hash));
        self.block.push(entity);
        Ok(())
    }

    /// Writes a block in a transaction of its own, so that others get in between.
    fn write(&mut self) -> Result<()> {
        let packed = pack(&self.block).map_err(|error| Error::bug(error.to_string()))?;
        self.block.clear();
        let (organization, id) = (self.import.organization.clone(), self.row.id.clone());
        let number = self.row.blocks;
        self.app.db.write_blocking("watchlists.block", move |tx| {
            if !rows::grow(tx, &organization, &id, number + 1)? {
                return Err(overtaken());
            }
            rows::insert_block(tx, &organization, &id, (number, &packed)).map_err(Error::from)
        })?;
        self.row.blocks += 1;
        Ok(())
    }

    /// Lets the version take the place of the one that is asked.
    fn switch(&mut self) -> Result<Imported> {
        let old = self.current()?;
        if let Some(old) = old.as_ref().filter(|old| self.row.entities * 2 < old.entities)
            && self.import.on_loss == OnLoss::Refuse
        {
            let message = format!(
                "must be half of the {} of the version before at least, and are {}; if the file is whole, say that \
                 fewer are accepted",
                old.entities, self.row.entities
            );
            return Err(Error::invalid(["entities"], message));
        }
        let before = old.as_ref().map_or(Ok(Vec::new()), |old| self.hashes_of(old))?;
        let changes = changes(before, std::mem::take(&mut self.hashes));
        let now = self.app.now();
        self.row.digest = hexadecimal(&std::mem::take(&mut self.digest).finalize());
        self.row.imported_at = now;
        let switch = Switch {
            import: self.import.clone(),
            row: self.row.clone(),
            old: old.map(|old| old.id),
            changes: changes.clone(),
            now,
        };
        let (replaced, master) = (switch.old.clone(), std::sync::Arc::clone(&self.app.master));
        self.app.db.write_blocking("watchlists.switch", move |tx| switch.run(tx, &master))?;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Ok(Imported {
            version: self.row.id.clone(),
            replaced,
            entities: count(self.row.entities),
            names: count(self.row.names),
            changes,
        })
    }

    /// The version that is asked now.
    fn current(&self) -> Result<Option<VersionRow>> {
        let (organization, slug) = (self.import.organization.clone(), self.import.list.slug.clone());
        self.app.db.read_blocking("watchlists.current", move |tx| {
            let Some(list) = rows::find(tx, &organization, &slug)? else { return Ok(None) };
            rows::find_version(tx, &organization, &list.version).map_err(Error::from)
        })
    }

    fn hashes_of(&self, version: &VersionRow) -> Result<Vec<(String, ContentHash)>> {
        hashes(self.app, &self.import.organization, version)
    }
}

/// The IDs of the entities of a version and the hashes of what they say. Blocks.
pub(super) fn hashes(
    app: &App,
    organization: &OrganizationId,
    version: &VersionRow,
) -> Result<Vec<(String, ContentHash)>> {
    let mut hashes = Vec::new();
    read_blocks(&app.db, organization, version, |block| {
        let entities = unpack(block).map_err(|error| Error::bug(error.to_string()))?;
        hashes.extend(entities.iter().map(|entity| (entity.id.clone(), entity.content_hash())));
        Ok(())
    })?;
    Ok(hashes)
}

fn overtaken() -> Error {
    Error::Conflict {
        title: "Watchlist is being imported",
        details: "another import of this list has begun or ended in the meantime; run this one again"
            .to_owned(),
    }
}

/// What happens at once when a version takes the place of another.
struct Switch {
    import: Import,
    row: VersionRow,
    old: Option<WatchlistVersionId>,
    changes: Changes,
    now: Timestamp,
}

impl Switch {
    fn run(&self, tx: &mut Tx<'_>, master: &muster_store::seal::MasterKey) -> Result<()> {
        let (organization, now) = (&self.import.organization, self.now);
        let before = rows::find(tx, organization, &self.row.slug)?;
        if before.as_ref().map(|list| &list.version) != self.old.as_ref() {
            return Err(overtaken());
        }
        if !rows::finish(tx, organization, &self.row)? {
            return Err(overtaken());
        }
        if let Some(old) = &self.old {
            rows::set_status(tx, organization, old, "replaced")?;
        }
        let about =
            serde_json::to_string(&self.import.list).map_err(|error| Error::bug(error.to_string()))?;
        let (slug, version) = (self.row.slug.clone(), self.row.id.clone());
        rows::put(tx, organization, &ListRow { slug, about, version, created_at: now, updated_at: now })?;
        let ids = &mut IdSource::random(now);
        if self.changes != Changes::default() {
            let switched =
                Switched { list: self.row.slug.clone(), old: self.old.clone(), new: self.row.id.clone() };
            for environment in organizations::list_environments(tx, organization)? {
                rescreen::enqueue(tx, environment.id, &switched, (ids, now))?;
            }
        }
        let told = ("watchlists/import", self.told());
        record_command(tx, (master, organization), &self.import.operator, told, (ids, now))
    }

    /// What the user audit log tells of it.
    fn told(&self) -> serde_json::Value {
        let Changes { added, changed, removed } = &self.changes;
        json!({
            "data": {
                "type": "watchlist",
                "id": self.row.id.as_str(),
                "attributes": { "slug": self.row.slug, "source": self.row.source, "digest": self.row.digest },
            },
            "meta": {
                "entities": self.row.entities,
                "added": added.len(),
                "changed": changed.len(),
                "removed": removed.len(),
            },
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
