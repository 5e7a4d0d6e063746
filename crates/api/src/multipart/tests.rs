//! Names of parts, and the trees they make.

use serde_json::{Value, json};

use super::is_multipart;
use super::tree::{Path, place};

fn tree(parts: &[(&str, &str)]) -> Result<Value, String> {
    let mut root = json!({});
    for (name, value) in parts {
        place(&mut root, &Path::parse(name)?, json!(value))?;
    }
    Ok(root)
}

#[test]
fn names_of_parts_make_the_tree_of_a_json_body() {
    let made = tree(&[
        ("a", "1"),
        ("b[c][d-e]", "2"),
        ("b[c][f g]", "3"),
        ("l[]", "4"),
        ("l[]", "5"),
        ("o[][x]", "6"),
        ("o[][y][z]", "7"),
        ("o[][x]", "8"),
        ("o[][y][z]", "9"),
        ("n[][]", "10"),
        ("n[][]", "11"),
    ]);
    let expected = json!({ "a": "1", "b": { "c": { "d-e": "2", "f g": "3" } }, "l": ["4", "5"],
        "o": [{ "x": "6", "y": { "z": "7" } }, { "x": "8", "y": { "z": "9" } }], "n": [["10", "11"]] });
    assert_eq!(made, Ok(expected));
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (parts, message) in [
        ([("a", "1"), ("a", "1")], "a appears twice (send it once)"),
        ([("a[b]", "1"), ("a[b]", "2")], "a.b appears twice (send it once)"),
        ([("a[b]", "1"), ("a", "2")], "a appears twice (send it once)"),
        ([("a", "1"), ("a[b]", "2")], "a.b is also sent as something else"),
        ([("a", "1"), ("a[]", "2")], "a.[] is also sent as something else"),
        ([("a[]", "1"), ("a[b]", "2")], "a.b is also sent as something else"),
        ([("a[b]", "1"), ("a[]", "2")], "a.[] is also sent as something else"),
    ] {
        assert_eq!(tree(&parts), Err(message.to_owned()));
    }
}

#[test]
fn names_must_have_all_their_brackets() {
    for name in ["", "[a]", "a[", "a]", "a[b", "a[b]]", "a[b]c", "a[[b]]", "a[b[c]]"] {
        assert!(Path::parse(name).is_err(), "{name}");
    }
    assert!(Path::parse(&format!("a{}", "[b]".repeat(63))).is_ok());
    assert!(Path::parse(&format!("a{}", "[b]".repeat(64))).is_err());
}

#[test]
fn a_form_is_known_by_its_content_type() {
    for (content_type, is) in [
        ("multipart/form-data; boundary=x", true),
        ("Multipart/Form-Data", true),
        ("multipart/mixed; boundary=x", false),
        ("application/json", false),
        ("", false),
    ] {
        assert_eq!(is_multipart(content_type), is, "{content_type}");
    }
}
