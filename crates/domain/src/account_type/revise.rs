//! Applies what a customer wrote to a type that exists, without ever dropping anything.

use super::create::{Draft, active_status, draft, field_list_faults, within_field};
use super::spec::{AccountStatusSpec, AccountTypeSpec};
use super::{AccountType, TypeChange};
use crate::account::AccountStatus;
use crate::field::{FieldKind, FieldSchema};
use crate::fold::fold;
use crate::id::{AccountStatusId, IdSource};
use crate::time::Timestamp;
use crate::violation::Violation;

impl AccountType {
    /// The type after a spec is applied, and what changes; an unchanged type is returned as it is.
    ///
    /// Fields and statuses that the spec leaves out are deactivated, and come back when a later spec lists
    /// them again. Statuses are matched by name; letter case does not count. Relations and identifiers that
    /// the spec leaves out are taken away.
    ///
    /// # Errors
    /// Lists what makes no sense in the spec, and fields whose type it wants to change.
    pub fn revise(
        &self,
        spec: &AccountTypeSpec,
        ids: &mut IdSource,
        now: Timestamp,
    ) -> Result<(Self, Vec<TypeChange>), Vec<Violation>> {
        let draft = draft(spec)?;
        let (statuses, default_status) = self.revised_statuses(&draft.statuses, ids, now);
        let revised = Self {
            id: self.id.clone(),
            name: draft.name.clone(),
            fields: self.revised_fields(draft, now)?,
            identifiers: spec.identifiers.clone(),
            statuses,
            default_status,
            relations: spec.relation_schemas.clone(),
            is_default: self.is_default,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        let changes = self.changes_to(&revised);
        if changes.is_empty() {
            return Ok((self.clone(), changes));
        }
        Ok((Self { updated_at: now, ..revised }, changes))
    }

    fn revised_fields(&self, draft: Draft, now: Timestamp) -> Result<Vec<FieldSchema>, Vec<Violation>> {
        let mut violations = Vec::new();
        let mut fields = draft.fields;
        for (index, field) in fields.iter_mut().enumerate() {
            let Some(old) = self.field(&field.key) else { continue };
            let mut below = Vec::new();
            type_violations(old, field, &mut Vec::new(), &mut below);
            violations.extend(within_field(below, index, &field.key));
            // The published form of an instant is coarser than the stored one: the stored one stays.
            field.archived_at = field.archived_at.map(|new| old.archived_at.unwrap_or(new));
            field.deactivated_at = field.deactivated_at.map(|new| old.deactivated_at.unwrap_or(new));
        }
        let listed = fields.len();
        for old in &self.fields {
            if fields[..listed].iter().any(|field| field.key == old.key) {
                continue;
            }
            let deactivated_at = if old.is_active() { Some(now) } else { old.deactivated_at };
            fields.push(FieldSchema { deactivated_at, ..old.clone() });
        }
        if violations.is_empty() {
            violations = field_list_faults(&fields);
        }
        if violations.is_empty() { Ok(fields) } else { Err(violations) }
    }

    /// The statuses after the spec is applied, and the default one.
    fn revised_statuses(
        &self,
        specs: &[AccountStatusSpec],
        ids: &mut IdSource,
        now: Timestamp,
    ) -> (Vec<AccountStatus>, AccountStatusId) {
        let mut default = self.default_status.clone();
        let mut statuses = Vec::with_capacity(specs.len());
        for spec in specs {
            let old = self.status_named(&spec.name).map(|old| old.id.clone());
            let status = active_status(old.unwrap_or_else(|| ids.mint()), spec);
            if spec.default {
                default = status.id.clone();
            }
            statuses.push(status);
        }
        let names: Vec<String> = specs.iter().map(|spec| fold(&spec.name)).collect();
        for old in self.statuses.iter().filter(|old| !names.contains(&fold(&old.name))) {
            statuses.push(AccountStatus { deactivated_at: old.deactivated_at.or(Some(now)), ..old.clone() });
        }
        (statuses, default)
    }
}

/// Collects changes of the type of a field, or of anything in it: stored values could not be read any more.
fn type_violations(
    old: &FieldSchema,
    new: &FieldSchema,
    path: &mut Vec<String>,
    violations: &mut Vec<Violation>,
) {
    let mut refuse = |name: &[&str], message: String| {
        let path = path.iter().map(String::as_str).chain(name.iter().copied());
        violations.push(Violation::new(path, message));
    };
    match (&old.kind, &new.kind) {
        (FieldKind::Array { item: old }, FieldKind::Array { item: new }) => {
            path.extend(["config", "item-schema"].map(str::to_owned));
            type_violations(old, new, path, violations);
            path.truncate(path.len() - 2);
        }
        (FieldKind::Hash { items: old, .. }, FieldKind::Hash { items: new, .. }) => {
            for (index, new) in new.iter().enumerate() {
                let Some(old) = old.iter().find(|old| old.key == new.key) else { continue };
                path.extend(["config".to_owned(), "item-schemas".to_owned(), index.to_string()]);
                type_violations(old, new, path, violations);
                path.truncate(path.len() - 3);
            }
        }
        (FieldKind::Relation { target: old }, FieldKind::Relation { target: new }) if old != new => {
            refuse(&["config", "target"], "cannot be changed; add a field with another key".to_owned());
        }
        (old, new) if old.name() != new.name() => {
            let message = format!("is {} and cannot be changed; add a field with another key", old.name());
            refuse(&["type"], message);
        }
        _ => {}
    }
}
