//! Reads one condition: which attribute, which range of which values.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::place::{Found, is_inflected};
use super::read::Reader;
use super::{Comparable, FieldTest, Form, Place, Range, Test};
use crate::account::ReferenceId;
use crate::account_type::AccountType;
use crate::field::{is_date, read_instant};
use crate::fold::fold;
use crate::id::{AccountStatusId, AccountTypeId};
use crate::time::Timestamp;

const ATTRIBUTES: &str = "must be type, status, created_at, updated_at, reference_id, \
     identifiers.<key> or fields.<key>";
pub(super) const INSTANT: &str = "must be a date like 2025-01-01 or an instant like 2025-01-01T09:30:00Z";
pub(super) const ONLY_EQ: &str = "must be eq for this attribute";
const NO_ORDER: &str = "must be eq: no account type keeps this field in order; \
     for ranges, set ordered = true in its field schema";
const DAY: Duration = Duration::from_hours(24);

/// How a value of an account compares to the one that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Gt,
    Gte,
    Lt,
    Lte,
}

/// What an attribute names.
pub(super) enum Attribute<'t> {
    Type,
    Status,
    CreatedAt,
    UpdatedAt,
    ReferenceId,
    Field(Vec<(&'t AccountTypeId, Place<'t>)>),
}

impl Operator {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "eq" => Self::Eq,
            "gt" => Self::Gt,
            "gte" => Self::Gte,
            "lt" => Self::Lt,
            "lte" => Self::Lte,
            _ => return None,
        })
    }

    /// The values that compare so to all from `first` to `last`.
    pub(super) fn range(self, first: Comparable, last: Comparable) -> Range {
        let (low, high) = match self {
            Self::Eq => (Bound::Included(first), Bound::Included(last)),
            Self::Gt => (Bound::Excluded(last), Bound::Unbounded),
            Self::Gte => (Bound::Included(first), Bound::Unbounded),
            Self::Lt => (Bound::Unbounded, Bound::Excluded(first)),
            Self::Lte => (Bound::Unbounded, Bound::Included(last)),
        };
        Range { low, high }
    }
}

impl<'t> Reader<'t> {
    /// Reads a condition.
    pub(super) fn leaf(&mut self, attribute: &Value, operator: &Value, value: &Value) -> Option<Test<'t>> {
        let attribute = match attribute.as_str() {
            Some(name) => self.attribute(name, ATTRIBUTES),
            None => self.refuse_at("attribute", ATTRIBUTES),
        };
        let operator = self.operator(operator, value);
        self.test(attribute?, operator?, value)
    }

    /// Reads an operator, and sees that the value is one that could be compared.
    pub(super) fn operator(&mut self, operator: &Value, value: &Value) -> Option<Operator> {
        let operator = match operator.as_str().and_then(Operator::parse) {
            Some(operator) => Some(operator),
            None => self.refuse_at("operator", "must be eq, gt, gte, lt or lte"),
        };
        if !matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_)) {
            return self.refuse_at("value", "must be a text, a number, true or false");
        }
        operator
    }

    fn test(&mut self, attribute: Attribute<'t>, operator: Operator, value: &Value) -> Option<Test<'t>> {
        match attribute {
            Attribute::CreatedAt => self.moment(operator, value).map(Test::CreatedAt),
            Attribute::UpdatedAt => self.moment(operator, value).map(Test::UpdatedAt),
            Attribute::Field(places) => self.field(&places, operator, value).map(Test::Field),
            _ if operator != Operator::Eq => self.refuse_at("operator", ONLY_EQ),
            Attribute::Type => self.account_type(value).map(Test::Status),
            Attribute::Status => self.status(value).map(Test::Status),
            Attribute::ReferenceId => self.reference_id(value).map(Test::ReferenceId),
        }
    }

    /// Finds what a name of an attribute stands for, in any inflection; `known` says what could be there.
    pub(super) fn attribute(&mut self, name: &str, known: &str) -> Option<Attribute<'t>> {
        let fixed = [
            ("type", Attribute::Type),
            ("status", Attribute::Status),
            ("created_at", Attribute::CreatedAt),
            ("updated_at", Attribute::UpdatedAt),
            ("reference_id", Attribute::ReferenceId),
        ];
        if let Some((_, attribute)) = fixed.into_iter().find(|(key, _)| is_inflected(name, key)) {
            return Some(attribute);
        }
        if let Some(key) = name.strip_prefix("identifiers.") {
            if is_inflected(key, "reference_id") {
                return Some(Attribute::ReferenceId);
            }
            let places = self.places(|ty| ty.find_identifier(key));
            return match places {
                Ok(places) => Some(Attribute::Field(places)),
                Err(_) => self.refuse_at("attribute", "names no identifier of any account type"),
            };
        }
        let Some(key) = name.strip_prefix("fields.") else { return self.refuse_at("attribute", known) };
        match self.places(|ty| ty.find_field(key)) {
            Ok(places) => Some(Attribute::Field(places)),
            Err(Found::Nothing) => self.refuse_at("attribute", "names no field of any account type"),
            Err(_) => self.refuse_at(
                "attribute",
                "names a field that is not searchable; set searchable = true in its field schema",
            ),
        }
    }

    /// The places a name leads to, type by type; if there are none, the best that it leads to.
    fn places(
        &self,
        find: impl Fn(&'t AccountType) -> Found<'t>,
    ) -> Result<Vec<(&'t AccountTypeId, Place<'t>)>, Found<'t>> {
        let types: &'t [Arc<AccountType>] = self.types;
        let mut places = Vec::new();
        let mut otherwise = Found::Nothing;
        for ty in types {
            match find(ty) {
                Found::Place(place) => places.push((&ty.id, place)),
                Found::NotSearchable => otherwise = Found::NotSearchable,
                Found::Nothing => {}
            }
        }
        if places.is_empty() { Err(otherwise) } else { Ok(places) }
    }

    fn account_type(&mut self, value: &Value) -> Option<BTreeSet<(AccountTypeId, AccountStatusId)>> {
        let Some(id) = value.as_str().and_then(|text| text.parse::<AccountTypeId>().ok()) else {
            return self.refuse_at("value", "must be the ID of an account type, acttp_…");
        };
        Some(self.statuses(|ty, _| ty.id == id))
    }

    fn status(&mut self, value: &Value) -> Option<BTreeSet<(AccountTypeId, AccountStatusId)>> {
        let text = value.as_str().unwrap_or_default();
        if let Ok(id) = text.parse::<AccountStatusId>() {
            return Some(self.statuses(|_, status| status.id == id));
        }
        let name = fold(text);
        let named = self.statuses(|_, status| fold(&status.name) == name);
        if named.is_empty() {
            return self.refuse_at(
                "value",
                "must be the ID of a status, actst_…, or its name; no status is named so",
            );
        }
        Some(named)
    }

    fn statuses(
        &self,
        wanted: impl Fn(&AccountType, &crate::AccountStatus) -> bool,
    ) -> BTreeSet<(AccountTypeId, AccountStatusId)> {
        let pairs = self.types.iter().flat_map(|ty| ty.statuses.iter().map(move |status| (ty, status)));
        pairs
            .filter(|(ty, status)| wanted(ty, status))
            .map(|(ty, status)| (ty.id.clone(), status.id.clone()))
            .collect()
    }

    pub(super) fn reference_id(&mut self, value: &Value) -> Option<String> {
        let Some(text) = value.as_str() else { return self.refuse_at("value", "must be a text") };
        match ReferenceId::parse(text) {
            Ok(id) => Some(id.folded()),
            Err(message) => self.refuse_at("value", message),
        }
    }

    /// A range of instants that are shown in whole seconds.
    fn moment(&mut self, operator: Operator, value: &Value) -> Option<Range> {
        let Some((first, last)) = value.as_str().and_then(instants) else {
            return self.refuse_at("value", INSTANT);
        };
        let shown = |instant: Timestamp| Comparable::Instant(instant.whole_seconds());
        Some(operator.range(shown(first), shown(last)))
    }

    /// A condition on a field in every type whose field takes it.
    fn field(
        &mut self,
        places: &[(&'t AccountTypeId, Place<'t>)],
        operator: Operator,
        value: &Value,
    ) -> Option<Vec<FieldTest<'t>>> {
        let (mut tests, mut without_order, mut wrong) = (Vec::new(), None, None);
        for &(account_type, place) in places {
            match values(place.form, value) {
                Err(message) => wrong = wrong.or(Some(message)),
                Ok((first, last)) => {
                    let is_range = operator != Operator::Eq || first != last;
                    if is_range && !place.ordered {
                        without_order = Some(place.form);
                        continue;
                    }
                    tests.push(FieldTest { account_type, place, range: operator.range(first, last) });
                }
            }
        }
        match (tests.is_empty(), without_order, wrong) {
            (false, ..) => Some(tests),
            (true, Some(_), _) if operator == Operator::Eq => self.refuse_at(
                "value",
                "must be an instant like 2025-01-01T09:30:00Z; \
                 to look for a whole day, set ordered = true in the field schema",
            ),
            (true, Some(_), _) => self.refuse_at("operator", NO_ORDER),
            (true, None, wrong) => self.refuse_at("value", wrong.unwrap_or(INSTANT)),
        }
    }
}

/// The first and the last value that a value which was sent stands for.
fn values(form: Form, value: &Value) -> Result<(Comparable, Comparable), &'static str> {
    if form == Form::Instant {
        let (first, last) = value.as_str().and_then(instants).ok_or(INSTANT)?;
        return Ok((Comparable::Instant(first), Comparable::Instant(last)));
    }
    let is_right = match (form, value) {
        (Form::Date, Value::String(text)) => is_date(text),
        _ => true,
    };
    let read = Comparable::read(form, value).filter(|_| is_right).ok_or(match form {
        Form::Folded | Form::Normalized => "must be a text that is not blank",
        Form::Number => "must be a number",
        Form::Boolean => "must be true or false",
        Form::Date => "must be a date like 1990-12-31",
        Form::Instant => INSTANT,
    })?;
    Ok((read.clone(), read))
}

/// The instants from the first to the last that a text stands for: an instant, or a day in UTC.
pub(super) fn instants(text: &str) -> Option<(Timestamp, Timestamp)> {
    if !is_date(text) {
        return read_instant(text).map(|instant| (instant, instant));
    }
    let first = read_instant(&format!("{text}T00:00:00Z"))?;
    Some((first, first + DAY - Duration::from_micros(1)))
}
