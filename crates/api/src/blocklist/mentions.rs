//! Attributes of accounts that are told elsewhere: in a timeline, beside an event, in the preview of a
//! consolidation. They are hidden there as they are in the account itself.

use serde_json::{Map, Value};

use super::{Blocklist, Spot, typed};

impl Blocklist {
    /// Goes through `meta.fields` of a reply: what is told of fields of accounts, by their keys.
    pub(super) fn narrow_meta(&self, reply: &mut Value) {
        if let Some(Value::Object(fields)) = reply.pointer_mut("/meta/fields") {
            self.narrow_fields(fields, "data");
        }
    }

    /// Goes through what changed of an account: its fields by their keys, and other attributes.
    pub(super) fn narrow_changes(&self, changes: &mut Map<String, Value>, side: &'static str) {
        let account = Spot::top(side, "account");
        changes.retain(|key, value| match (key.as_str(), value) {
            ("fields", Value::Object(fields)) => {
                self.narrow_fields(fields, side);
                !fields.is_empty()
            }
            ("added-tags" | "removed-tags", _) => self.keeps(&mut Value::Null, &account.member("tags")),
            (key, _) => self.keeps(&mut Value::Null, &account.member(key)),
        });
    }

    fn narrow_fields(&self, fields: &mut Map<String, Value>, side: &'static str) {
        let spot = Spot::top(side, "account").member("fields");
        if self.keeps(&mut Value::Null, &spot) {
            fields.retain(|key, mention| self.keeps_mention(mention, &spot.member(key)));
        } else {
            fields.clear();
        }
    }

    /// Says whether all values of a field that stand in here may stay, and takes out of them what may not.
    fn keeps_mention(&self, mention: &mut Value, spot: &Spot<'_>) -> bool {
        if typed(mention).is_some() {
            return self.keeps(mention, spot);
        }
        match mention {
            Value::Object(members) => members.values_mut().all(|value| self.keeps_mention(value, spot)),
            Value::Array(items) => items.iter_mut().all(|value| self.keeps_mention(value, spot)),
            _ => true,
        }
    }
}
