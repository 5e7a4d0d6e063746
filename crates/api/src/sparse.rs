//! Sparse fieldsets: narrows the resources of a reply to the attributes a client asked for.
//!
//! Runs on a finished reply of the caller's version, before it is respelled. Names are compared in
//! any inflection.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::inflection::kebab;

/// Keeps only the listed attributes of the resources whose type is listed.
///
/// `fields` maps a resource type, or the parent of a family of types (`report` for `report/*`), to
/// attribute names. `fields.phone_number` keeps one key of `fields`, `fields.name-first` one member of
/// a hash there. Relationships go, unless one is listed by name.
pub fn apply_fields(reply: &mut Value, fields: &BTreeMap<String, Vec<String>>) {
    if fields.is_empty() {
        return;
    }
    let wanted = fields.iter().map(|(kind, names)| (kind.as_str(), Selection::of(names))).collect();
    for member in ["data", "included"] {
        match reply.get_mut(member) {
            Some(Value::Array(resources)) => resources.iter_mut().for_each(|one| narrow(one, &wanted)),
            Some(resource) => narrow(resource, &wanted),
            None => {}
        }
    }
}

/// What to keep of a resource, in kebab.
struct Selection {
    /// Attributes and relationships.
    names: BTreeSet<String>,
    /// Keys inside the attribute `fields`; a key of a hash follows that of the hash: `name-first`.
    inside_fields: BTreeSet<String>,
}

impl Selection {
    fn of(listed: &[String]) -> Self {
        let mut selection = Self { names: BTreeSet::new(), inside_fields: BTreeSet::new() };
        for name in listed {
            match name.split_once('.') {
                Some(("fields", key)) => selection.inside_fields.insert(fold(key)),
                _ => selection.names.insert(fold(name)),
            };
        }
        selection
    }

    fn keeps(&self, name: &str) -> bool {
        self.names.contains(&*kebab(name))
    }

    /// Keeps an attribute whole, or narrows it; says whether it stays.
    fn keep_attribute(&self, name: &str, value: &mut Value) -> bool {
        if self.keeps(name) {
            return true;
        }
        if name != "fields" || self.inside_fields.is_empty() {
            return false;
        }
        if let Value::Object(fields) = value {
            self.narrow_fields(fields, "");
        }
        true
    }

    fn narrow_fields(&self, fields: &mut Map<String, Value>, prefix: &str) {
        fields.retain(|key, field| {
            let path = format!("{prefix}{}", kebab(key));
            self.inside_fields.contains(&path) || self.keep_hash(field, &path)
        });
    }

    /// Narrows a hash to its listed members; says whether any was.
    fn keep_hash(&self, field: &mut Value, path: &str) -> bool {
        let is_hash = field.get("type").is_some_and(|kind| kind == "hash");
        match field.get_mut("value") {
            Some(Value::Object(members)) if is_hash => {
                self.narrow_fields(members, &format!("{path}-"));
                !members.is_empty()
            }
            _ => false,
        }
    }
}

fn fold(name: &str) -> String {
    kebab(&name.replace('.', "-")).into_owned()
}

fn narrow(resource: &mut Value, wanted: &BTreeMap<&str, Selection>) {
    let Some(selection) = resource.get("type").and_then(Value::as_str).and_then(|kind| find(kind, wanted))
    else {
        return;
    };
    let Value::Object(members) = resource else { return };
    if let Some(Value::Object(attributes)) = members.get_mut("attributes") {
        attributes.retain(|name, value| selection.keep_attribute(name, value));
    }
    if let Some(Value::Object(relationships)) = members.get_mut("relationships") {
        // The object stays, though it may be empty: the public API has it in every inquiry.
        relationships.retain(|name, _| selection.keeps(name));
    }
}

/// Finds the selection for a type: its own, else that of the nearest parent.
fn find<'a>(kind: &str, wanted: &'a BTreeMap<&str, Selection>) -> Option<&'a Selection> {
    let mut kind = kind;
    loop {
        match (wanted.get(kind), kind.rsplit_once('/')) {
            (Some(selection), _) => return Some(selection),
            (None, Some((parent, _))) => kind = parent,
            (None, None) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account() -> Value {
        json!({"type": "account", "id": "act_1",
            "attributes": {"reference-id": "r", "tags": [], "fields": {
                "name": {"type": "hash", "value": {
                    "first": {"type": "string", "value": "A"}, "last": {"type": "string", "value": "B"}}},
                "phone_number": {"type": "string", "value": "1"},
                "address": {"type": "hash", "value": {"street_1": {"type": "string", "value": "S"}}}}},
            "relationships": {"account-type": {"data": null}, "other-thing": {"data": null}}})
    }

    fn narrowed(mut reply: Value, kind: &str, names: &[&str]) -> Value {
        let names = names.iter().map(ToString::to_string).collect();
        apply_fields(&mut reply, &BTreeMap::from([(kind.to_owned(), names)]));
        reply
    }

    #[test]
    fn only_listed_attributes_stay() {
        let phone = json!({"phone_number": {"type": "string", "value": "1"}});
        let first = json!({"name": {"type": "hash", "value": {"first": {"type": "string", "value": "A"}}}});
        let street = json!({"address": account()["attributes"]["fields"]["address"]});
        let all = &account()["attributes"]["fields"];
        let table: [(&[&str], Value); 12] = [
            (&[], json!({})),
            (&["unknown"], json!({})),
            (&["reference-id"], json!({"reference-id": "r"})),
            (&["referenceId", "tags"], json!({"reference-id": "r", "tags": []})),
            (&["reference_id"], json!({"reference-id": "r"})),
            (&["fields"], json!({"fields": all})),
            (&["fields", "fields.phone_number"], json!({"fields": all})),
            (&["fields.phone-number"], json!({"fields": phone})),
            (&["fields.phoneNumber", "fields.nothing"], json!({"fields": phone})),
            (&["fields.name-first"], json!({"fields": first})),
            (&["fields.name.first"], json!({"fields": first})),
            (&["fields.address_street_1"], json!({"fields": street})),
        ];
        for (names, attributes) in table {
            let reply = narrowed(json!({"data": account()}), "account", names);
            let expected = json!({"data": {
                "type": "account", "id": "act_1", "attributes": attributes, "relationships": {},
            }});
            assert_eq!(reply, expected, "{names:?}");
        }
    }

    #[test]
    fn a_listed_relationship_stays() {
        let reply = narrowed(json!({"data": account()}), "account", &["accountType"]);
        assert_eq!(reply["data"]["relationships"], json!({"account-type": {"data": null}}));
    }

    #[test]
    fn only_matching_types_of_data_and_included_are_visited() {
        let report = json!({"type": "report/watchlist", "attributes": {"status": "ready", "name": "n"}});
        let ready = json!({"type": "report/watchlist", "attributes": {"status": "ready"}});
        let reply = json!({"data": [report, account()], "included": [report], "meta": report});
        let expected = json!({"data": [ready, account()], "included": [ready], "meta": report});
        assert_eq!(narrowed(reply.clone(), "report", &["status"]), expected);
        assert_eq!(narrowed(reply.clone(), "report/watchlist", &["status"]), expected);
        assert_eq!(narrowed(reply.clone(), "rep", &["status"]), reply);
        assert_eq!(narrowed(reply.clone(), "report/watch", &["status"]), reply);
    }

    #[test]
    fn the_nearest_type_decides_and_no_fields_change_nothing() {
        let mut reply =
            json!({"data": {"type": "report/watchlist", "attributes": {"status": "s", "name": "n"}}});
        let before = reply.clone();
        apply_fields(&mut reply, &BTreeMap::new());
        assert_eq!(reply, before);
        let names = |name: &str| vec![name.to_owned()];
        let fields = [("report".to_owned(), names("status")), ("report/watchlist".to_owned(), names("name"))];
        apply_fields(&mut reply, &BTreeMap::from(fields));
        assert_eq!(reply["data"]["attributes"], json!({"name": "n"}));
    }
}
