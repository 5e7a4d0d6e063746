//! Proposes a mapping from the names of columns and a sample of their cells.
//!
//! A column is mapped when its name says clearly what it is and its cells fit. Everything else is left to a
//! person, with the reason.

use std::collections::BTreeMap;

use super::config::NULL_TOKENS_DEFAULT;
use super::entry::{MappingEntry, Target};
use super::sample::{are_account_ids, are_country_codes, fit};
use super::synonyms::{self, squeezed};
use crate::account_type::AccountType;
use crate::field::{FieldKind, FieldSchema};

/// A mapping that a person may take over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The entries, in the order of the columns.
    pub mapping: Vec<MappingEntry>,
    /// Columns that can be ignored without doubt: they have neither a name nor a cell.
    pub ignore: Vec<String>,
    /// The other columns, each with a sentence that says why it is not mapped. Never quotes a cell.
    pub unresolved: Vec<(String, String)>,
}

/// Something that a column can be mapped to.
struct Candidate<'t> {
    target: Target,
    /// The schema of the value, if it is a field.
    field: Option<&'t FieldSchema>,
    /// Its names, squeezed, the best one first.
    names: Vec<String>,
}

/// A column and what is known of it.
struct Column<'s> {
    name: &'s str,
    /// The cells of the sample that say something, trimmed.
    cells: Vec<&'s str>,
}

/// Proposes a mapping of the columns onto a type; `sample` are rows of the file.
#[must_use]
pub fn propose(ty: &AccountType, columns: &[String], sample: &[Vec<String>]) -> Proposal {
    let candidates = candidates(ty);
    let columns: Vec<Column<'_>> =
        columns.iter().enumerate().map(|(at, name)| Column { name, cells: cells(sample, at) }).collect();
    let chosen: Vec<Option<(usize, usize)>> =
        columns.iter().map(|column| best_candidate(&candidates, column)).collect();
    let mut proposal = Proposal::default();
    for (at, column) in columns.iter().enumerate() {
        match proposed(ty, &candidates, &columns, &chosen, at) {
            Ok(entry) => proposal.mapping.push(entry),
            Err(_) if column.name.trim().is_empty() && column.cells.is_empty() => {
                proposal.ignore.push(column.name.to_owned());
            }
            Err(why) => proposal.unresolved.push((column.name.to_owned(), why)),
        }
    }
    proposal
}

/// The cells of a column that say something.
fn cells(sample: &[Vec<String>], at: usize) -> Vec<&str> {
    sample
        .iter()
        .filter_map(|row| row.get(at))
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty() && !NULL_TOKENS_DEFAULT.contains(cell))
        .collect()
}

/// The entry of a column, or why there is none.
fn proposed(
    ty: &AccountType,
    candidates: &[Candidate<'_>],
    columns: &[Column<'_>],
    chosen: &[Option<(usize, usize)>],
    at: usize,
) -> Result<MappingEntry, String> {
    let column = &columns[at];
    if columns.iter().filter(|other| other.name == column.name).count() > 1 {
        return Err("has the name of another column; give them different names in the file".to_owned());
    }
    if are_account_ids(&column.cells) && may_be_id(candidates, chosen[at]) {
        return Err(
            "holds account IDs; map it to account-id and set match-key to the kind account-id".to_owned()
        );
    }
    let Some((candidate, rank)) = chosen[at] else {
        return Err(unknown(ty, column.name));
    };
    let rivals = (0..columns.len()).filter(|other| *other != at).filter_map(|other| {
        chosen[other].filter(|(theirs, _)| *theirs == candidate).map(|(_, rank)| (columns[other].name, rank))
    });
    let target = &candidates[candidate].target;
    for (rival, theirs) in rivals {
        if theirs == rank {
            return Err(format!(
                "looks like {target}, as the column {rival} does; map the one that is meant"
            ));
        }
        if theirs < rank {
            return Err(format!("looks like {target}, which the column {rival} fits better"));
        }
    }
    let entry = MappingEntry::column_to(column.name, target.clone());
    fit(ty, candidates[candidate].field, entry, &column.cells)
}

fn may_be_id(candidates: &[Candidate<'_>], chosen: Option<(usize, usize)>) -> bool {
    chosen.is_none_or(|(candidate, _)| candidates[candidate].target == Target::ReferenceId)
}

/// The candidate whose name a column has, with the rank of that name: 0 is its own.
fn best_candidate(candidates: &[Candidate<'_>], column: &Column<'_>) -> Option<(usize, usize)> {
    let name = squeezed(column.name);
    let ranks = candidates.iter().enumerate().filter_map(|(at, candidate)| {
        candidate.names.iter().position(|known| *known == name && !known.is_empty()).map(|rank| (at, rank))
    });
    let (at, rank) = ranks.min_by_key(|(_, rank)| *rank)?;
    // A country that is spelled out is no country code.
    let is_country = candidates[at].target == Target::Field("address.country_code".to_owned());
    (!is_country || are_country_codes(&column.cells)).then_some((at, rank))
}

fn unknown(ty: &AccountType, name: &str) -> String {
    let name = squeezed(name);
    let object = ty
        .fields
        .iter()
        .filter(|field| field.is_active())
        .find(|field| matches!(field.kind, FieldKind::Hash { .. }) && squeezed(&field.key) == name);
    if let Some(object) = object {
        let members: Vec<String> =
            object.members().iter().map(|member| format!("fields.{}.{}", object.key, member.key)).collect();
        return format!(
            "has the name of an object; map it to one of its members, {}, or ignore it",
            members.join(", ")
        );
    }
    if synonyms::COUNTRY.contains(&name.as_str()) {
        return "looks like a country, and not all its cells are codes of two letters; map it with values \
                that turn names into codes"
            .to_owned();
    }
    "has a name that fits no field; map it or ignore it".to_owned()
}

/// Everything that a column can be mapped to.
fn candidates(ty: &AccountType) -> Vec<Candidate<'_>> {
    let mut candidates = Vec::new();
    for field in ty.fields.iter().filter(|field| field.is_active()) {
        add_field(field, &mut Vec::new(), &mut candidates);
    }
    add_synonyms(&mut candidates);
    let plain = |target: Target, names: &[&str]| Candidate {
        target,
        field: None,
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    candidates.push(plain(Target::ReferenceId, &synonyms::REFERENCE_ID));
    candidates.push(plain(Target::Tags, &synonyms::TAGS));
    candidates.push(plain(Target::Status, &synonyms::STATUS));
    for relation in &ty.relations {
        let label = relation.label.as_deref().unwrap_or_default();
        let names = [squeezed(&relation.key), squeezed(label)];
        candidates.push(Candidate {
            target: Target::Relation(relation.key.clone()),
            field: None,
            names: names.into(),
        });
    }
    candidates
}

/// Adds a field, or the members of an object, by key and label.
fn add_field<'t>(field: &'t FieldSchema, path: &mut Vec<&'t str>, candidates: &mut Vec<Candidate<'t>>) {
    if matches!(field.kind, FieldKind::File { .. }) {
        return;
    }
    path.push(&field.key);
    if matches!(field.kind, FieldKind::Hash { .. }) {
        for member in field.members() {
            add_field(member, path, candidates);
        }
    } else {
        let whole = path.join(".");
        let names = vec![squeezed(&whole), squeezed(field.label.as_deref().unwrap_or_default())];
        candidates.push(Candidate { target: Target::Field(whole), field: Some(field), names });
    }
    path.pop();
}

/// Adds what people call system fields otherwise. What a type calls a field of its own goes first.
fn add_synonyms(candidates: &mut [Candidate<'_>]) {
    let mut by_path: BTreeMap<&str, Vec<&str>> =
        synonyms::FIELDS.iter().map(|(path, names)| (*path, names.to_vec())).collect();
    by_path.insert("address.country_code", synonyms::COUNTRY.to_vec());
    for candidate in candidates {
        let Target::Field(path) = &candidate.target else { continue };
        if let Some(names) = by_path.get(path.as_str()) {
            candidate.names.extend(names.iter().map(|name| (*name).to_owned()));
        }
    }
}
