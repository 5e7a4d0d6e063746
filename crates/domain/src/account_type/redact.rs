//! What redaction leaves of the values of an account, and what a consolidation may take over.

use serde_json::{Map, Value};

use super::AccountType;
use crate::account::Fields;
use crate::field::{FieldKind, FieldSchema, RedactionPolicy, WritePolicy};

impl AccountType {
    /// The values that stay when the personal data of an account is erased: those of fields, and of members
    /// of hashes, whose schema says `redaction-policy: never`.
    #[must_use]
    pub fn redacted(&self, fields: &Fields) -> Fields {
        Fields(kept_members(&self.fields, &fields.0))
    }

    /// Says why a consolidation cannot put another account's value into a field; nothing when it can.
    #[must_use]
    pub fn refuses_take_over(&self, key: &str, into: &Fields) -> Option<&'static str> {
        let Some(field) = self.field(key).filter(|field| field.is_active()) else {
            return Some("is not an active field of this account type");
        };
        if field.holds_files() {
            return Some("holds files, which stay with their account");
        }
        (field.write_policy == WritePolicy::WriteOnce && into.get(key).is_some())
            .then_some("has a value already and can be written only once")
    }
}

fn kept_members(schemas: &[FieldSchema], values: &Map<String, Value>) -> Map<String, Value> {
    let kept = schemas.iter().filter_map(|schema| {
        let value = kept(schema, values.get(&schema.key)?)?;
        Some((schema.key.clone(), value))
    });
    kept.collect()
}

fn kept(schema: &FieldSchema, value: &Value) -> Option<Value> {
    if schema.redaction_policy == RedactionPolicy::Never {
        return Some(value.clone());
    }
    match (&schema.kind, value) {
        (FieldKind::Hash { items, .. }, Value::Object(members)) => {
            let members = kept_members(items, members);
            (!members.is_empty()).then_some(Value::Object(members))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::account_type::AccountTypeSpec;
    use crate::{IdSource, Timestamp};

    #[test]
    fn only_what_is_never_redacted_stays() {
        let spec = json!({ "name": "Client", "field-schemas": [
            { "type": "string", "key": "crm_id", "config": { "redaction-policy": "never" } },
            { "type": "string", "key": "nickname" },
            { "type": "hash", "key": "contract", "config": { "item-schemas": [
                { "type": "string", "key": "number", "config": { "redaction-policy": "never" } },
                { "type": "string", "key": "signer" },
            ] } },
        ] });
        let spec = AccountTypeSpec::from_value(spec).unwrap();
        let ids = &mut IdSource::new(Timestamp::from_micros(1), [7; 32]);
        let ty = AccountType::create(&spec, ids, Timestamp::from_micros(1)).unwrap();
        let Value::Object(fields) = json!({ "crm_id": "C-1", "nickname": "Inga",
            "contract": { "number": "N-1", "signer": "Ingrid" } })
        else {
            unreachable!("an object")
        };
        let left = Value::Object(ty.redacted(&Fields(fields)).0);
        assert_eq!(left, json!({ "crm_id": "C-1", "contract": { "number": "N-1" } }));
    }
}
