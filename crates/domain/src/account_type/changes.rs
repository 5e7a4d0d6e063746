//! Reads what a create or update request wants to write.
//!
//! One datum can be given in several places: as a top-level alias (`name-first`), under `fields` by its key
//! in any inflection, flat (`name_first`) or as a member of its hash. Saying the same thing twice is fine,
//! saying two different things is refused, since nobody can know which one is meant.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::system::is_merged;
use super::{AccountType, FieldChanges};
use crate::field::{FieldSchema, find_by_key, is_inflection};
use crate::violation::Violation;

/// Top-level attributes of a request that stand for a field, or for a member of one.
const ALIASES: [(&str, &str, Option<&str>); 14] = [
    ("name-first", "name", Some("first")),
    ("name-middle", "name", Some("middle")),
    ("name-last", "name", Some("last")),
    ("birthdate", "birthdate", None),
    ("phone-number", "phone_number", None),
    ("email-address", "email_address", None),
    ("address-street-1", "address", Some("street_1")),
    ("address-street-2", "address", Some("street_2")),
    ("address-city", "address", Some("city")),
    ("address-subdivision", "address", Some("subdivision")),
    ("address-postal-code", "address", Some("postal_code")),
    ("country-code", "address", Some("country_code")),
    ("social-security-number", "social_security_number", None),
    (SELFIE, "selfie_photo", None),
];

/// The attribute whose file stands one level deeper: `{"data": {"data", "filename"}}`, or `{"data": null}`.
pub(super) const SELFIE: &str = "selfie-photo";

/// Whether a value of [`SELFIE`] has its file one level deeper, as it is published; a file itself has its
/// content there.
pub(super) fn selfie_is_nested(value: &Value) -> bool {
    value.get("data").is_some_and(|data| !data.is_string())
}

/// The system hashes whose members can be given flat, such as `address_street_1`.
const FLAT_HASHES: [&str; 2] = ["name", "address"];

/// Where in a request a datum was given.
#[derive(Clone, Copy)]
enum Place<'r> {
    TopLevel(&'r str),
    Nested(&'r str, &'r str),
    Field(&'r str),
    Member(&'r str, &'r str),
}

impl Place<'_> {
    fn path(self) -> Vec<String> {
        match self {
            Self::TopLevel(key) => vec![key.to_owned()],
            Self::Nested(key, member) => vec![key.to_owned(), member.to_owned()],
            Self::Field(key) => vec!["fields".to_owned(), key.to_owned()],
            Self::Member(key, member) => vec!["fields".to_owned(), key.to_owned(), member.to_owned()],
        }
    }

    fn refuses(self, message: impl Into<String>) -> Violation {
        Violation { path: self.path(), message: message.into() }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TopLevel(key) => f.write_str(key),
            Self::Nested(key, member) => write!(f, "{key}.{member}"),
            Self::Field(key) => write!(f, "fields.{key}"),
            Self::Member(key, member) => write!(f, "fields.{key}.{member}"),
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Reading<'t, 'r> {
    changes: Map<String, Value>,
    places: BTreeMap<(&'t str, &'t str), Place<'r>>,
    violations: Vec<Violation>,
}

impl AccountType {
    /// Reads the data attributes of a create or update request.
    ///
    /// `top_level` are the members of `attributes`, in kebab case, without those that are not data
    /// (`account-type-id`, `account-status`, `reference-id`, `tags`, `fields`). `fields` is the object of
    /// that name with its keys as they were sent.
    ///
    /// # Errors
    /// Lists unknown keys, wrong values and contradictions, all of them.
    pub fn read_changes(
        &self,
        top_level: &Map<String, Value>,
        fields: &Map<String, Value>,
    ) -> Result<FieldChanges, Vec<Violation>> {
        let mut reading = Reading::default();
        for (key, value) in top_level {
            self.read_top_level(key, value, &mut reading);
        }
        for (key, value) in fields {
            self.read_field(key, value, &mut reading);
        }
        if reading.violations.is_empty() {
            Ok(FieldChanges(reading.changes))
        } else {
            Err(reading.violations)
        }
    }

    fn read_top_level<'t, 'r>(&'t self, key: &'r str, value: &'r Value, reading: &mut Reading<'t, 'r>) {
        let place = Place::TopLevel(key);
        let alias = ALIASES.iter().find(|(alias, ..)| *alias == key);
        let Some((field, member)) = alias.and_then(|(_, field, member)| self.target(field, *member)) else {
            reading.violations.push(place.refuses(format!(
                "is not an attribute of an account of type {}; its own fields belong under fields",
                self.name
            )));
            return;
        };
        match (value, key == SELFIE) {
            (Value::Object(outer), true) => match outer.get("data").filter(|_| selfie_is_nested(value)) {
                Some(file) => reading.add(field, member, file, Place::Nested(key, "data")),
                None => reading.add(field, member, value, place),
            },
            (Value::Null, false) => {
                let message = "must be a text; to clear it, send null for its key under fields";
                reading.violations.push(place.refuses(message));
            }
            _ => reading.add(field, member, value, place),
        }
    }

    fn read_field<'t, 'r>(&'t self, key: &'r str, value: &'r Value, reading: &mut Reading<'t, 'r>) {
        let place = Place::Field(key);
        if let Some(field) = find_by_key(&self.fields, key) {
            if is_merged(field) {
                reading.add_members(field, key, value);
            } else {
                reading.add(field, None, value, place);
            }
        } else if let Some((field, member)) = flat_target(&self.fields, key) {
            reading.add(field, Some(member), value, place);
        } else {
            let message = format!("is not a field of the account type {}", self.name);
            reading.violations.push(place.refuses(message));
        }
    }

    /// The field and the member that an alias stands for, if the type has them.
    fn target(&self, key: &str, member: Option<&str>) -> Option<(&FieldSchema, Option<&FieldSchema>)> {
        let field = self.field(key)?;
        match member {
            None => Some((field, None)),
            Some(member) if is_merged(field) => {
                field.members().iter().find(|schema| schema.key == member).map(|schema| (field, Some(schema)))
            }
            Some(_) => None,
        }
    }
}

/// The hash and the member that a flat key under `fields` stands for, in any inflection.
pub(crate) fn flat_target<'t>(
    fields: &'t [FieldSchema],
    key: &str,
) -> Option<(&'t FieldSchema, &'t FieldSchema)> {
    let merged = |hash: &str| fields.iter().find(|field| field.key == hash && is_merged(field));
    if key == "country_code" || is_inflection(key, "country_code") {
        let address = merged("address")?;
        return address.member("country_code").map(|member| (address, member));
    }
    let hash = FLAT_HASHES.iter().find(|hash| key.starts_with(**hash))?;
    let rest = &key[hash.len()..];
    let field = merged(hash)?;
    let member = match rest.as_bytes().first()? {
        b'_' | b'-' => field.member(&rest[1..]),
        // `nameFirst`: the member begins with a capital letter.
        first if first.is_ascii_uppercase() => {
            field.member(&format!("{}{}", char::from(first.to_ascii_lowercase()), &rest[1..]))
        }
        _ => None,
    };
    member.map(|member| (field, member))
}

impl<'t, 'r> Reading<'t, 'r> {
    /// Adds the members of a hash that is merged: each of them is a datum of its own.
    fn add_members(&mut self, field: &'t FieldSchema, sent: &'r str, value: &'r Value) {
        let members = match field.unwrap(value) {
            Value::Object(members) => members,
            // Null clears the field: every member of it.
            Value::Null => {
                for member in field.members() {
                    self.add(field, Some(member), &Value::Null, Place::Field(sent));
                }
                return;
            }
            value => {
                let refused = field.check(value).err();
                self.refuse(Place::Field(sent), refused.unwrap_or_default());
                return;
            }
        };
        for (key, value) in members {
            let place = Place::Member(sent, key);
            match field.member(key) {
                Some(member) => self.add(field, Some(member), value, place),
                None => self.violations.push(place.refuses("is not a member of this field")),
            }
        }
    }

    /// Adds one datum, unless it is wrong or contradicts what another place says.
    fn add(
        &mut self,
        field: &'t FieldSchema,
        member: Option<&'t FieldSchema>,
        value: &Value,
        place: Place<'r>,
    ) {
        let checked = match member.unwrap_or(field).check(value) {
            Ok(checked) => checked,
            Err(below) => return self.refuse(place, below),
        };
        let datum = (field.key.as_str(), member.map_or("", |member| member.key.as_str()));
        if let Some(&earlier) = self.places.get(&datum) {
            if self.value_of(datum) != Some(&checked) {
                let message =
                    format!("contradicts {earlier}: {place} and {earlier} are the same datum; give one");
                self.violations.push(place.refuses(message));
            }
            return;
        }
        self.places.insert(datum, place);
        match member {
            None => {
                self.changes.insert(field.key.clone(), checked);
            }
            Some(member) => {
                let hash =
                    self.changes.entry(field.key.as_str()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(members) = hash {
                    members.insert(member.key.clone(), checked);
                }
            }
        }
    }

    fn value_of(&self, (key, member): (&str, &str)) -> Option<&Value> {
        let value = self.changes.get(key)?;
        if member.is_empty() { Some(value) } else { value.get(member) }
    }

    fn refuse(&mut self, place: Place<'r>, below: Vec<Violation>) {
        self.violations.extend(below.into_iter().map(|violation| {
            let mut path = place.path();
            path.extend(violation.path);
            Violation { path, message: violation.message }
        }));
    }
}
