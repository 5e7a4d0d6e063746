//! Maps rows by a plan that was made once: no name is looked up here.

use serde_json::{Map, Value};

use super::MatchKey;
use super::coerce::entries;
use super::config::WriteMode;
use super::entry::{Blank, TagMode};
use super::row::{MappedRelation, MappedRow, MappedTags, RowCode, RowFault};
use super::target::Place;
use super::text::{Cell, Texts};
use crate::account::ReferenceId;
use crate::fold::fold;
use crate::violation::Violation;

/// A mapping that was checked against a type and the columns of a file.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) match_key: MatchKey,
    pub(super) write_mode: WriteMode,
    pub(super) create_without_key: bool,
    pub(super) columns: Vec<String>,
    pub(super) placings: Vec<Placing>,
    /// Which of the placings is the key.
    pub(super) key: Option<usize>,
    /// The paths of the objects that are replaced as a whole and mapped member by member, inner ones first.
    pub(super) replaced: Vec<Vec<String>>,
}

/// One entry of a mapping, ready to be applied.
#[derive(Clone, Debug)]
pub(super) struct Placing {
    pub(super) texts: Texts,
    pub(super) blank: Blank,
    pub(super) place: Place,
    /// The first column it reads.
    pub(super) column: Option<String>,
    /// The target as the mapping writes it.
    pub(super) target: String,
}

impl Placing {
    fn fault(&self, code: RowCode, message: impl Into<String>) -> RowFault {
        RowFault {
            code,
            column: self.column.clone(),
            field: Some(self.target.clone()),
            message: message.into(),
        }
    }
}

impl Plan {
    /// Maps the cells of one row. Cells that are missing at the end are blank.
    #[must_use]
    pub fn map(&self, cells: &[String]) -> MappedRow {
        let mut row = MappedRow::default();
        for (at, placing) in self.placings.iter().enumerate() {
            let cell = placing.texts.read(cells);
            let is_key = self.key == Some(at);
            if is_key && !matches!(cell, Cell::Text(_)) {
                self.miss_key(placing, &mut row);
                continue;
            }
            if let Err(fault) = apply(placing, &cell, &mut row) {
                row.faults.push(fault);
            }
            if is_key && let Cell::Text(text) = &cell {
                row.key = Some(text.trim().to_owned());
            }
        }
        for path in &self.replaced {
            prune(&mut row.fields, path);
        }
        row
    }

    /// By what accounts are found.
    #[must_use]
    pub fn match_key(&self) -> &MatchKey {
        &self.match_key
    }

    /// The columns of the file that it was made for, in their order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Tells what the type or a rule refuses in the words of the file: which column it comes from.
    ///
    /// The path of the violation begins with `fields`, `tags`, `account-status` or `reference-id`.
    #[must_use]
    pub fn fault(&self, violation: &Violation) -> RowFault {
        let path: Vec<&str> = violation.path.iter().map(String::as_str).collect();
        let writes = |placing: &&Placing| path.starts_with(&placing.place.path());
        let writes_into = |placing: &&Placing| placing.place.path().starts_with(&path);
        let source = self.placings.iter().find(writes).or_else(|| self.placings.iter().find(writes_into));
        match source {
            Some(placing) => placing.fault(RowCode::ValidationFailed, violation.message.clone()),
            None => RowFault {
                code: RowCode::ValidationFailed,
                column: None,
                field: (!path.is_empty()).then(|| path.join(".")),
                message: violation.message.clone(),
            },
        }
    }

    fn miss_key(&self, placing: &Placing, row: &mut MappedRow) {
        if self.create_without_key && self.write_mode != WriteMode::Update {
            let message = "is blank: the row is taken for a new account";
            row.warnings.push(placing.fault(RowCode::MissingKey, message));
        } else {
            let message = "must not be blank: it is the key by which the account is found";
            row.faults.push(placing.fault(RowCode::MissingKey, message));
        }
    }
}

/// Writes what an entry says into the row.
fn apply(placing: &Placing, cell: &Cell<'_>, row: &mut MappedRow) -> Result<(), RowFault> {
    let text = match cell {
        Cell::Blank if placing.blank == Blank::Ignore => return Ok(()),
        Cell::Blank | Cell::Null => return clear(placing, cell, row),
        Cell::Text(text) => text.as_ref(),
    };
    match &placing.place {
        Place::Field { key, members, coercion } => {
            // Only texts may keep outer white space.
            let text = if matches!(coercion, super::coerce::Coercion::Text) { text } else { text.trim() };
            let value =
                coercion.value(text).map_err(|refusal| placing.fault(refusal.code, refusal.message))?;
            put(&mut row.fields, key, members, value);
        }
        Place::ReferenceId => {
            let id = ReferenceId::parse(text);
            row.reference_id =
                Some(Some(id.map_err(|message| placing.fault(RowCode::ValidationFailed, message))?));
        }
        Place::AccountId => {
            let id = text.trim().parse();
            row.account_id = Some(
                id.map_err(|_| placing.fault(RowCode::TypeMismatch, "must be an account ID like act_…"))?,
            );
        }
        Place::Tags { mode, separator } => add_tags(row, *mode, entries(text, separator)),
        Place::Status { names, message } => match names.get(&fold(text)) {
            Some(name) => row.status = Some(name.clone()),
            None => return Err(placing.fault(RowCode::UnknownStatus, message.as_str())),
        },
        Place::Relation { key, separator } => {
            let mut reference_ids = Vec::new();
            let mut add = |text: &str| match ReferenceId::parse(text) {
                Ok(id) => {
                    reference_ids.push(id.as_str().to_owned());
                    Ok(())
                }
                Err(message) => Err(placing.fault(RowCode::ValidationFailed, message)),
            };
            match separator {
                Some(separator) => entries(text, separator).try_for_each(&mut add)?,
                None => add(text)?,
            }
            row.relations.push(MappedRelation { relation: key.clone(), reference_ids });
        }
    }
    Ok(())
}

/// Clears what an entry writes; `cell` says whether the cell says so itself or its being blank does.
fn clear(placing: &Placing, cell: &Cell<'_>, row: &mut MappedRow) -> Result<(), RowFault> {
    match &placing.place {
        Place::Field { key, members, .. } => put(&mut row.fields, key, members, Value::Null),
        Place::ReferenceId => row.reference_id = Some(None),
        Place::Tags { mode: TagMode::Replace, .. } => add_tags(row, TagMode::Replace, std::iter::empty()),
        Place::Relation { key, .. } => {
            row.relations.push(MappedRelation { relation: key.clone(), reference_ids: Vec::new() });
        }
        Place::Status { .. } if *cell == Cell::Null => {
            let message = "cannot be cleared, every account has a status; leave the cell blank";
            return Err(placing.fault(RowCode::ValidationFailed, message));
        }
        Place::AccountId | Place::Tags { .. } | Place::Status { .. } => {}
    }
    Ok(())
}

fn add_tags<'c>(row: &mut MappedRow, mode: TagMode, names: impl Iterator<Item = &'c str>) {
    let mut names = names.map(str::to_owned).peekable();
    if mode == TagMode::Add && row.tags.is_none() && names.peek().is_none() {
        return;
    }
    let tags = row.tags.get_or_insert_with(|| MappedTags { mode, names: Vec::new() });
    tags.names.extend(names);
}

/// Puts a value under a key, or under the members below it.
fn put(fields: &mut Map<String, Value>, key: &str, members: &[String], value: Value) {
    let Some((member, below)) = members.split_first() else {
        fields.insert(key.to_owned(), value);
        return;
    };
    // Most members come after the first one of their object: its key need not be made again.
    if let Some(object) = fields.get_mut(key) {
        if let Value::Object(object) = object {
            put(object, member, below, value);
        }
        return;
    }
    let mut object = Map::new();
    put(&mut object, member, below, value);
    fields.insert(key.to_owned(), Value::Object(object));
}

/// Takes cleared members out of an object that is replaced as a whole; one that is left empty is cleared.
///
/// Only the object at the end of the path is looked at: deeper ones have paths of their own, and JSON in a
/// member is none of ours.
fn prune(fields: &mut Map<String, Value>, path: &[String]) {
    let Some((first, below)) = path.split_first() else { return };
    let object = fields.get_mut(first);
    let object = below.iter().fold(object, |object, key| object.and_then(|object| object.get_mut(key)));
    let Some(Value::Object(members)) = object else { return };
    members.retain(|_, member| !member.is_null());
    if members.is_empty()
        && let Some(place) = below
            .iter()
            .fold(fields.get_mut(first), |object, key| object.and_then(|object| object.get_mut(key)))
    {
        *place = Value::Null;
    }
}
