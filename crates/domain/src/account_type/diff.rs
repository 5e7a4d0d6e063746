//! Says in words what changes from one state of a type to the next.

use super::{AccountType, TypeChange};
use crate::field::{FieldKind, FieldSchema, RedactionPolicy, WritePolicy};

/// Collects changes of one subject, such as one field.
struct Changes<'c> {
    subject: String,
    changes: &'c mut Vec<TypeChange>,
}

impl Changes<'_> {
    fn say(&mut self, text: impl AsRef<str>, stricter: bool) {
        self.changes.push(TypeChange { text: format!("{}: {}", self.subject, text.as_ref()), stricter });
    }

    /// Says that a setting is switched on or off.
    fn switch(&mut self, old: bool, new: bool, on: (&str, bool), off: (&str, bool)) {
        if old != new {
            let (text, stricter) = if new { on } else { off };
            self.say(text, stricter);
        }
    }

    /// Says what a list of texts gains and loses.
    fn list(&mut self, name: &str, old: &[String], new: &[String]) {
        let quote =
            |texts: Vec<&String>| texts.iter().map(|t| format!("\"{t}\"")).collect::<Vec<_>>().join(", ");
        let lost: Vec<_> = old.iter().filter(|text| !new.contains(text)).collect();
        let gained: Vec<_> = new.iter().filter(|text| !old.contains(text)).collect();
        if lost.is_empty() && gained.is_empty() && old != new {
            self.say(format!("order of {name} changes"), false);
        }
        if !lost.is_empty() {
            self.say(format!("{name} lose {}", quote(lost)), true);
        }
        if !gained.is_empty() {
            self.say(format!("{name} gain {}", quote(gained)), false);
        }
    }

    /// Says how a limit moves; `is_tighter` compares two limits that are both there.
    fn limit<T: PartialEq + std::fmt::Display>(
        &mut self,
        name: &str,
        (old, new): (Option<&T>, Option<&T>),
        is_tighter: fn(&T, &T) -> bool,
    ) {
        match (old, new) {
            (None, Some(new)) => self.say(format!("{name} becomes {new}"), true),
            (Some(old), None) => self.say(format!("{name} {old} is lifted"), false),
            (Some(old), Some(new)) if old != new => {
                self.say(format!("{name} changes from {old} to {new}"), is_tighter(old, new));
            }
            _ => {}
        }
    }
}

impl AccountType {
    /// Lists what changes from this type to `new`; times of change and creation do not count.
    pub(super) fn changes_to(&self, new: &Self) -> Vec<TypeChange> {
        let mut changes = Vec::new();
        if self.name != new.name {
            let text = format!("name changes from \"{}\" to \"{}\"", self.name, new.name);
            changes.push(TypeChange { text, stricter: false });
        }
        self.status_changes(new, &mut changes);
        self.identifier_changes(new, &mut changes);
        self.field_changes(new, &mut changes);
        self.relation_changes(new, &mut changes);
        changes
    }

    fn field_changes(&self, new: &Self, changes: &mut Vec<TypeChange>) {
        for field in &new.fields {
            let mut subject = Changes { subject: format!("field {}", field.key), changes };
            match self.field(&field.key) {
                None => {
                    let text = format!("added, of type {}", field.kind.name());
                    subject.say(if field.required { text + ", required" } else { text }, field.required);
                }
                Some(old) => old.changes_to(field, &mut subject),
            }
        }
        let order = |of: &Self, other: &Self| -> Vec<String> {
            let shown = of.fields.iter().filter(|field| field.is_active());
            shown
                .map(|f| f.key.clone())
                .filter(|key| other.field(key).is_some_and(FieldSchema::is_active))
                .collect()
        };
        if order(self, new) != order(new, self) {
            changes.push(TypeChange { text: "fields: order changes".to_owned(), stricter: false });
        }
    }

    fn status_changes(&self, new: &Self, changes: &mut Vec<TypeChange>) {
        for status in &new.statuses {
            let mut subject = Changes { subject: format!("status {}", status.name), changes };
            let Some(old) = self.status(&status.id) else {
                subject.say("added", false);
                continue;
            };
            if old.name != status.name {
                subject.say(format!("was spelled \"{}\"", old.name), false);
            }
            if old.color != status.color {
                subject.say(format!("color changes from {} to {}", old.color, status.color), false);
            }
            let (was, is) = (old.deactivated_at.is_some(), status.deactivated_at.is_some());
            subject.switch(was, is, ("deactivated", false), ("active again", false));
        }
        if self.default_status != new.default_status
            && let Some(status) = new.status(&new.default_status)
        {
            Changes { subject: format!("status {}", status.name), changes }.say("becomes the default", false);
        }
    }

    fn identifier_changes(&self, new: &Self, changes: &mut Vec<TypeChange>) {
        for identifier in &new.identifiers {
            let mut subject = Changes { subject: format!("identifier {}", identifier.key), changes };
            let Some(old) = self.identifiers.iter().find(|old| old.key == identifier.key) else {
                let text = if identifier.unique { "added, unique" } else { "added" };
                subject.say(text, identifier.unique);
                continue;
            };
            subject.switch(
                old.unique,
                identifier.unique,
                ("becomes unique", true),
                ("need not be unique", false),
            );
            let off = ("letter case no longer counts", identifier.unique);
            subject.switch(old.case_sensitive, identifier.case_sensitive, ("letter case counts", false), off);
        }
        for old in self.identifiers.iter().filter(|old| !new.identifiers.iter().any(|new| new.key == old.key))
        {
            Changes { subject: format!("identifier {}", old.key), changes }.say("removed", false);
        }
        let keys =
            |of: &Self| of.identifiers.iter().map(|identifier| identifier.key.clone()).collect::<Vec<_>>();
        let (old_keys, new_keys) = (keys(self), keys(new));
        if old_keys != new_keys
            && old_keys.len() == new_keys.len()
            && old_keys.iter().all(|k| new_keys.contains(k))
        {
            changes.push(TypeChange { text: "identifiers: order changes".to_owned(), stricter: false });
        }
    }

    fn relation_changes(&self, new: &Self, changes: &mut Vec<TypeChange>) {
        for relation in &new.relations {
            let mut subject = Changes { subject: format!("relation {}", relation.key), changes };
            let Some(old) = self.relations.iter().find(|old| old.key == relation.key) else {
                subject.say(format!("added, to {}", relation.target), false);
                continue;
            };
            if old.label != relation.label {
                subject.say("label changes", false);
            }
            if old.target != relation.target {
                subject.say(format!("target changes from {} to {}", old.target, relation.target), true);
            }
            subject.switch(old.many, relation.many, ("takes many", false), ("takes only one", true));
            if old.inverse != relation.inverse {
                subject.say("inverse changes", false);
            }
        }
        for old in self.relations.iter().filter(|old| !new.relations.iter().any(|new| new.key == old.key)) {
            Changes { subject: format!("relation {}", old.key), changes }.say("removed", true);
        }
    }
}

impl FieldSchema {
    fn changes_to(&self, new: &Self, changes: &mut Changes<'_>) {
        let before = changes.changes.len();
        if self.label != new.label {
            changes.say("label changes", false);
        }
        if self.default_value != new.default_value {
            changes.say("default value changes", false);
        }
        changes.switch(
            self.required,
            new.required,
            ("becomes required", true),
            ("no longer required", false),
        );
        self.state_changes(new, changes);
        let never = |field: &Self| field.redaction_policy == RedactionPolicy::Never;
        changes.switch(never(self), never(new), ("never redacted", false), ("redacted on request", false));
        let once = |field: &Self| field.write_policy == WritePolicy::WriteOnce;
        changes.switch(
            once(self),
            once(new),
            ("can be written only once", false),
            ("can be overwritten", false),
        );
        changes.switch(
            self.searchable,
            new.searchable,
            ("becomes searchable", false),
            ("no longer searchable", false),
        );
        changes.switch(self.ordered, new.ordered, ("becomes ordered", false), ("no longer ordered", false));
        kind_changes(&self.kind, &new.kind, changes);
        if self != new && changes.changes.len() == before {
            changes.say("settings change", false);
        }
    }

    fn state_changes(&self, new: &Self, changes: &mut Changes<'_>) {
        // What was not checked while the field was inactive is checked again.
        let revived = !self.is_active() && new.is_active();
        let (was, is) = (self.archived_at.is_some(), new.archived_at.is_some());
        changes.switch(was, is, ("archived", false), ("no longer archived", revived));
        let (was, is) = (self.deactivated_at.is_some(), new.deactivated_at.is_some());
        changes.switch(was, is, ("deactivated", false), ("active again", revived));
    }
}

fn kind_changes(old: &FieldKind, new: &FieldKind, changes: &mut Changes<'_>) {
    use FieldKind as K;
    match (old, new) {
        (
            K::String { max_char_length: old, sanitize_html: was },
            K::String { max_char_length: new, sanitize_html: is },
        ) => {
            changes.limit("max-char-length", (Some(old), Some(new)), |old, new| new < old);
            changes.switch(*was, *is, ("HTML tags are taken out", false), ("HTML tags stay", false));
        }
        (K::Integer { min: a, max: b }, K::Integer { min: c, max: d })
        | (K::Number { min: a, max: b }, K::Number { min: c, max: d }) => {
            changes.limit("min", (a.as_ref(), c.as_ref()), |old, new| new > old);
            changes.limit("max", (b.as_ref(), d.as_ref()), |old, new| new < old);
        }
        (K::Date { min: a, max: b }, K::Date { min: c, max: d }) => {
            changes.limit("min-date", (a.as_ref(), c.as_ref()), |old, new| new > old);
            changes.limit("max-date", (b.as_ref(), d.as_ref()), |old, new| new < old);
        }
        (
            K::Choices { allow_empty: was, options: old, option_labels: old_labels },
            K::Choices { allow_empty: is, options: new, option_labels: new_labels },
        )
        | (
            K::MultiChoices { allow_empty: was, options: old, option_labels: old_labels },
            K::MultiChoices { allow_empty: is, options: new, option_labels: new_labels },
        ) => {
            changes.list("options", old, new);
            changes.switch(*was, *is, ("may be empty", false), ("may not be empty", true));
            if old_labels != new_labels {
                changes.say("option labels change", false);
            }
        }
        (K::Array { item: old }, K::Array { item: new }) => {
            let subject = format!("{}[]", changes.subject);
            old.changes_to(new, &mut Changes { subject, changes: changes.changes });
        }
        (
            K::Hash { items: old, ignore_unknown_keys: was },
            K::Hash { items: new, ignore_unknown_keys: is },
        ) => {
            member_changes(old, new, *is, changes);
            let off = ("unknown members are refused", true);
            changes.switch(*was, *is, ("unknown members are ignored", false), off);
        }
        _ => {}
    }
}

fn member_changes(
    old: &[FieldSchema],
    new: &[FieldSchema],
    ignores_unknown: bool,
    changes: &mut Changes<'_>,
) {
    for member in new {
        let subject = format!("{}.{}", changes.subject, member.key);
        let mut below = Changes { subject, changes: changes.changes };
        match old.iter().find(|old| old.key == member.key) {
            None => below.say(format!("added, of type {}", member.kind.name()), member.required),
            Some(old) => old.changes_to(member, &mut below),
        }
    }
    for lost in old.iter().filter(|old| !new.iter().any(|new| new.key == old.key)) {
        let subject = format!("{}.{}", changes.subject, lost.key);
        Changes { subject, changes: changes.changes }.say("removed", !ignores_unknown);
    }
}
