//! The reading end of a run: rows out of the file, prepared in chunks, on a thread of its own.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use muster_domain::fold::fold;
use muster_domain::import::{Action, Duplicates, MappingEntry, RowCode, RowFault, RunKind, Target};
use muster_domain::{AccountId, IdSource, Violation};
use muster_store::organizations::{self, Hold};
use muster_store::tags;
use muster_tabular::{Fault, FaultCode, Row, Table};

use super::chunk::Chunk;
use super::covered::Covered;
use super::files;
use super::pace::{InFlight, Speed};
use super::plan::{self, Expected, Planned};
use super::prepare::{Line, Preparer, State, Types};
use super::runs::Run;
use super::seen::Seen;
use crate::accounts::{FindOrCreate, Outcome, Settled, TAGS_OF_ORGANIZATION_MAX, settle, types_of};
use crate::{App, Error, ReadCx, Result, Scope};

/// What comes out of a source.
pub(super) enum Read {
    /// The next chunk.
    Chunk(Box<Chunk>),
    /// There is nothing more.
    End,
    /// It cannot be read on, and why: for whoever can mend it.
    Fault(String),
    /// Something else went wrong.
    Failed(Error),
}

/// Which order of rows counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// That of rows with one key.
    OfOneKey,
    /// That of all: rows move keys between accounts that they are not found by.
    OfAll,
}

/// What items concern, as hashes.
#[derive(Default)]
struct Concerns {
    /// The keys that each is known for, and its account.
    touched: Vec<Vec<u64>>,
    /// The keys that each takes and gives up beside those, where that is known.
    moves: Vec<Option<Vec<u64>>>,
}

/// For each item of a chunk, whether nothing before it concerns what it does: neither in the chunk nor in one that was
/// under way.
fn alone(touched: &[Vec<u64>], under_way: &HashSet<u64>) -> Vec<bool> {
    let mut counts: HashMap<u64, u32> = HashMap::new();
    for key in touched.iter().flatten() {
        *counts.entry(*key).or_default() += 1;
    }
    let is_alone = |key: &u64| counts.get(key) == Some(&1) && !under_way.contains(key);
    touched.iter().map(|keys| keys.iter().all(is_alone)).collect()
}

/// Where slices end that can be done at once: within one, no item concerns what another one does, or may.
fn slices(touched: &[Vec<u64>], moves: &[Option<Vec<u64>>]) -> Vec<usize> {
    let (mut ends, mut taken, mut from) = (Vec::new(), HashSet::new(), 0);
    for (i, (touched, moves)) in touched.iter().zip(moves).enumerate() {
        let keys = || touched.iter().chain(moves.iter().flatten());
        if i > from && (moves.is_none() || keys().any(|key| taken.contains(key))) {
            ends.push(i);
            taken.clear();
            from = i;
        }
        taken.extend(keys().copied());
        if moves.is_none() {
            ends.push(i + 1);
            taken.clear();
            from = i + 1;
        }
    }
    if from < touched.len() {
        ends.push(touched.len());
    }
    ends
}

/// Bytes of cells after which a chunk ends, whatever its number of rows: so much is kept of each that is under way.
const CHUNK_BYTES: usize = 1 << 20;
/// Tries of a chunk of a dry run while the types change.
const JUDGED_MAX: usize = 20;

/// A file on its way through a run.
pub(super) struct Source<'a> {
    pub(super) app: &'a App,
    pub(super) scope: Scope,
    pub(super) run: &'a Run,
    pub(super) table: Table,
    pub(super) covered: Covered,
    pub(super) speed: &'a Speed,
    pub(super) in_flight: &'a InFlight,
    pub(super) hash: RandomState,
    pub(super) seen: Seen,
    pub(super) waiting: Option<Row>,
    pub(super) order: Order,
    /// One for all chunks: what they make sorts as the rows stand in the file.
    pub(super) ids: IdSource,
    /// The dry run that is being committed.
    pub(super) planned: Option<Planned>,
}

impl Source<'_> {
    /// Reads to the end, or until nobody takes any more.
    pub(super) fn send(mut self, to: &SyncSender<Read>) {
        loop {
            let next = self.next();
            let is_last = !matches!(next, Read::Chunk(_));
            if to.send(next).is_err() || is_last {
                return;
            }
        }
    }

    fn next(&mut self) -> Read {
        let preparer = match self.preparer() {
            Ok(preparer) => Arc::new(preparer),
            Err(Error::Invalid(violations)) => return Read::Fault(does_not_fit(&violations)),
            Err(error) => return Read::Failed(error),
        };
        let rows = match self.gather(&preparer) {
            Ok(rows) if rows.is_empty() => return Read::End,
            Ok(rows) => rows,
            Err(fault) => return broken_off(&fault),
        };
        match self.chunk(preparer, rows) {
            Ok(chunk) => Read::Chunk(Box::new(chunk)),
            Err(error) => Read::Failed(error),
        }
    }

    /// The mapping at the catalog of now.
    fn preparer(&self) -> Result<Preparer> {
        preparer(self.app, &self.scope, self.run, self.table.columns())
    }

    /// The next rows that nobody has done yet, one after the other without a gap.
    fn gather(&mut self, preparer: &Preparer) -> Result<Vec<Row>, Fault> {
        let wanted = self.speed.rows();
        let (mut rows, mut bytes) = (Vec::with_capacity(wanted), 0);
        while rows.len() < wanted && bytes < CHUNK_BYTES {
            let next = match self.waiting.take() {
                Some(row) => Some(row),
                None => self.table.next()?,
            };
            let Some(row) = next else { break };
            if self.covered.has(row.number) {
                if !rows.is_empty() {
                    self.waiting = Some(row);
                    break;
                }
                if row.fault.is_none() {
                    let key = preparer.map(&row.cells).key;
                    let _ = self.is_seen(preparer, row.number, key.as_deref());
                }
                continue;
            }
            bytes += row.cells.iter().map(String::len).sum::<usize>();
            rows.push(row);
        }
        Ok(rows)
    }

    /// Prepares rows.
    fn chunk(&mut self, mut preparer: Arc<Preparer>, rows: Vec<Row>) -> Result<Chunk> {
        let (mut lines, mut mapped) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in rows {
            let Row { number, cells, fault, .. } = row;
            let (warnings, relations) = (Vec::new(), Vec::new());
            let mut line = Line { row: number, cells, warnings, repeats: None, relations, state: State::Raw };
            mapped.push(match fault {
                Some(fault) => {
                    // Those that a reject file tells apart: their cells may not be in their columns.
                    let code = RowCode::parse(fault.code.as_str()).unwrap_or(RowCode::Malformed);
                    let fault = RowFault { code, column: fault.column, field: None, message: fault.message };
                    line.end(Action::Error, vec![fault]);
                    None
                }
                None => {
                    let read = preparer.map(&line.cells);
                    self.judge_duplicate(&preparer, &mut line, read.key.as_deref());
                    Some(read)
                }
            });
            lines.push(line);
        }
        let ids: Vec<AccountId> =
            mapped.iter().flatten().filter_map(|mapped| mapped.account_id.clone()).collect();
        let types = types(self.app, &preparer, ids)?;
        let mut items = Vec::with_capacity(lines.len());
        self.ids.advance(preparer.scope.now);
        for (line, mapped) in lines.iter_mut().zip(mapped) {
            let (State::Raw, Some(mapped)) = (&line.state, mapped) else { continue };
            if let Some(item) = preparer.item(line, mapped, &types, &mut self.ids) {
                line.state = State::Write(items.len());
                items.push(item);
            }
        }
        let is_dry = self.run.kind == RunKind::DryRun;
        if !is_dry && items.iter().any(|item| !item.new_tags().is_empty()) {
            make_tags(self.app, &preparer, &items)?;
            preparer = Arc::new(self.preparer()?);
            prepare_again(&preparer, &mut lines, &mut items, &types);
        }
        let Concerns { touched, moves } = self.settle(&mut lines, &mut items)?;
        if is_dry {
            preparer = self.judge(preparer, &mut lines, std::mem::take(&mut items), &types)?;
        }
        let planned = self.planned(&lines)?;
        let ends = match self.order {
            _ if items.is_empty() => Vec::new(),
            Order::OfOneKey => vec![items.len()],
            Order::OfAll => slices(&touched, &moves),
        };
        let touched = touched.into_iter().flatten().collect();
        let bytes_read = self.table.bytes_read();
        let chunk = Chunk { lines, items, ends, preparer, planned, touched, bytes_read };
        self.in_flight.add(&chunk.touched);
        Ok(chunk)
    }

    /// Ends all rows of a chunk of a dry run: nothing of it is written but what would become of them.
    fn judge(
        &self,
        mut preparer: Arc<Preparer>,
        lines: &mut [Line],
        mut items: Vec<FindOrCreate>,
        types: &Types,
    ) -> Result<Arc<Preparer>> {
        for _ in 0..JUDGED_MAX {
            match plan::judge(self.app, &preparer, lines, items) {
                Err(Error::StaleCatalog) => {}
                end => return end.map(|()| preparer),
            }
            preparer = Arc::new(self.preparer()?);
            items = Vec::new();
            prepare_again(&preparer, lines, &mut items, types);
            let ids = &mut IdSource::random(preparer.scope.now);
            items.iter_mut().for_each(|item| item.draft(&self.app.master, ids));
        }
        Err(Error::Retry("account types that keep changing"))
    }

    /// What the dry run that is being committed says of these rows.
    fn planned(&mut self, lines: &[Line]) -> Result<HashMap<u64, Expected>> {
        match (&mut self.planned, lines.first(), lines.last()) {
            (Some(planned), Some(first), Some(last)) => {
                planned.rows(self.app, &self.scope.environment.id, (first.row, last.row))
            }
            _ => Ok(HashMap::new()),
        }
    }

    /// Ends the rows whose accounts are already as wanted, and drafts the accounts that are not there. Returns what each
    /// item that is left concerns.
    fn settle(&mut self, lines: &mut [Line], items: &mut Vec<FindOrCreate>) -> Result<Concerns> {
        // What is under way before the look may not have been seen by it, whatever is done by the time it ends.
        let under_way = self.in_flight.keys();
        let settled = self.look(items)?;
        let mut concerns = Concerns::default();
        let mut is_found = vec![false; items.len()];
        for (i, item) in items.iter().enumerate() {
            let mut touched = item.touched(|| self.hash.build_hasher());
            // Rows may name one account by different keys, where others were merged into it.
            let moves = match settled.get(i) {
                None => None,
                Some(Settled::Absent) => Some(Vec::new()),
                Some(Settled::Done(outcome)) => {
                    touched.push(self.hash.hash_one(&outcome.account().id));
                    None
                }
                Some(Settled::Found(account, keys)) => {
                    is_found[i] = true;
                    touched.push(self.hash.hash_one(account));
                    Some(keys.iter().map(|key| self.hash.hash_one(key)).collect())
                }
            };
            concerns.touched.push(touched);
            concerns.moves.push(moves);
        }
        let is_alone = alone(&concerns.touched, &under_way);
        let mut done: HashMap<usize, Outcome> = HashMap::new();
        for (i, settled) in settled.into_iter().enumerate() {
            match settled {
                // What comes before it may change what it finds and moves.
                _ if !is_alone[i] => (concerns.moves[i], is_found[i]) = (None, false),
                Settled::Done(outcome) => {
                    done.insert(i, outcome);
                }
                Settled::Found(..) | Settled::Absent => {}
            }
        }
        let (mut places, mut left, mut of_left) = (Vec::new(), Vec::new(), Concerns::default());
        for (i, mut item) in items.drain(..).enumerate() {
            places.push(left.len());
            if !done.contains_key(&i) {
                if !is_found[i] {
                    item.draft(&self.app.master, &mut self.ids);
                }
                // Its draft tells which keys it takes.
                let mut touched = std::mem::take(&mut concerns.touched[i]);
                touched.extend(item.touched(|| self.hash.build_hasher()));
                touched.sort_unstable();
                touched.dedup();
                left.push(item);
                of_left.touched.push(touched);
                of_left.moves.push(concerns.moves[i].take());
            }
        }
        *items = left;
        for line in lines {
            let State::Write(at) = line.state else { continue };
            match done.get(&at) {
                None => line.state = State::Write(places[at]),
                Some(outcome) if line.relations.is_empty() => {
                    let mut told = super::chunk::of(outcome);
                    told.row = line.row;
                    told.warnings = std::mem::take(&mut line.warnings);
                    line.state = State::Done(told);
                }
                Some(_) => return Err(Error::bug("a row that relates accounts was settled")),
            }
        }
        Ok(of_left)
    }

    /// Looks what is to be done about each item; says nothing of any where rows relate accounts: those are looked at by
    /// whoever writes.
    fn look(&self, items: &mut Vec<FindOrCreate>) -> Result<Vec<Settled>> {
        let is_relation = |entry: &MappingEntry| matches!(entry.target, Target::Relation(_));
        if items.is_empty() || self.run.config.mapping.iter().any(is_relation) {
            return Ok(Vec::new());
        }
        let master = Arc::clone(&self.app.master);
        // The items go to the thread that reads, and come back.
        let mut taken = Some(std::mem::take(items));
        let read = self.app.db.read_bulk("imports.settle", move |tx| {
            let Some(items) = &taken else { return Err(Error::bug("rows were settled twice")) };
            let all: Vec<usize> = (0..items.len()).collect();
            let settled = match settle(tx, &master, items, &all) {
                // Whoever writes them notices as well, and prepares them again.
                Err(Error::StaleCatalog) => Vec::new(),
                settled => settled?,
            };
            Ok((taken.take().unwrap_or_default(), settled))
        });
        let (back, settled) = read?;
        *items = back;
        Ok(settled)
    }

    /// What a key that an earlier row had means for this one.
    fn judge_duplicate(&mut self, preparer: &Preparer, line: &mut Line, key: Option<&str>) {
        let Some(first) = self.is_seen(preparer, line.row, key) else { return };
        line.repeats = Some(first);
        let fault = RowFault::of_row(RowCode::DuplicateInFile, format!("has the same key as row {first}"));
        match self.run.config.duplicates {
            Duplicates::Apply => line.warnings.push(fault),
            Duplicates::First => {
                line.warnings.push(fault);
                line.end(Action::Skipped, Vec::new());
            }
            Duplicates::Reject => line.end(Action::Error, vec![fault]),
        }
    }

    /// The first row with this key, if this one is not it.
    fn is_seen(&mut self, preparer: &Preparer, row: u64, key: Option<&str>) -> Option<u64> {
        let hash = self.hash.hash_one(preparer.comparable(key?));
        self.seen.first(hash, row)
    }
}

/// Says why the mapping of a run does not fit its columns or its type.
pub(super) fn does_not_fit(violations: &[Violation]) -> String {
    let texts: Vec<String> = violations.iter().map(ToString::to_string).collect();
    format!("The mapping does not fit: {}.", texts.join("; "))
}

/// What it means that a file cannot be read on. Where it lies in the database, which could not be asked, the run is
/// tried again.
fn broken_off(fault: &Fault) -> Read {
    match fault.code {
        FaultCode::Unreadable => Read::Failed(files::out_of_reach()),
        _ => Read::Fault(fault.to_string()),
    }
}

/// The mapping of a run at the catalog of now.
///
/// # Errors
/// [`Error::Invalid`] when it does not fit.
pub(super) fn preparer(app: &App, scope: &Scope, run: &Run, columns: &[String]) -> Result<Preparer> {
    let (catalogs, organization) = (Arc::clone(&app.catalogs), scope.environment.organization.clone());
    let catalog = app.db.read_blocking("catalog.current", move |tx| catalogs.current(tx, &organization))?;
    Preparer::new(Scope { now: app.now(), ..scope.clone() }, run, columns, catalog)
}

/// The types of accounts that rows name by their IDs.
pub(super) fn types(app: &App, preparer: &Preparer, ids: Vec<AccountId>) -> Result<Types> {
    if !preparer.names_accounts() || ids.is_empty() {
        return Ok(Types::new());
    }
    let (scope, catalogs, master) =
        (preparer.scope.clone(), Arc::clone(&app.catalogs), Arc::clone(&app.master));
    app.db.read_bulk("imports.types_of", move |tx| {
        types_of(&mut ReadCx { tx, scope: &scope, catalogs: &catalogs, master: &master }, &ids)
    })
}

/// Makes the tags that rows bring, in a transaction of its own: else each of them would wait for the other.
fn make_tags(app: &App, preparer: &Preparer, items: &[FindOrCreate]) -> Result<()> {
    let mut new: Vec<_> = items.iter().flat_map(|item| item.new_tags().iter().cloned()).collect();
    new.sort_by_cached_key(|tag| fold(&tag.name));
    new.dedup_by_key(|tag| fold(&tag.name));
    let (organization, now) = (preparer.catalog.organization.clone(), preparer.scope.now);
    app.db.write_blocking("imports.tags", move |tx| {
        // Rows whose tags find no room are refused when they are prepared again.
        organizations::hold_catalog_version(tx, &organization, Hold::ToChange)?;
        let there = tags::list(tx, &organization)?;
        let names: HashSet<String> = there.iter().map(|tag| fold(&tag.name)).collect();
        let absent = new.iter().filter(|tag| !names.contains(&fold(&tag.name)));
        let room = TAGS_OF_ORGANIZATION_MAX.saturating_sub(there.len());
        let fitting: Vec<_> = absent.take(room).cloned().collect();
        if tags::insert_absent(tx, &organization, &fitting, now)? > 0 {
            organizations::bump_catalog(tx, &organization)?;
        }
        Ok::<_, Error>(())
    })
}

/// Prepares the rows of a chunk again that are to be written, drafts and all.
pub(super) fn prepare_again(
    preparer: &Preparer,
    lines: &mut [Line],
    items: &mut Vec<FindOrCreate>,
    types: &Types,
) {
    items.clear();
    let ids = &mut IdSource::random(preparer.scope.now);
    for line in lines.iter_mut().filter(|line| matches!(line.state, State::Write(_))) {
        let mapped = preparer.map(&line.cells);
        // Those of the mapping come again.
        line.warnings.retain(|warning| warning.code == RowCode::DuplicateInFile);
        if let Some(item) = preparer.item(line, mapped, types, ids) {
            line.state = State::Write(items.len());
            items.push(item);
        }
    }
}
