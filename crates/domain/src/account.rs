//! What one account holds: its field values, its status, its reference ID.
//!
//! This file knows nothing of account types; what a value may be is decided in `account_type`.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fold::{REFERENCE_ID_CHARS_MAX, fold};
use crate::id::AccountStatusId;
use crate::time::Timestamp;

/// Stored field values of one account: key to raw, normalised JSON value.
///
/// A field without a value has no entry: null is never stored. `Debug` prints `[redacted]`.
#[derive(Clone, Default, PartialEq)]
pub struct Fields(pub Map<String, Value>);

impl Fields {
    /// Finds the value of a field.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Writes the values in their canonical form: compact JSON, keys in order.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // A map of JSON values can always be written.
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    /// Reads what [`Fields::to_json`] wrote.
    #[must_use]
    pub fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok().map(Self)
    }

    /// Lists the keys whose values differ between `self` and `after`, in order.
    #[must_use]
    pub fn changed_keys(&self, after: &Self) -> Vec<String> {
        let mut keys: Vec<String> = self
            .0
            .iter()
            .filter(|(key, value)| after.get(key) != Some(value))
            .map(|(key, _)| key.clone())
            .collect();
        keys.extend(after.0.keys().filter(|key| !self.0.contains_key(*key)).cloned());
        keys.sort_unstable();
        keys
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields([redacted])")
    }
}

/// One status of an account type. Every account has exactly one of its type's statuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AccountStatus {
    /// The ID, `actst_…`.
    #[serde(with = "stored_id")]
    pub id: AccountStatusId,
    /// The name that accounts show.
    pub name: String,
    /// The colour of its badge.
    pub color: String,
    /// When it was deactivated. Accounts keep such a status, but it cannot be assigned again.
    #[serde(with = "stored_instant", default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Timestamp>,
}

/// A reference ID: the caller's own key of an account, unique per environment and account type.
#[derive(Clone, PartialEq, Eq)]
pub struct ReferenceId {
    spelling: String,
}

impl ReferenceId {
    /// Checks a reference ID and takes outer white space off; the spelling is kept otherwise.
    ///
    /// # Errors
    /// Says what it must be when it is blank, too long or has control characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let spelling = text.trim();
        if spelling.is_empty() {
            return Err("must not be blank; leave it out for an account without one".to_owned());
        }
        if spelling.chars().any(char::is_control) {
            return Err("must not contain control characters".to_owned());
        }
        if spelling.chars().count() > REFERENCE_ID_CHARS_MAX {
            return Err(format!("must have at most {REFERENCE_ID_CHARS_MAX} characters"));
        }
        Ok(Self { spelling: spelling.to_owned() })
    }

    /// The reference ID as its owner spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// The form in which reference IDs are compared.
    #[must_use]
    pub fn folded(&self) -> String {
        fold(&self.spelling)
    }
}

impl fmt::Debug for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReferenceId([redacted])")
    }
}

/// Writes an instant with all its microseconds, so that storing it loses nothing.
pub(crate) fn exact_text(instant: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(instant.as_micros())
        .map_or_else(|_| instant.to_rfc3339_millis(), |exact| exact.to_string())
}

/// Serde form of an optional instant: RFC 3339 with microseconds, or null.
pub(crate) mod stored_instant {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::{Serialize, Serializer};

    use crate::time::Timestamp;

    pub(crate) fn serialize<S: Serializer>(
        instant: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        instant.map(super::exact_text).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        Timestamp::parse(&text).map(Some).ok_or_else(|| Error::custom("expected an instant"))
    }
}

/// Serde form of an ID: its text.
pub(crate) mod stored_id {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    use crate::id::ResourceId;

    pub(crate) fn serialize<I: ResourceId, S: Serializer>(id: &I, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(id.as_str())
    }

    pub(crate) fn deserialize<'de, I: ResourceId, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<I, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        match value {
            Value::Object(map) => Fields(map),
            _ => Fields::default(),
        }
    }

    #[test]
    fn fields_round_trip_in_canonical_order_and_never_show_themselves() {
        let values = fields(json!({"b": [1], "a": "Ingrid"}));
        assert_eq!(values.to_json(), br#"{"a":"Ingrid","b":[1]}"#);
        assert_eq!(Fields::from_json(&values.to_json()), Some(values.clone()));
        assert_eq!(Fields::from_json(b"[]"), None);
        assert_eq!(format!("{values:?}"), "Fields([redacted])");
    }

    #[test]
    fn changed_keys_names_what_was_set_changed_and_cleared() {
        let before = fields(json!({"kept": 1, "changed": 1, "cleared": 1}));
        let after = fields(json!({"kept": 1, "changed": 2, "added": 1}));
        assert_eq!(before.changed_keys(&after), ["added", "changed", "cleared"]);
        assert!(before.changed_keys(&before).is_empty());
    }

    #[test]
    fn reference_ids_keep_their_spelling_and_compare_folded() {
        let id = ReferenceId::parse(" Cust-Ä1 ").unwrap();
        assert_eq!((id.as_str(), id.folded().as_str()), ("Cust-Ä1", "cust-ä1"));
        assert_eq!(format!("{id:?}"), "ReferenceId([redacted])");
        let blank = "must not be blank; leave it out for an account without one";
        for (text, message) in [
            ("", blank),
            (" \t", blank),
            ("a\u{0}b", "must not contain control characters"),
            (&"ä".repeat(256), "must have at most 255 characters"),
        ] {
            assert_eq!(ReferenceId::parse(text).unwrap_err(), message);
        }
        assert!(ReferenceId::parse(&"ä".repeat(255)).is_ok());
    }

    #[test]
    fn statuses_are_stored_with_all_their_microseconds() {
        let status = AccountStatus {
            id: AccountStatusId::trusted("actst_111111111111111111111111".to_owned()),
            name: "Closed".to_owned(),
            color: "red".to_owned(),
            deactivated_at: Some(Timestamp::from_micros(1_772_442_847_412_999)),
        };
        let json = serde_json::to_string(&status).unwrap();
        assert_eq!(
            json,
            r#"{"id":"actst_111111111111111111111111","name":"Closed","color":"red","deactivated-at":"2026-03-02T09:14:07.412999Z"}"#
        );
        assert_eq!(serde_json::from_str::<AccountStatus>(&json).unwrap(), status);
        assert!(serde_json::from_str::<AccountStatus>(&json.replace("actst_", "act_")).is_err());
    }
}
