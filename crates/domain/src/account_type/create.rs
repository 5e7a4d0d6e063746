//! Makes a type of what a customer wrote, after finding everything that makes no sense in it.

use std::collections::HashSet;

use super::changes::flat_target;
use super::spec::{AccountStatusSpec, AccountTypeSpec, STATUS_COLORS};
use super::system::{DEFAULT_STATUS, system_field};
use super::{AccountType, Identifier, RelationSchema};
use crate::account::AccountStatus;
use crate::field::{
    FieldKind, FieldSchema, FieldSchemaSpec, Place, key_fault, label_fault, repeated_keys, within,
};
use crate::fold::fold;
use crate::id::{AccountStatusId, IdSource};
use crate::time::Timestamp;
use crate::violation::Violation;

/// Most fields of a type, archived and deactivated ones included.
pub const FIELDS_MAX: usize = 200;
/// Most statuses, most identifiers and most relations of a type.
const LIST_MAX: usize = 100;
/// The built-in identifier; no field can have its key.
const REFERENCE_ID: &str = "reference_id";

/// A spec that makes sense by itself.
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) fields: Vec<FieldSchema>,
    pub(super) statuses: Vec<AccountStatusSpec>,
}

impl AccountType {
    /// Makes a new type.
    ///
    /// # Errors
    /// Lists everything that makes no sense in the spec.
    pub fn create(
        spec: &AccountTypeSpec,
        ids: &mut IdSource,
        now: Timestamp,
    ) -> Result<Self, Vec<Violation>> {
        let draft = draft(spec)?;
        let id = ids.mint();
        let statuses: Vec<AccountStatus> =
            draft.statuses.iter().map(|status| active_status(ids.mint(), status)).collect();
        let default = draft.statuses.iter().position(|status| status.default).unwrap_or_default();
        Ok(Self {
            id,
            name: draft.name,
            fields: draft.fields,
            identifiers: spec.identifiers.clone(),
            default_status: statuses[default].id.clone(),
            statuses,
            relations: spec.relation_schemas.clone(),
            is_default: false,
            created_at: now,
            updated_at: now,
        })
    }
}

/// Makes an active status as the spec wants it.
pub(super) fn active_status(id: AccountStatusId, spec: &AccountStatusSpec) -> AccountStatus {
    AccountStatus { id, name: spec.name.trim().to_owned(), color: spec.color.clone(), deactivated_at: None }
}

/// Checks a spec. The statuses of the draft are at least one, and exactly one of them is the default.
pub(super) fn draft(spec: &AccountTypeSpec) -> Result<Draft, Vec<Violation>> {
    let mut violations = Vec::new();
    violations.extend(label_fault(&spec.name).map(|message| Violation::new(["name"], message)));
    let mut fields = Vec::with_capacity(spec.field_schemas.len());
    for (index, field) in spec.field_schemas.iter().enumerate() {
        match read_field(field) {
            Ok(schema) => fields.push(schema),
            Err(below) => violations.extend(within_field(below, index, &field.key)),
        }
    }
    // What follows needs all the fields.
    if violations.is_empty() {
        violations.extend(field_list_faults(&fields));
        violations.extend(identifier_faults(&spec.identifiers, &fields));
        violations.extend(relation_faults(&spec.relation_schemas, &fields));
    }
    let statuses = statuses(&spec.account_statuses);
    violations.extend(status_faults(&statuses));
    if violations.is_empty() {
        Ok(Draft { name: spec.name.trim().to_owned(), fields, statuses })
    } else {
        Err(violations)
    }
}

/// The violations of one field, told as a reader of the spec finds them.
pub(super) fn within_field(below: Vec<Violation>, index: usize, key: &str) -> Vec<Violation> {
    let mut violations = within(below, &["field-schemas", &index.to_string()]);
    if key_fault(key).is_none() {
        for violation in &mut violations {
            violation.message.push_str(&format!(" (field {key})"));
        }
    }
    violations
}

fn read_field(spec: &FieldSchemaSpec) -> Result<FieldSchema, Vec<Violation>> {
    let mut schema = spec.read()?;
    let mut faults = spec.stray_settings(&schema);
    faults.extend(schema.faults(Place::Top, 0));
    if schema.key == REFERENCE_ID {
        faults.push(Violation::new(["key"], "is reserved: every account has a reference ID"));
    }
    if let Some(system) = system_field(&schema.key)
        && !has_shape_of(&schema, &system)
    {
        let message = format!("is a system field of type {}; leave its type out", system.kind.name());
        faults.push(Violation::new(["key"], message));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if let Some(default) = &schema.default_value {
        schema.default_value = Some(schema.check(default)?);
    }
    Ok(schema)
}

/// Whether values of a field look as those of the system field do: the published shape of those is fixed.
fn has_shape_of(field: &FieldSchema, system: &FieldSchema) -> bool {
    if field.kind.name() != system.kind.name() || (system.required && !field.required) {
        return false;
    }
    if let (FieldKind::Array { item }, FieldKind::Array { item: system_item }) = (&field.kind, &system.kind) {
        return has_shape_of(item, system_item);
    }
    let (members, wanted) = (field.members(), system.members());
    members.len() == wanted.len()
        && wanted.iter().all(|wanted| {
            members
                .iter()
                .find(|member| member.key == wanted.key)
                .is_some_and(|member| has_shape_of(member, wanted))
        })
}

/// Checks the fields of a type against each other.
pub(super) fn field_list_faults(fields: &[FieldSchema]) -> Vec<Violation> {
    let mut faults = Vec::new();
    if fields.len() > FIELDS_MAX {
        let message = format!("must list at most {FIELDS_MAX} fields, deactivated ones included");
        faults.push(Violation::new(["field-schemas"], message));
    }
    for (index, message) in repeated_keys(fields.iter().map(|field| field.key.as_str())) {
        faults.extend(within_field(vec![Violation::new(["key"], message)], index, &fields[index].key));
    }
    for (index, field) in fields.iter().enumerate() {
        if let Some((hash, member)) = flat_target(fields, &field.key) {
            let message = format!(
                "is another way to write {}.{}, which the type has; choose another key",
                hash.key, member.key
            );
            faults.extend(within_field(vec![Violation::new(["key"], message)], index, &field.key));
        }
    }
    faults
}

fn identifier_faults(identifiers: &[Identifier], fields: &[FieldSchema]) -> Vec<Violation> {
    let mut faults = list_faults("identifiers", identifiers.len());
    let mut keys = HashSet::new();
    for (index, identifier) in identifiers.iter().enumerate() {
        let field = fields.iter().find(|field| field.key == identifier.key);
        let is_text = |field: &&FieldSchema| {
            field.is_active() && matches!(field.kind, FieldKind::String { .. } | FieldKind::EmailAddress)
        };
        let message = if field.filter(is_text).is_none() {
            "must be the key of an active field of type string or email-address"
        } else if keys.insert(identifier.key.as_str()) {
            continue;
        } else {
            "must be unique; another identifier has this key"
        };
        faults.push(Violation::new(["identifiers", &index.to_string(), "key"], message));
    }
    faults
}

fn relation_faults(relations: &[RelationSchema], fields: &[FieldSchema]) -> Vec<Violation> {
    let mut faults = list_faults("relation-schemas", relations.len());
    let mut keys: HashSet<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    for (index, relation) in relations.iter().enumerate() {
        let index = index.to_string();
        let mut refuse = |name: &str, message: String| {
            faults.push(Violation::new(["relation-schemas", &index, name], message));
        };
        if let Some(message) = key_fault(&relation.key) {
            refuse("key", message);
        } else if !keys.insert(&relation.key) {
            refuse("key", "must be unique; another relation or a field has this key".to_owned());
        }
        if let Some(message) = relation.label.as_deref().and_then(label_fault) {
            refuse("label", message);
        }
        if let Some(message) = label_fault(&relation.target) {
            refuse("target", message);
        }
        if let Some(message) = relation.inverse.as_deref().and_then(key_fault) {
            refuse("inverse", message);
        }
    }
    faults
}

fn statuses(given: &[AccountStatusSpec]) -> Vec<AccountStatusSpec> {
    match given {
        [] => {
            let (name, color) = DEFAULT_STATUS;
            vec![AccountStatusSpec { name: name.to_owned(), color: color.to_owned(), default: true }]
        }
        [only] => vec![AccountStatusSpec { default: true, ..only.clone() }],
        several => several.to_vec(),
    }
}

fn status_faults(statuses: &[AccountStatusSpec]) -> Vec<Violation> {
    let mut faults = list_faults("account-statuses", statuses.len());
    let mut names = HashSet::new();
    for (index, status) in statuses.iter().enumerate() {
        let index = index.to_string();
        let mut refuse = |name: &str, message: String| {
            faults.push(Violation::new(["account-statuses", &index, name], message));
        };
        if let Some(message) = label_fault(&status.name) {
            refuse("name", message);
        } else if !names.insert(fold(&status.name)) {
            refuse("name", "must be unique; letter case does not count".to_owned());
        }
        if !STATUS_COLORS.contains(&status.color.as_str()) {
            refuse("color", format!("must be one of {}", STATUS_COLORS.join(", ")));
        }
    }
    if statuses.iter().filter(|status| status.default).count() != 1 {
        faults.push(Violation::new(["account-statuses"], "must mark exactly one status with default = true"));
    }
    faults
}

fn list_faults(name: &str, length: usize) -> Vec<Violation> {
    let fault =
        (length > LIST_MAX).then(|| Violation::new([name], format!("must have at most {LIST_MAX} entries")));
    fault.into_iter().collect()
}
