//! What each kind of entry takes out of a reply, and what it leaves.

use super::*;

fn text(value: &str) -> Value {
    json!({ "type": "string", "value": value })
}

/// An account as replies show it.
fn account() -> Value {
    json!({
        "type": "account", "id": "act_1",
        "attributes": {
            "reference-id": "r", "tags": ["vip"],
            "fields": {
                "name": { "type": "hash", "value": { "first": text("A"), "last": text("B") } },
                "address": { "type": "hash", "value": { "street_1": text("S"), "country_code": text("NO") } },
                "phoneNumber": text("1"),
                "photo": { "type": "file", "value": { "url": "u", "byte-size": 1 } },
                "firms": { "type": "array", "value": [
                    { "type": "hash", "value": { "title": text("T"), "vat_number": text("V") } }] },
            },
        },
        "relationships": { "account-type": { "data": { "type": "account-type", "id": "acttp_1" } } },
    })
}

/// The places of all that is left of the attributes of an account, as `fields/name/first`.
fn left(entries: &[&str]) -> Vec<String> {
    let mut reply = json!({ "data": account() });
    if let Some(list) = Blocklist::parse(entries).unwrap() {
        list.apply(&mut reply);
    }
    let mut found = Vec::new();
    leaves(&reply["data"]["attributes"], String::new(), &mut found);
    found.retain(|place| !place.is_empty());
    found.sort();
    found
}

fn leaves(value: &Value, at: String, found: &mut Vec<String>) {
    let value = value.get("value").unwrap_or(value);
    match value {
        Value::Object(members) if !members.is_empty() => {
            let joint = if at.is_empty() { "" } else { "/" };
            members.iter().for_each(|(key, value)| leaves(value, format!("{at}{joint}{key}"), found));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().for_each(|item| leaves(item, at.clone(), found));
        }
        _ => found.push(at),
    }
}

const ALL: [&str; 11] = [
    "fields/address/country_code",
    "fields/address/street_1",
    "fields/firms/title",
    "fields/firms/vat_number",
    "fields/name/first",
    "fields/name/last",
    "fields/phoneNumber",
    "fields/photo/byte-size",
    "fields/photo/url",
    "reference-id",
    "tags",
];

/// All places but those that begin with one of these.
fn without(gone: &[&str]) -> Vec<String> {
    ALL.iter().filter(|place| !gone.iter().any(|at| place.starts_with(at))).map(ToString::to_string).collect()
}

#[test]
fn blocks_take_out_what_they_name_and_nothing_else() {
    let table: [(&[&str], &[&str]); 22] = [
        (&[], &[]),
        (&["nothing-like-it"], &[]),
        (&["tags"], &["tags"]),
        (&["reference-id"], &["reference-id"]),
        (&["referenceId"], &["reference-id"]),
        (&["reference_*"], &["reference-id"]),
        (&["fields"], &["fields"]),
        (&["name"], &["fields/name"]),
        (&["name-first"], &["fields/name/first"]),
        (&["nameFirst"], &["fields/name/first"]),
        (&["name-*"], &["fields/name/first", "fields/name/last"]),
        (&["first"], &["fields/name/first"]),
        (&["*-number"], &["fields/phoneNumber", "fields/firms/vat_number"]),
        (&["url"], &["fields/photo/url"]),
        (&["/data/attributes/tags", "/*/attributes/fields/photo"], &["tags", "fields/photo"]),
        (&["/data/attributes/fields/phone_number"], &["fields/phoneNumber"]),
        (&["/data/attributes/fields/name-last"], &["fields/name/last"]),
        (&["/data/attributes/fields/name/last"], &["fields/name/last"]),
        (&["/data/attributes/fields/name/value/last"], &["fields/name/last"]),
        (&["/data/attributes/fields/firms/vat-number"], &["fields/firms/vat_number"]),
        (&["/data/attributes/name", "/included/attributes/*", "/data/attributes/first"], &[]),
        (&["type", "value", "id", "attributes", "account-type"], &[]),
    ];
    for (entries, gone) in table {
        let mut found = left(entries);
        // A hash stays, though all that it held is gone.
        found.retain(|place| place != "fields/name");
        assert_eq!(found, without(gone), "{entries:?}");
    }
}

#[test]
fn exemptions_beat_blocks_whatever_the_order() {
    let name = &["fields/name/first", "fields/name/last"][..];
    let table: [(&[&str], &[&str]); 9] = [
        (&["/data/attributes/*", "!/data/attributes/tags"], &["tags"]),
        (&["!tags", "*"], &["tags"]),
        (
            &[
                "/data/attributes/*",
                "!/data/attributes/fields",
                "/data/attributes/fields/*",
                "!/data/attributes/fields/name",
            ],
            name,
        ),
        (
            &[
                "/data/attributes/*",
                "!fields",
                "/data/attributes/fields/*",
                "!/data/attributes/fields/name-first",
            ],
            &["fields/name/first"],
        ),
        (
            &["/data/attributes/*", "!fields", "/data/attributes/fields/*", "!country-code"],
            &["fields/address/country_code"],
        ),
        (&["*", "!fields", "!name"], &["fields/name/first", "fields/name/last"]),
        (&["*", "!fields", "!name", "first"], &["fields/name/last"]),
        (&["*", "!fields", "!phone*"], &["fields/phoneNumber"]),
        (&["*", "!first"], &[]),
    ];
    for (entries, kept) in table {
        assert_eq!(left(entries), kept, "{entries:?}");
        let reversed: Vec<&str> = entries.iter().rev().copied().collect();
        assert_eq!(left(&reversed), kept, "{reversed:?}");
    }
}

/// Whoever wrote it may make it look like anything.
#[test]
fn what_looks_like_a_hash_in_a_json_value_is_none() {
    let shape = |inner: Value| json!({ "type": "hash", "value": { "first": inner, "last": 1 } });
    let field = |value: Value| {
        json!({ "data": { "type": "account", "id": "act_1", "attributes": { "fields": {
            "extra": { "type": "json", "value": value } } } } })
    };
    let innermost = "/data/attributes/fields/extra/value/value/first/value/first";
    let place = |rest: &str| format!("/data/attributes/fields/extra/value/first/{rest}");
    let table = [
        ("first".to_owned(), true),
        (place("value/first"), true),
        (place("first"), false),
        ("first-first".to_owned(), false),
    ];
    for (entry, is_hidden) in table {
        let mut reply = field(shape(shape(json!(1))));
        Blocklist::parse(&[&entry]).unwrap().unwrap().apply(&mut reply);
        assert_eq!(reply.pointer(innermost).is_none(), is_hidden, "{entry}");
    }
    let deep = (0..60).fold(json!(1), |inner, _| shape(inner));
    let mut reply = field(deep.clone());
    Blocklist::parse(&["phone"]).unwrap().unwrap().apply(&mut reply);
    assert_eq!(reply, field(deep));
}

#[test]
fn the_names_of_a_hash_within_hashes_stay_few() {
    let hash = |inner: Value| json!({ "type": "hash", "value": { "a": inner, "hidden": text("x") } });
    let deep = (0..60).fold(text("y"), |inner, _| hash(inner));
    let mut reply =
        json!({ "data": { "type": "account", "id": "act_1", "attributes": { "fields": { "x": deep } } } });
    Blocklist::parse(&["hidden"]).unwrap().unwrap().apply(&mut reply);
    assert!(!reply.to_string().contains("hidden"));
}

#[test]
fn a_type_limits_an_entry_to_its_resources() {
    let one = |kind: &str| json!({ "type": kind, "id": "x", "attributes": { "status": "s", "name": "n" } });
    let bare = |kind: &str| json!({ "type": kind, "id": "x", "attributes": { "name": "n" } });
    let reply =
        json!({ "data": [one("account"), one("report/watchlist")], "included": [one("account-type")] });
    let table = [
        (
            "status?type=account",
            json!({ "data": [bare("account"), one("report/watchlist")], "included": [one("account-type")] }),
        ),
        (
            "status?type=report",
            json!({ "data": [one("account"), bare("report/watchlist")], "included": [one("account-type")] }),
        ),
        (
            "status?type=report/watchlist",
            json!({ "data": [one("account"), bare("report/watchlist")], "included": [one("account-type")] }),
        ),
        (
            "/included/attributes/status",
            json!({ "data": [one("account"), one("report/watchlist")], "included": [bare("account-type")] }),
        ),
        ("/included/attributes/status?type=account", reply.clone()),
        (
            "/*/attributes/status?type=accountType",
            json!({ "data": [one("account"), one("report/watchlist")], "included": [bare("account-type")] }),
        ),
    ];
    for (entry, expected) in table {
        let mut narrowed = reply.clone();
        Blocklist::parse(&[entry]).unwrap().unwrap().apply(&mut narrowed);
        assert_eq!(narrowed, expected, "{entry}");
    }
    let mut exempted = json!({ "data": [one("account"), one("case")] });
    Blocklist::parse(&["status", "!status?type=case"]).unwrap().unwrap().apply(&mut exempted);
    assert_eq!(exempted, json!({ "data": [bare("account"), one("case")] }));
}

#[test]
fn only_attributes_are_reached() {
    let reply = json!({ "data": account(), "included": [account()], "links": { "prev": null }, "meta": { "tags": 1 } });
    let mut narrowed = reply.clone();
    Blocklist::parse(&["*"]).unwrap().unwrap().apply(&mut narrowed);
    let mut expected = reply;
    for at in ["/data", "/included/0"] {
        expected.pointer_mut(at).unwrap()["attributes"] = json!({});
    }
    assert_eq!(narrowed, expected);
}

#[test]
fn the_payload_of_an_event_is_a_document_of_its_own() {
    let event = |account: Value| {
        json!({ "data": [{ "type": "event", "id": "evt_1", "attributes": {
            "name": "account.created", "created-at": "t", "payload": { "data": account } } }] })
    };
    let narrowed = |entry: &str| {
        let mut reply = event(account());
        Blocklist::parse(&[entry]).unwrap().unwrap().apply(&mut reply);
        reply
    };
    let bare = |member: &str| {
        let mut account = account();
        account["attributes"].as_object_mut().unwrap().remove(member);
        event(account)
    };
    assert_eq!(narrowed("tags"), bare("tags"));
    assert_eq!(narrowed("/data/attributes/fields"), bare("fields"));
    assert_eq!(narrowed("/*/attributes/fields?type=account"), bare("fields"));
    assert_eq!(narrowed("created-at?type=account"), event(account()));
    let mut emptied = event(account());
    emptied["data"][0]["attributes"].as_object_mut().unwrap().remove("payload");
    assert_eq!(narrowed("/data/attributes/payload"), emptied);
}

#[test]
fn what_is_told_of_an_account_elsewhere_is_hidden_as_in_the_account() {
    let name = |first: &str| json!({ "type": "hash", "value": { "first": text(first), "last": text("L") } });
    let reply = json!({
        "data": [
            { "type": "timeline-entry", "id": "evt_1", "attributes": { "name": "account.updated-fields", "changes": {
                "fields": { "name": { "before": name("A"), "after": name("B") },
                            "phone_number": { "before": null, "after": text("1") } },
                "added-tags": ["vip"], "reference-id": { "before": "r", "after": "s" } } } },
            { "type": "event", "id": "evt_1", "attributes": { "context": { "added-tags": ["vip"] } } },
        ],
        "meta": { "relation-count": 1, "fields": {
            "name": { "survivor": "act_1", "values": [{ "account-id": "act_1", "field": name("A") }] } } },
    });
    let gone = |entry: &str, pointers: &[&str]| {
        let mut expected = reply.clone();
        for pointer in pointers {
            let (at, key) = pointer.rsplit_once('/').unwrap();
            expected.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(key);
        }
        let mut narrowed = reply.clone();
        Blocklist::parse(&[entry]).unwrap().unwrap().apply(&mut narrowed);
        assert_eq!(narrowed, expected, "{entry}");
    };
    let changes = "/data/0/attributes/changes";
    let (before, after) =
        (format!("{changes}/fields/name/before/value"), format!("{changes}/fields/name/after/value"));
    let first = [
        &format!("{before}/first"),
        &format!("{after}/first"),
        "/meta/fields/name/values/0/field/value/first",
    ];
    gone("name-first", &first);
    gone("/data/attributes/fields/nameFirst?type=account", &first);
    gone("/data/attributes/fields/name", &[&format!("{changes}/fields/name"), "/meta/fields/name"]);
    gone("/data/attributes/fields/phone*?type=account", &[&format!("{changes}/fields/phone_number")]);
    gone("tags", &[&format!("{changes}/added-tags"), "/data/1/attributes/context/added-tags"]);
    gone("/data/attributes/reference-id", &[&format!("{changes}/reference-id")]);
    gone("/data/attributes/phone_number", &[]);
}

#[test]
fn a_bad_entry_is_told_by_its_position_and_never_repeated() {
    let long = "x".repeat(256);
    let bad = [
        "",
        " ",
        "!",
        "!!name",
        "name first",
        "name/first",
        "/",
        "/data",
        "/data/attributes",
        "/data/attributes/",
        "/data/fields/x",
        "/meta/attributes/x",
        "/data/attributes//x",
        "/da*/attributes/x",
        "name?",
        "name?kind=x",
        "name?type=",
        "name?type=a?type=b",
        "näme\u{7}",
        "\u{0}",
        long.as_str(),
    ];
    for entry in bad {
        let refusal = Blocklist::parse(&["name-*", entry]).unwrap_err();
        assert_eq!(refusal.index, 1, "{entry}");
        assert!(refusal.message.starts_with("must "), "{entry}");
    }
    for entry in
        ["a", "*", " name-* ", "!/included/attributes/*?type=report/*", "prénom", "/data/attributes/a.b/c_d"]
    {
        assert!(Blocklist::parse(&[entry]).is_ok(), "{entry}");
    }
}

#[test]
fn without_blocks_there_is_nothing_to_do() {
    assert!(Blocklist::parse::<&str>(&[]).unwrap().is_none());
    assert!(Blocklist::parse(&["!name"]).unwrap().is_none());
}

#[test]
fn stars_stand_for_any_part_of_a_name() {
    let table = [
        ("*", "", true),
        ("*", "x", true),
        ("a*", "a", true),
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*c", "abcd", false),
        ("*a*b*", "xaxbx", true),
        ("*a*b*", "ba", false),
        ("a**b", "ab", true),
        ("*ab", "aab", true),
        ("abc", "ab", false),
        ("ab", "abc", false),
        ("*-*", "a-b", true),
    ];
    for (pattern, name, fits) in table {
        assert_eq!(Pattern(pattern.to_owned()).matches(name), fits, "{pattern} {name}");
    }
    assert!(!Pattern(format!("{}x", "*a".repeat(120))).matches(&"a".repeat(10_000)), "it ends");
}
