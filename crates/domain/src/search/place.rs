//! Which fields of an account type can be searched, and how their values are compared.

use std::borrow::Cow;

use super::Comparable;
use crate::account::Fields;
use crate::account_type::{AccountType, Identifier};
use crate::field::{FieldKind, FieldSchema, find_by_key, is_inflection};

/// How values of a field are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As texts whose letter case does not matter.
    Folded,
    /// As texts whose letter case matters.
    Normalized,
    /// As numbers.
    Number,
    /// As true or false.
    Boolean,
    /// As calendar dates.
    Date,
    /// As instants.
    Instant,
}

impl Form {
    fn of(kind: &FieldKind) -> Option<Self> {
        Some(match kind {
            FieldKind::String { .. }
            | FieldKind::EmailAddress
            | FieldKind::Choices { .. }
            | FieldKind::Relation { .. } => Self::Folded,
            FieldKind::Integer { .. } | FieldKind::Number { .. } => Self::Number,
            FieldKind::Boolean => Self::Boolean,
            FieldKind::Date { .. } => Self::Date,
            FieldKind::Datetime => Self::Instant,
            FieldKind::MultiChoices { .. }
            | FieldKind::Array { .. }
            | FieldKind::Hash { .. }
            | FieldKind::File { .. }
            | FieldKind::Json { .. } => return None,
        })
    }
}

/// A field, or a member of one, whose values accounts are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'t> {
    field: &'t str,
    member: Option<&'t str>,
    /// How its values are compared.
    pub form: Form,
    /// Whether it is an identifier that two accounts cannot share.
    pub unique: bool,
    /// Whether its values are kept in order.
    pub ordered: bool,
}

impl<'t> Place<'t> {
    /// The place of a field that can be looked up: it is searchable, or an identifier.
    fn of(field: &'t FieldSchema, identifier: Option<&Identifier>) -> Option<Self> {
        if !field.searchable && identifier.is_none() {
            return None;
        }
        let form = match (Form::of(&field.kind)?, identifier) {
            (Form::Folded, Some(identifier)) if identifier.case_sensitive => Form::Normalized,
            (form, _) => form,
        };
        let unique = identifier.is_some_and(|identifier| identifier.unique);
        Some(Self { field: &field.key, member: None, form, unique, ordered: field.ordered })
    }

    /// The place of a searchable member of a hash.
    fn of_member(field: &'t FieldSchema, member: &'t FieldSchema) -> Option<Self> {
        let place = Self::of(member, None)?;
        Some(Self { field: &field.key, member: Some(&member.key), ..place })
    }

    /// Its name in the index: `birthdate` or `name.first`.
    #[must_use]
    pub fn key(&self) -> Cow<'t, str> {
        match self.member {
            None => Cow::Borrowed(self.field),
            Some(member) => Cow::Owned(format!("{}.{member}", self.field)),
        }
    }

    /// The value that an account has there.
    #[must_use]
    pub fn value(&self, fields: &Fields) -> Option<Comparable> {
        let value = fields.get(self.field)?;
        let value = match self.member {
            None => value,
            Some(member) => value.as_object().and_then(|members| members.get(member))?,
        };
        Comparable::read(self.form, value)
    }
}

/// What a name leads to in one account type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'t> {
    /// There is no such field.
    Nothing,
    /// There is one, but its schema does not say `searchable`.
    NotSearchable,
    /// There is one.
    Place(Place<'t>),
}

impl AccountType {
    /// Every place whose values are indexed, whether or not the field still takes values.
    pub fn indexed_places(&self) -> impl Iterator<Item = Place<'_>> {
        self.fields.iter().flat_map(|field| {
            let members = field.members().iter().filter_map(|member| Place::of_member(field, member));
            Place::of(field, self.identifier_of(field)).into_iter().chain(members)
        })
    }

    /// Whether accounts that are stored have to be indexed again when this type becomes `after`.
    #[must_use]
    pub fn is_indexed_otherwise(&self, after: &Self) -> bool {
        let old: Vec<Place<'_>> = self.indexed_places().collect();
        // A field that is new has no values yet.
        let known = after.indexed_places().filter(|place| self.field(place.field).is_some());
        let new: Vec<Place<'_>> = known.collect();
        old.len() != new.len() || old.iter().any(|place| !new.contains(place))
    }

    fn identifier_of(&self, field: &FieldSchema) -> Option<&Identifier> {
        self.identifiers.iter().find(|identifier| identifier.key == field.key)
    }

    /// Where `identifiers.<key>` leads.
    pub(super) fn find_identifier(&self, key: &str) -> Found<'_> {
        let identifier = self.identifier(key);
        let field = identifier.and_then(|identifier| self.field(&identifier.key));
        match field.filter(|field| field.archived_at.is_none()).and_then(|field| Place::of(field, identifier))
        {
            None => Found::Nothing,
            Some(place) => Found::Place(place),
        }
    }

    /// Where `fields.<key>` leads: a field, `hash.member`, or the two put together (`name_first`).
    pub(super) fn find_field(&self, key: &str) -> Found<'_> {
        let shown = |field: &&FieldSchema| field.archived_at.is_none();
        if let Some(field) = find_by_key(&self.fields, key).filter(shown) {
            let place = Place::of(field, self.identifier_of(field)).filter(|_| field.searchable);
            return place.map_or(Found::NotSearchable, Found::Place);
        }
        let nested = match key.split_once('.') {
            Some((field, member)) => find_by_key(&self.fields, field)
                .filter(shown)
                .and_then(|field| Some((field, field.member(member)?))),
            None => self.fields.iter().filter(shown).find_map(|field| {
                let is_meant =
                    |member: &&FieldSchema| is_inflected(key, &format!("{}_{}", field.key, member.key));
                field.members().iter().find(is_meant).map(|member| (field, member))
            }),
        };
        match nested {
            None => Found::Nothing,
            Some((field, member)) => {
                Place::of_member(field, member).map_or(Found::NotSearchable, Found::Place)
            }
        }
    }
}

/// Whether `sent` spells a snake-case key.
pub(super) fn is_inflected(sent: &str, key: &str) -> bool {
    sent == key || is_inflection(sent, key)
}
