//! What redaction leaves of the values of an account, and what a consolidation may take over.

use super::AccountType;
use crate::account::Fields;
use crate::field::{RedactionPolicy, WritePolicy};

impl AccountType {
    /// The values that stay when the personal data of an account is erased: those of fields whose schema says
    /// `redaction-policy: never`.
    #[must_use]
    pub fn redacted(&self, fields: &Fields) -> Fields {
        let stays =
            |key: &str| self.field(key).is_some_and(|field| field.redaction_policy == RedactionPolicy::Never);
        let kept = fields.0.iter().filter(|(key, _)| stays(key));
        Fields(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::account_type::AccountTypeSpec;
    use crate::{IdSource, Timestamp};

    #[test]
    fn only_what_is_never_redacted_stays() {
        let spec = json!({ "name": "Client", "field-schemas": [
            { "type": "string", "key": "crm_id", "config": { "redaction-policy": "never" } },
            { "type": "string", "key": "nickname" },
            { "type": "hash", "key": "contract", "config": { "redaction-policy": "never", "item-schemas": [
                { "type": "string", "key": "number" },
            ] } },
        ] });
        let spec = AccountTypeSpec::from_value(spec).unwrap();
        let ids = &mut IdSource::new(Timestamp::from_micros(1), [7; 32]);
        let ty = AccountType::create(&spec, ids, Timestamp::from_micros(1)).unwrap();
        let Value::Object(fields) = json!({ "crm_id": "C-1", "nickname": "Inga",
            "contract": { "number": "N-1" } })
        else {
            unreachable!("an object")
        };
        let left = Value::Object(ty.redacted(&Fields(fields)).0);
        assert_eq!(left, json!({ "crm_id": "C-1", "contract": { "number": "N-1" } }));
    }
}
