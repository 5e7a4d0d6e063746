//! The dated versions of the API, and what replies and requests looked like before each of them.
//!
//! Handlers and resources know the newest version only. A release is a list of named changes, each a
//! pure function that turns a resource back by one step; a reply for an old version is walked through
//! every release after it, newest first. The body of a request goes the other way. A released list is never edited.

mod v2025_10_27;
mod v2025_12_08;

pub use muster_domain::ApiVersion;
use serde_json::{Map, Value};

/// The releases that changed something, newest first.
const RELEASES: [Release; 2] = [v2025_12_08::RELEASE, v2025_10_27::RELEASE];

/// What a version changed.
struct Release {
    version: ApiVersion,
    changes: &'static [Change],
    requests: &'static [RequestChange],
}

/// One difference in what operations are sent, named by its function.
struct RequestChange {
    /// The operations that it concerns.
    operations: &'static [&'static str],
    /// Turns a body from before the change into what is sent since; its keys are spelled as they were sent.
    upgrade_request: fn(&mut Map<String, Value>),
}

/// One difference between a version and those before it, named by its function.
struct Change {
    /// The JSON:API type of the resources it concerns.
    kind: &'static str,
    /// Turns a resource of that type into what it was before the change.
    downgrade_reply: fn(&mut Value),
    /// Turns the schema of that type into what it was before the change.
    downgrade_schema: fn(&mut Value),
}

/// Turns a reply of the newest version into one of an older version.
///
/// Visits `data`, `included`, and the same two in the payload of an event.
pub fn downgrade_reply(reply: &mut Value, to: ApiVersion) {
    for change in changes_after(to) {
        change.apply(reply);
    }
}

/// Turns the body of a request of an older version into one of the newest, release by release.
pub fn upgrade_request(operation: &str, body: &mut Map<String, Value>, from: ApiVersion) {
    let later = RELEASES.iter().rev().filter(|release| release.version > from);
    let changes = later.flat_map(|release| release.requests);
    for change in changes.filter(|change| change.operations.contains(&operation)) {
        (change.upgrade_request)(body);
    }
}

/// Turns the schemas of resources, by name, into those of an older version.
pub fn downgrade_schemas(schemas: &mut Map<String, Value>, to: ApiVersion) {
    for change in changes_after(to) {
        let is_concerned = |schema: &&mut Value| {
            schema.pointer("/properties/type/const").and_then(Value::as_str) == Some(change.kind)
        };
        schemas.values_mut().filter(is_concerned).for_each(|schema| (change.downgrade_schema)(schema));
    }
}

/// Says whether a version fills `included` without being asked by `include`.
pub fn default_includes(version: ApiVersion) -> bool {
    version < v2025_10_27::RELEASE.version
}

fn changes_after(version: ApiVersion) -> impl Iterator<Item = &'static Change> {
    let later = RELEASES.iter().filter(move |release| release.version > version);
    later.flat_map(|release| release.changes)
}

impl Change {
    fn apply(&self, payload: &mut Value) {
        for member in ["data", "included"] {
            match payload.get_mut(member) {
                Some(Value::Array(resources)) => resources.iter_mut().for_each(|one| self.apply_to(one)),
                Some(resource) => self.apply_to(resource),
                None => {}
            }
        }
    }

    fn apply_to(&self, resource: &mut Value) {
        match resource.get("type").and_then(Value::as_str) {
            Some(kind) if kind == self.kind => (self.downgrade_reply)(resource),
            Some("event") => {
                if let Some(payload) = resource.pointer_mut("/attributes/payload") {
                    self.apply(payload);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn releases_are_ordered_newest_first() {
        assert!(RELEASES.is_sorted_by(|newer, older| newer.version > older.version));
    }

    #[test]
    fn old_versions_include_by_default() {
        let table =
            [("2025-12-08", false), ("2025-10-27", false), ("2023-01-05", true), ("2020-05-18", true)];
        for (version, expected) in table {
            assert_eq!(default_includes(ApiVersion::parse(version).unwrap()), expected, "{version}");
        }
    }

    /// Tells in which parts of a reply an account was turned back.
    fn downgraded(to: &str) -> [bool; 5] {
        let account = json!({"type": "account", "attributes": {"fields": {}}});
        let other = json!({"type": "account-type", "attributes": {}});
        let event =
            json!({"type": "event", "attributes": {"payload": {"data": account, "included": [account]}}});
        let mut reply = json!({"data": [account, event, other], "included": [account]});
        downgrade_reply(&mut reply, ApiVersion::parse(to).unwrap());
        [
            "/data/0/attributes",
            "/data/1/attributes/payload/data/attributes",
            "/data/1/attributes/payload/included/0/attributes",
            "/data/2/attributes",
            "/included/0/attributes",
        ]
        .map(|place| reply.pointer(place).unwrap().get("name-first").is_some())
    }

    #[test]
    fn accounts_are_turned_back_wherever_they_stand() {
        for version in ApiVersion::ALL {
            let old = version.as_str() <= "2023-01-05";
            assert_eq!(downgraded(version.as_str()), [old, old, old, false, old], "{version}");
        }
    }

    #[test]
    fn replies_without_resources_are_left_alone() {
        for mut reply in [json!({"data": null}), json!({"errors": []}), json!({"data": []}), json!(null)] {
            let before = reply.clone();
            downgrade_reply(&mut reply, ApiVersion::ALL[8]);
            assert_eq!(reply, before);
        }
    }
}
