//! Dry runs: what an import would do, kept row by row, and committed later.

use std::collections::HashMap;
use std::sync::Arc;

use muster_domain::import::{Action, MappedRelation, RowCode, RowFault, RunKind, RunStatus};
use muster_domain::{AccountId, EnvironmentId, Fields, ImporterPipelineRunId};
use muster_store::Tx;
use muster_store::imports as rows;
use muster_store::seal::DataKey;
use serde_json::{Map, Value, json};

use super::outcomes::{self, RowOutcome};
use super::prepare::{Line, Preparer, State};
use super::runs::{self, NewRun, Run, conflict};
use crate::accounts::preview::{self, Preview};
use crate::accounts::{Account, FindOrCreate, NewRelations, relating};
use crate::record::{self, Record};
use crate::{App, Catalog, Cx, Error, Result, Scope};

/// Chunks of a dry run that are read at once while it is committed.
const CHUNKS_AT_ONCE: i64 = 2;

/// Starts a run that does what a dry run has planned. It reads the same file by the same configuration, whatever the
/// pipeline says now. Rows whose account has changed since are judged anew, and carry the warning
/// `changed_since_dry_run`.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Conflict`] when the run is no dry run, has not completed, or was committed already, and
/// as [`runs::start`].
pub fn commit(
    cx: &mut Cx<'_, '_>,
    plan: &ImporterPipelineRunId,
    reference_id: Option<String>,
) -> Result<Record<Run>> {
    let planned = find(cx, plan)?.item;
    let pipeline = planned.pipeline.clone().ok_or(Error::NotFound)?;
    let kind = if planned.undo_of.is_some() { RunKind::Undo } else { RunKind::Import };
    let (file, undo_of) = (planned.file, planned.undo_of);
    let new = NewRun { pipeline, kind, file, plan: Some(plan.clone()), undo_of, reference_id };
    runs::start(cx, &new)
}

fn find(cx: &mut Cx<'_, '_>, plan: &ImporterPipelineRunId) -> Result<Record<Run>> {
    let record = record::get::<Run>(cx.tx, cx.scope, cx.master, plan.as_str())?;
    if record.item.importer.is_some() { Err(Error::NotFound) } else { Ok(record) }
}

/// The dry run that a new run commits, if it may.
pub(super) fn to_commit(cx: &mut Cx<'_, '_>, new: &NewRun) -> Result<Option<Record<Run>>> {
    let Some(id) = &new.plan else { return Ok(None) };
    let record = find(cx, id)?;
    let plan = &record.item;
    if plan.kind != RunKind::DryRun || new.kind == RunKind::DryRun {
        return Err(conflict("only a dry run is committed; this run is none"));
    }
    if let Some(by) = &plan.committed_by {
        return Err(conflict(&format!("{by} has committed this dry run; make another one to import again")));
    }
    if plan.status != RunStatus::Completed {
        let status = plan.status.as_str();
        return Err(conflict(&format!("this dry run is {status}; it must be completed to be committed")));
    }
    if plan.redacted_at.is_some() {
        return Err(conflict("what this dry run planned was erased; make another one"));
    }
    let fits = (&plan.file, &plan.undo_of, plan.pipeline.as_ref());
    if fits != (&new.file, &new.undo_of, Some(&new.pipeline)) {
        return Err(conflict("a dry run is committed on the pipeline and the file that it was made with"));
    }
    Ok(Some(record))
}

/// Notes at a dry run that it is being committed. Whoever does the same at this moment finds it changed.
pub(super) fn note_committed(cx: &mut Cx<'_, '_>, mut plan: Record<Run>, by: &Run) -> Result<()> {
    let item = Run { committed_by: Some(by.id.clone()), ..plan.item.clone() };
    record::update(cx, &mut plan, item, Vec::new())
}

/// Ends the rows of a chunk of a dry run: what would become of each.
///
/// # Errors
/// [`Error::StaleCatalog`] when the types have changed since the items were prepared.
pub(super) fn judge(
    app: &App,
    preparer: &Preparer,
    lines: &mut [Line],
    items: Vec<FindOrCreate>,
) -> Result<()> {
    let first_row = lines.first().map_or(0, |line| line.row);
    let mut relations: Vec<Vec<MappedRelation>> = vec![Vec::new(); items.len()];
    for line in lines.iter() {
        if let State::Write(at) = line.state {
            relations[at].clone_from(&line.relations);
        }
    }
    let (master, catalog) = (Arc::clone(&app.master), Arc::clone(&preparer.catalog));
    let previews = app.db.read_bulk("imports.preview", move |tx| {
        let previews = preview::find_or_create(tx, &master, &items)?;
        let mut ends = Vec::with_capacity(previews.len());
        for ((preview, item), relations) in previews.into_iter().zip(&items).zip(&relations) {
            let related = related((&mut *tx, item.scope(), &catalog), &preview, relations)?;
            ends.push(Some((preview, related)));
        }
        Ok::<_, Error>(ends)
    });
    let mut previews = previews?;
    for line in lines {
        let State::Write(at) = line.state else { continue };
        let preview = previews.get_mut(at).and_then(Option::take);
        let (preview, related) = preview.ok_or_else(|| Error::bug("a row was not judged"))?;
        let is_repeated = line.repeats.is_some_and(|first| first < first_row);
        match preview {
            Preview::Refused(error) => line.end(Action::Error, preparer.faults(&error)),
            preview => {
                let warnings = std::mem::take(&mut line.warnings);
                let mut outcome = RowOutcome { warnings, ..of(line.row, &preview) };
                related.add_to(&mut outcome);
                line.state =
                    State::Done(if is_repeated { after_another(preparer, outcome) } else { outcome });
            }
        }
    }
    Ok(())
}

/// What a row would do to the relations of its account.
#[derive(Default)]
struct Related {
    changes: Map<String, Value>,
    warnings: Vec<RowFault>,
}

impl Related {
    fn add_to(self, outcome: &mut RowOutcome) {
        if !self.changes.is_empty() {
            if outcome.action == Action::Unchanged {
                outcome.action = Action::Updated;
            }
            // Relations have events of their own, and nobody knows how many there will be.
            outcome.version = None;
            outcome.changes.get_or_insert_with(Map::new).extend(self.changes);
        }
        outcome.warnings.extend(self.warnings);
    }
}

/// Looks what would become of the relations that a row names. An account that is not there may be made by an earlier
/// row of the file: then it is no refusal yet.
fn related(
    (tx, scope, catalog): (&mut Tx<'_>, &Scope, &Catalog),
    preview: &Preview,
    relations: &[MappedRelation],
) -> Result<Related> {
    let mut related = Related::default();
    let (account, id) = match preview {
        Preview::Create(account) => (account, None),
        Preview::Update { after: account, .. } | Preview::Unchanged(account) => (account, Some(&account.id)),
        Preview::Skip(_) | Preview::Refused(_) => return Ok(related),
    };
    for MappedRelation { relation, reference_ids } in relations {
        let of = (&*account.account_type, id);
        let warning = match relating((&mut *tx, scope, catalog), of, relation, reference_ids) {
            Ok(NewRelations { key, gone, come }) => {
                let ids = |ids: &[AccountId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
                if !gone.is_empty() || !come.is_empty() {
                    related.changes.insert(format!("relations.{key}"), json!([ids(&gone), ids(&come)]));
                }
                continue;
            }
            Err(Error::NotFound) => RowFault::of_row(
                RowCode::RelationNotFound,
                "names an account that is not there yet; unless an earlier row makes it, this one will be refused",
            ),
            Err(error) if error.is_refusal() => RowFault::of_row(RowCode::Conflict, error.to_string()),
            Err(error) => return Err(error),
        };
        related.warnings.push(RowFault { field: Some(format!("relations.{relation}")), ..warning });
    }
    Ok(related)
}

/// What a preview means for its row.
fn of(row: u64, preview: &Preview) -> RowOutcome {
    let told = |action: Action, account: &Account| RowOutcome {
        account: Some(account.id.clone()),
        version: Some(account.version),
        ..RowOutcome::new(row, action)
    };
    match preview {
        // The account is another one when it comes to that.
        Preview::Create(after) => {
            RowOutcome { changes: Some(changes(None, after)), ..RowOutcome::new(row, Action::Created) }
        }
        Preview::Update { before, after } => {
            RowOutcome { changes: Some(changes(Some(before), after)), ..told(Action::Updated, after) }
        }
        Preview::Unchanged(account) => told(Action::Unchanged, account),
        Preview::Skip(account) => told(Action::Skipped, account),
        Preview::Refused(_) => RowOutcome::new(row, Action::Error),
    }
}

/// A row whose key an earlier row of the file has creates nothing: that one does.
fn after_another(preparer: &Preparer, outcome: RowOutcome) -> RowOutcome {
    match outcome.action {
        Action::Created => {
            let action = if preparer.inserts_only() { Action::Skipped } else { Action::Updated };
            RowOutcome { action, changes: None, ..outcome }
        }
        _ => outcome,
    }
}

/// What differs between two states of an account, each member as `[before, after]`.
pub(super) fn changes(before: Option<&Account>, after: &Account) -> Map<String, Value> {
    let mut changes = Map::new();
    let mut tell = |member: String, pair: [Value; 2]| {
        if pair[0] != pair[1] {
            changes.insert(member, Value::from(pair.to_vec()));
        }
    };
    let none = Fields::default();
    let fields = before.map_or(&none, |account| &account.fields);
    for key in fields.changed_keys(&after.fields) {
        let of = |fields: &Fields| fields.get(&key).cloned().unwrap_or(Value::Null);
        tell(format!("fields.{key}"), [of(fields), of(&after.fields)]);
    }
    let both = |of: &dyn Fn(&Account) -> Value| [before.map_or(Value::Null, of), of(after)];
    tell("account-status".to_owned(), both(&|account| json!(account.status.name)));
    tell("reference-id".to_owned(), both(&|account| json!(account.reference_id)));
    let tags = |account: &Account| -> Value {
        let names: Vec<&str> = account.tags.iter().map(|tag| tag.name.as_str()).collect();
        if names.is_empty() { Value::Null } else { json!(names) }
    };
    tell("tags".to_owned(), both(&tags));
    tell("archived".to_owned(), both(&|account| json!(account.archived_at.is_some())));
    if before.is_none() {
        changes.remove("archived");
    }
    changes
}

/// What a dry run has planned, read along with the rows that are being committed.
pub(super) struct Planned {
    plan: ImporterPipelineRunId,
    key: DataKey,
    rows: HashMap<u64, Expected>,
    /// Rows up to this one were read.
    until: u64,
}

/// What a dry run says of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    action: Action,
    /// The account and its version, where these tell something.
    state: Option<(AccountId, i64)>,
    /// Nothing is promised of a row whose key an earlier row has.
    is_repeated: bool,
}

impl Planned {
    /// What the dry run that a run commits has planned; none if it commits none.
    pub(super) fn of(app: &App, scope: &Scope, run: &Run) -> Result<Option<Self>> {
        let Some(plan) = run.plan.clone() else { return Ok(None) };
        let (scope, master, id) = (scope.clone(), Arc::clone(&app.master), plan.clone());
        let record = app
            .db
            .read_blocking("imports.plan", move |tx| record::get::<Run>(tx, &scope, &master, id.as_str()))?;
        Ok(Some(Self { plan, key: record.key, rows: HashMap::new(), until: 0 }))
    }

    /// What is planned for the rows of an undo from one to another: they go from the last to the first, and an account
    /// that several of them concern has another version each time.
    pub(super) fn rows_back(
        &mut self,
        app: &App,
        environment: &EnvironmentId,
        (first, last): (u64, u64),
    ) -> Result<HashMap<u64, Expected>> {
        self.until = first.saturating_sub(1);
        self.rows.clear();
        let rows = self.rows(app, environment, (first, last))?;
        Ok(rows.into_iter().map(|(row, expected)| (row, Expected { state: None, ..expected })).collect())
    }

    /// What is planned for rows from one to another.
    pub(super) fn rows(
        &mut self,
        app: &App,
        environment: &EnvironmentId,
        (first, last): (u64, u64),
    ) -> Result<HashMap<u64, Expected>> {
        while self.until < last {
            let (environment, plan) = (environment.clone(), self.plan.clone());
            // A run that goes on after a break begins somewhere within.
            let wanted = i64::try_from(first.max(self.until + 1)).unwrap_or(i64::MAX);
            let chunks = app.db.read_bulk("imports.planned", move |tx| {
                let from = rows::covered_until(tx, &environment, &plan, wanted)?.unwrap_or(wanted);
                rows::chunks_from(tx, &environment, &plan, from, CHUNKS_AT_ONCE).map_err(Error::from)
            })?;
            let before = self.until;
            for chunk in &chunks {
                for outcome in outcomes::open(&self.plan, &self.key, chunk)? {
                    self.until = self.until.max(outcome.row);
                    self.rows.insert(outcome.row, Expected::of(outcome));
                }
            }
            if self.until == before {
                break;
            }
        }
        let found = (first..=last).filter_map(|row| Some((row, self.rows.get(&row)?.clone()))).collect();
        self.rows.retain(|row, _| *row > last);
        Ok(found)
    }
}

impl Expected {
    fn of(outcome: RowOutcome) -> Self {
        let is_repeated = outcome.warnings.iter().any(|warning| warning.code == RowCode::DuplicateInFile);
        // A new account has an ID that nobody could foresee.
        let is_known = !matches!(outcome.action, Action::Created | Action::Error);
        let state = outcome.account.zip(outcome.version).filter(|_| is_known);
        Self { action: outcome.action, state, is_repeated }
    }

    /// Whether what came is not what was planned.
    fn differs(&self, came: &RowOutcome) -> bool {
        let is_other = self.action != came.action;
        let is_changed = self.state.as_ref().is_some_and(|(account, version)| {
            (Some(account), Some(*version)) != (came.account.as_ref(), came.version)
        });
        !self.is_repeated && (is_other || is_changed)
    }
}

/// Warns of rows that came to something else than was planned, because their accounts have changed since.
pub(super) fn compare(planned: &HashMap<u64, Expected>, came: &mut [RowOutcome]) {
    for outcome in came {
        let Some(expected) = planned.get(&outcome.row).filter(|expected| expected.differs(outcome)) else {
            continue;
        };
        let message = format!(
            "has an account that changed after the dry run, which said {}; the row was judged anew",
            expected.action.as_planned()
        );
        outcome.warnings.push(RowFault::of_row(RowCode::ChangedSinceDryRun, message));
    }
}
