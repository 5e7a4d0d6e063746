//! Rows become items of the rule: everything that needs no transaction.

use std::collections::HashMap;
use std::sync::Arc;

use muster_domain::event::Source;
use muster_domain::fold::{fold, normalize};
use muster_domain::import::{
    Action, MappedRelation, MappedRow, MatchKey, PipelineConfig, Plan, RowCode, RowFault, TagMode, WriteMode,
};
use muster_domain::{AccountId, AccountType, AccountTypeId, IdSource, ImporterPipelineRunId};

use super::legacy;
use super::outcomes::RowOutcome;
use super::pipelines;
use super::runs::Run;
use super::traces;
use crate::accounts::{self, Creation, FindOrCreate, OnExisting, RowKey, Wishes, prepare_row};
use crate::{Catalog, Error, Result, Scope};

/// A row on its way: its cells, and what is known of it so far.
#[derive(Clone)]
pub(super) struct Line {
    /// Its number.
    pub(super) row: u64,
    /// Its cells.
    pub(super) cells: Vec<String>,
    /// What is odd about it.
    pub(super) warnings: Vec<RowFault>,
    /// The first row of the file that has its key, if that is another one.
    pub(super) repeats: Option<u64>,
    /// The accounts that its account is to be related to.
    pub(super) relations: Vec<MappedRelation>,
    /// What has become of it, or the place of its item among those of the chunk.
    pub(super) state: State,
}

/// How far a row is.
#[derive(Clone)]
pub(super) enum State {
    /// Nobody has looked at it yet.
    Raw,
    /// It is over.
    Done(RowOutcome),
    /// It goes into the transaction, as the item at this place.
    Write(usize),
}

impl Line {
    /// Ends the row without an account.
    pub(super) fn end(&mut self, action: Action, faults: Vec<RowFault>) {
        let mut outcome = RowOutcome::new(self.row, action);
        if action == Action::Error {
            outcome.cells = Some(std::mem::take(&mut self.cells));
        }
        outcome.warnings = std::mem::take(&mut self.warnings);
        outcome.faults = faults;
        self.state = State::Done(outcome);
    }
}

/// A mapping that is ready for rows, at one state of the catalog.
pub(super) struct Preparer {
    pub(super) scope: Scope,
    pub(super) catalog: Arc<Catalog>,
    run: ImporterPipelineRunId,
    is_of_importer: bool,
    ty: Arc<AccountType>,
    config: PipelineConfig,
    plan: Plan,
}

/// The types of accounts that rows name by their IDs.
pub(super) type Types = HashMap<AccountId, AccountTypeId>;

impl Preparer {
    /// Makes a mapping ready.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it does not fit the columns or the type as it is now.
    pub(super) fn new(scope: Scope, run: &Run, columns: &[String], catalog: Arc<Catalog>) -> Result<Self> {
        let ty = Arc::clone(pipelines::type_of(&catalog, &run.config)?);
        let plan = run.config.check(&ty, columns).map_err(Error::Invalid)?;
        Ok(Self {
            scope,
            catalog,
            run: run.id.clone(),
            is_of_importer: run.importer.is_some(),
            ty,
            config: run.config.clone(),
            plan,
        })
    }

    /// Reads the cells of a row.
    pub(super) fn map(&self, cells: &[String]) -> MappedRow {
        self.plan.map(cells)
    }

    /// The text of a key as keys are compared.
    pub(super) fn comparable(&self, key: &str) -> String {
        match &self.config.match_key {
            MatchKey::Identifier(name) if self.ty.identifier(name).is_some_and(|one| one.case_sensitive) => {
                normalize(key)
            }
            MatchKey::AccountId => key.to_owned(),
            _ => fold(key),
        }
    }

    /// What a row is noted by that keeps its cells or what it would change: a keyed hash of its key.
    pub(super) fn mark(&self, cells: &[String]) -> Option<Vec<u8>> {
        traces::mark(&self.scope, &self.ty, (&self.config.match_key, self.map(cells).key.as_deref()))
    }

    /// Whether a row whose account is there is passed over.
    pub(super) fn inserts_only(&self) -> bool {
        self.config.write_mode == WriteMode::Insert
    }

    /// Whether accounts are named by their IDs.
    pub(super) fn names_accounts(&self) -> bool {
        self.config.match_key == MatchKey::AccountId
    }

    /// Makes the item of a row, or ends the row.
    pub(super) fn item(
        &self,
        line: &mut Line,
        mut mapped: MappedRow,
        types: &Types,
        ids: &mut IdSource,
    ) -> Option<FindOrCreate> {
        line.warnings.append(&mut mapped.warnings);
        line.relations = std::mem::take(&mut mapped.relations);
        if !mapped.faults.is_empty() {
            line.end(Action::Error, mapped.faults);
            return None;
        }
        match self.prepared(line.row, mapped, types, ids) {
            Ok(item) => Some(item),
            Err(faults) => {
                line.end(Action::Error, faults);
                None
            }
        }
    }

    fn prepared(
        &self,
        row: u64,
        mapped: MappedRow,
        types: &Types,
        ids: &mut IdSource,
    ) -> Result<FindOrCreate, Vec<RowFault>> {
        let MappedRow { key, account_id, reference_id, status, tags, fields, .. } = mapped;
        let is_blank = key.is_none() && self.config.match_key != MatchKey::None;
        if is_blank && (!self.config.create_without_key || self.config.write_mode == WriteMode::Update) {
            let message = "must have a key; without one, nobody knows which account the row is about";
            return Err(vec![RowFault::of_row(RowCode::MissingKey, message)]);
        }
        let key = match &self.config.match_key {
            _ if key.is_none() => RowKey::None,
            MatchKey::None => RowKey::None,
            MatchKey::ReferenceId => RowKey::ReferenceId,
            MatchKey::Identifier(name) => RowKey::Identifier(name),
            MatchKey::AccountId => RowKey::Account(self.known(account_id.as_ref(), types)?),
        };
        let on_existing = match (&key, self.config.write_mode) {
            (RowKey::None, _) => OnExisting::Reject,
            (_, WriteMode::Insert) => OnExisting::Reuse,
            (_, WriteMode::Upsert | WriteMode::Update) => OnExisting::Update,
        };
        let creation = match self.config.write_mode {
            WriteMode::Update => Creation::Never,
            WriteMode::Upsert | WriteMode::Insert => Creation::Later,
        };
        let mut wishes = Wishes { reference_id, status, fields, ..Wishes::default() };
        if let Some(tags) = tags {
            let names = if self.is_of_importer { legacy::tag_names(&tags.names) } else { tags.names };
            wishes.tags = Some(names);
            wishes.tag_mode = match tags.mode {
                TagMode::Add => accounts::TagMode::Add,
                TagMode::Replace => accounts::TagMode::Replace,
            };
        }
        let scope = Scope { source: Source::Import { run: self.run.clone(), row }, ..self.scope.clone() };
        let catalog = Arc::clone(&self.catalog);
        prepare_row(scope, catalog, (&self.ty, key), &wishes, (on_existing, creation), ids)
            .map_err(|error| self.faults(&error))
    }

    /// An account of the right type that a row names by its ID.
    fn known<'a>(&self, id: Option<&'a AccountId>, types: &Types) -> Result<&'a AccountId, Vec<RowFault>> {
        let found = id.filter(|id| types.get(*id) == Some(&self.ty.id));
        found.ok_or_else(|| {
            let message = format!("must be the ID of an account of the type {}; there is none", self.ty.name);
            vec![RowFault::of_row(RowCode::NotFound, message)]
        })
    }

    /// Tells a refusal in the words of the file.
    pub(super) fn faults(&self, error: &Error) -> Vec<RowFault> {
        let (code, message) = match error {
            Error::Invalid(violations) | Error::Malformed(violations) => {
                return violations.iter().map(|violation| self.plan.fault(violation)).collect();
            }
            Error::NotFound => {
                (RowCode::NotFound, "names no account; there is none with this key to be updated".to_owned())
            }
            Error::Conflict { details, .. } => (RowCode::Conflict, details.replace("data.attributes.", "")),
            _ => (RowCode::Internal, "could not be done; import the row again".to_owned()),
        };
        vec![RowFault::of_row(code, message)]
    }
}
