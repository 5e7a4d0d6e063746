//! What an entry writes: a field or a member of one, the tags, a status, a relation, a key.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::coerce::{Coercion, ListForm, OptionFault, SEPARATOR, listed};
use super::entry::{MappingEntry, TagMode, Target};
use crate::account_type::{AccountType, flat_target, is_merged};
use crate::field::{FieldKind, FieldSchema};
use crate::fold::fold;

/// What an entry writes, with all that is needed to do so.
#[derive(Clone, Debug)]
pub(super) enum Place {
    ReferenceId,
    AccountId,
    /// A field, or what `members` lead to in it.
    Field {
        key: String,
        members: Vec<String>,
        coercion: Coercion,
    },
    Tags {
        mode: TagMode,
        separator: String,
    },
    /// The statuses by their folded names.
    Status {
        names: HashMap<String, String>,
        message: String,
    },
    /// A relation; with a separator, to several accounts.
    Relation {
        key: String,
        separator: Option<String>,
    },
}

impl Place {
    /// Finds what an entry writes.
    ///
    /// # Errors
    /// Lists the members of the entry that make no sense.
    pub(super) fn new(
        ty: &AccountType,
        entry: &MappingEntry,
        zone: Option<&TimeZone>,
    ) -> Result<Self, Vec<OptionFault>> {
        match &entry.target {
            Target::Field(path) => {
                let (key, members, leaf) = field(ty, path).map_err(|message| vec![("target", message)])?;
                let coercion = Coercion::new(leaf, entry, zone)?;
                Ok(Self::Field { key, members, coercion })
            }
            Target::ReferenceId => plain(entry, &[]).map(|()| Self::ReferenceId),
            Target::AccountId => plain(entry, &[]).map(|()| Self::AccountId),
            Target::Tags => {
                plain(entry, &["split", "mode"])?;
                Ok(Self::Tags { mode: entry.tags.unwrap_or_default(), separator: separator(entry)? })
            }
            Target::Status => {
                plain(entry, &[])?;
                let active = ty.statuses.iter().filter(|status| status.deactivated_at.is_none());
                let names: Vec<&str> = active.map(|status| status.name.as_str()).collect();
                let message = format!("must be the name of a status: {}", listed(&names));
                let names = names.iter().map(|name| (fold(name), (*name).to_owned())).collect();
                Ok(Self::Status { names, message })
            }
            Target::Relation(key) => relation(ty, entry, key),
        }
    }

    /// What this writes, in one spelling: two entries that write the same are one too many.
    pub(super) fn path(&self) -> Vec<&str> {
        match self {
            Self::ReferenceId => vec!["reference-id"],
            Self::AccountId => vec!["account-id"],
            Self::Field { key, members, .. } => {
                ["fields", key].into_iter().chain(members.iter().map(String::as_str)).collect()
            }
            Self::Tags { .. } => vec!["tags"],
            Self::Status { .. } => vec!["account-status"],
            Self::Relation { key, .. } => vec!["relations", key],
        }
    }
}

fn relation(ty: &AccountType, entry: &MappingEntry, key: &str) -> Result<Place, Vec<OptionFault>> {
    let Some(relation) = ty.relation(key) else {
        let keys: Vec<&str> = ty.relations.iter().map(|relation| relation.key.as_str()).collect();
        let message = match keys.as_slice() {
            [] => format!("is no relation: the account type {} has none", ty.name),
            keys => format!("is no relation of the account type {}; it has {}", ty.name, listed(keys)),
        };
        return Err(vec![("target", message)]);
    };
    plain(entry, if relation.many { &["split"] } else { &[] })?;
    let separator = if relation.many { Some(separator(entry)?) } else { None };
    Ok(Place::Relation { key: relation.key.clone(), separator })
}

fn separator(entry: &MappingEntry) -> Result<String, Vec<OptionFault>> {
    match ListForm::of(entry).map_err(|fault| vec![fault])? {
        ListForm::Split(separator) => Ok(separator),
        ListForm::Json | ListForm::Either => Ok(SEPARATOR.to_owned()),
    }
}

/// Refuses the options of an entry that are for the values of fields, except the `allowed` ones.
fn plain(entry: &MappingEntry, allowed: &[&str]) -> Result<(), Vec<OptionFault>> {
    let faults: Vec<OptionFault> = [
        ("format", entry.format.is_some()),
        ("pivot", entry.pivot.is_some()),
        ("zone", entry.zone.is_some()),
        ("thousands", entry.thousands.is_some()),
        ("decimal", entry.decimal.is_some()),
        ("split", entry.split.is_some()),
        ("mode", entry.tags.is_some()),
    ]
    .into_iter()
    .filter(|(member, given)| *given && !allowed.contains(member))
    .map(|(member, _)| (member, "does nothing for this target; leave it out".to_owned()))
    .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The field that a path leads to, with its key and the keys of its members on the way.
fn field<'t>(ty: &'t AccountType, path: &str) -> Result<(String, Vec<String>, &'t FieldSchema), String> {
    let mut segments = path.split('.');
    let first = segments.next().unwrap_or_default();
    let (top, mut leaf, mut members) =
        match (ty.field_in_any_inflection(first), flat_target(&ty.fields, first)) {
            (Some(field), _) => (field, field, Vec::new()),
            (None, Some((hash, member))) => (hash, member, vec![member.key.clone()]),
            (None, None) => {
                let active = ty.fields.iter().filter(|field| field.is_active());
                let keys: Vec<&str> = active.map(|field| field.key.as_str()).collect();
                return Err(format!("is no field of the account type {}; it has {}", ty.name, listed(&keys)));
            }
        };
    if !top.is_active() {
        return Err(format!("is a field that takes no new values; reactivate {} first", top.key));
    }
    for segment in segments {
        leaf = leaf.member(segment).ok_or_else(|| no_member(leaf))?;
        members.push(leaf.key.clone());
    }
    Ok((top.key.clone(), members, leaf))
}

fn no_member(field: &FieldSchema) -> String {
    if !matches!(field.kind, FieldKind::Hash { .. }) {
        return format!("goes too deep: {} is of type {} and has no members", field.key, field.kind.name());
    }
    let members: Vec<&str> = field.members().iter().map(|member| member.key.as_str()).collect();
    format!("is no member of {}; it has {}", field.key, listed(&members))
}

/// Whether a field is an object that is replaced as a whole, so that members that are missing go.
pub(super) fn is_replaced(ty: &AccountType, key: &str) -> bool {
    ty.field(key).is_some_and(|field| matches!(field.kind, FieldKind::Hash { .. }) && !is_merged(field))
}
