//! What files are by their content, which ones a field takes, and which ones an account keeps.

use std::cell::Cell;

use serde_json::{Value, json};

use super::media::{is_among, judge};
use super::{Display, StoredFile, decode, extension};
use crate::account_type::{AccountTypeSpec, FieldChanges};
use crate::{AccountType, FieldSchema, Fields, IdSource, Timestamp};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0";

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_content_tells_what_a_file_is() {
    let all = names(&["text/csv", "text/plain"]);
    let table: [(&[u8], &str, Option<&str>); 22] = [
        (PNG, "x.jpg", Some("image/png")),
        (b"\xff\xd8\xff\xe0", "", Some("image/jpeg")),
        (b"GIF89a", "", Some("image/gif")),
        (b"II*\0\x08\0\0\0\x01\0rest", "", Some("image/tiff")),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "", Some("image/heic")),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "", Some("image/heif")),
        (b"\0\0\0\x14ftypqt  \0\0\0\0", "", Some("video/quicktime")),
        (b"%PDF-1.4", "x.txt", Some("application/pdf")),
        (b"<svg/>", "x.txt", Some("image/svg+xml")),
        (
            b"\xef\xbb\xbf <?xml version='1.0'?>\n<!-- <b> --><!DOCTYPE svg PUBLIC \"x\"><svg>",
            "",
            Some("image/svg+xml"),
        ),
        (b"<!-- x --><svg xmlns=''>", "", Some("image/svg+xml")),
        (b"<svgx>", "x.svg", Some("text/plain")),
        (b"<!-- x --><p>", "x.svg", Some("text/html")),
        (b"<?xml version='1.0'?><html/>", "x.svg", Some("text/xml")),
        (b"<!DOCTYPE html><svg/>", "x.svg", Some("text/html")),
        (b"a,b", "x.CSV", Some("text/csv")),
        (b"a,b", "csv", Some("text/plain")),
        ("jäne\r\n\t".as_bytes(), "x.md", Some("text/plain")),
        (b"a\0b", "x.txt", None),
        (b"\xff\xfe", "x.txt", None),
        (b"PK\x03\x04", "x.pdf", Some("application/zip")),
        (b"", "x.txt", Some("text/plain")),
    ];
    for (bytes, name, kind) in table {
        assert_eq!(judge(bytes, name, &all), kind, "{} {name}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(judge(b"a,b", "x.csv", &names(&["text/plain"])), Some("text/plain"), "a table is a text");
    assert_eq!(judge(b"a,b", "x.csv", &names(&["image/png"])), Some("text/csv"));
}

#[test]
fn media_types_go_by_several_names() {
    for (listed, kind) in [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/JPEG", "image/jpeg"),
        ("image/tif", "image/tiff"),
        ("image/heic", "image/heif"),
        ("image/heif", "image/heic"),
        ("text/plain; charset=utf-8", "text/plain"),
        ("video/mp4", "video/x-m4v"),
    ] {
        assert!(is_among(&names(&[listed]), kind), "{listed} {kind}");
    }
    assert!(!is_among(&names(&["image/png"]), "image/jpeg"));
    assert!(!is_among(&[], "image/jpeg"));
    assert_eq!((extension("image/jpeg"), extension("application/x-new")), ("jpg", "bin"));
    assert_eq!(Display::of("image/png"), Display::Inline);
    assert_eq!(Display::of("application/pdf"), Display::Inline);
    for kind in ["image/svg+xml", "text/html", "text/plain", "video/mp4", "application/zip"] {
        assert_eq!(Display::of(kind), Display::Attachment, "{kind}");
    }
}

#[test]
fn base64_is_read_in_every_manner() {
    for text in ["+/+/YQ==", "-_-_YQ==", "+/+/YQ", "-_-_YQ", "+/+/\r\nYQ==\n", " + / + / Y Q "] {
        assert_eq!(decode(text).as_deref(), Some(&b"\xfb\xff\xbfa"[..]), "{text}");
    }
    for text in ["%", "+-", "YQ=", "Y", "YQ==YQ==", "ä"] {
        let decoded = decode(text);
        assert!(decoded.is_none() || text == "YQ=", "{text}");
    }
    assert_eq!(decode("").as_deref(), Some(&b""[..]));
}

fn papers() -> AccountType {
    let spec = json!({ "name": "Papers", "field-schemas": [
        { "type": "file", "key": "passport" },
        { "type": "file", "key": "selfie_photo" },
        { "type": "array", "key": "scans", "config": { "item-schema": { "type": "file" } } },
        { "type": "json", "key": "extra" },
    ] });
    let spec = AccountTypeSpec::from_value(spec).unwrap();
    let ids = &mut IdSource::new(Timestamp::from_micros(1), [7; 32]);
    AccountType::create(&spec, ids, Timestamp::from_micros(1)).unwrap()
}

fn object(value: &Value) -> serde_json::Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn stored(id: &str, filename: &str, sha256: &str) -> StoredFile {
    StoredFile {
        id: id.to_owned(),
        filename: filename.to_owned(),
        mime_type: "image/png".to_owned(),
        byte_size: 9,
        sha256: sha256.to_owned(),
        page_count: Some(1),
    }
}

#[test]
fn uploads_are_taken_from_where_files_belong_and_nowhere_else() {
    let upload = json!({ "data": "iVBORw0KGgoA", "filename": "x.png" });
    let wrong = json!({ "data": "AAAA", "filename": "x.png" });
    let mut top = object(&json!({ "selfie-photo": { "data": upload }, "other": upload }));
    let mut fields = object(&json!({ "passport": { "type": "file", "value": upload }, "extra": upload,
        "scans": [upload, wrong], "unknown": upload }));
    let count = Cell::new(0);
    papers().take_uploads(&mut top, &mut fields, &mut |key, upload| {
        count.set(count.get() + 1);
        assert_eq!((upload.bytes.as_slice(), upload.mime_type), (PNG, "image/png"));
        stored(key, &upload.filename, "00")
    });
    assert_eq!(count.get(), 3);
    assert_eq!(top["selfie-photo"]["data"]["id"], "selfie_photo");
    assert_eq!(top["other"], upload);
    assert_eq!(fields["passport"]["value"]["id"], "passport");
    assert_eq!((&fields["scans"][0]["id"], &fields["scans"][1]), (&json!("scans"), &wrong));
    assert_eq!((&fields["extra"], &fields["unknown"]), (&upload, &upload));
}

#[test]
fn changes_name_files_that_are_there_or_were_brought() {
    let ty = papers();
    let (old, new) = (stored("file_old", "a.png", "aa"), stored("file_new", "a.png", "aa"));
    let other = stored("file_other", "b.png", "aa");
    let current = Fields(object(&json!({ "passport": old.to_value(), "scans": [old.to_value()] })));
    let settle = |changes: &Value| {
        let changes = FieldChanges(object(changes));
        ty.settle_files(Some(&current), &changes, &|id| id == "file_new" || id == "file_other")
    };

    let same =
        settle(&json!({ "passport": new.to_value(), "scans": [new.to_value(), other.to_value()] })).unwrap();
    assert_eq!(same.changes.0["passport"], old.to_value(), "the same content and name");
    assert_eq!(Value::Object(same.changes.0)["scans"], json!([old.to_value(), other.to_value()]));
    assert_eq!(same.brought, [("scans".to_owned(), "file_other".to_owned())]);

    let named = settle(&json!({ "passport": { "id": "file_old" }, "scans": [] })).unwrap();
    assert_eq!(named.changes.0["passport"], old.to_value());

    let elsewhere = json!({ "id": "file_old" });
    let refused = settle(
        &json!({ "selfie_photo": elsewhere, "scans": [elsewhere, { "id": "file_x" }, { "data": "" }] }),
    );
    let places: Vec<String> = refused.unwrap_err().iter().map(|violation| violation.path.join(".")).collect();
    assert_eq!(places, ["fields.scans.1", "fields.scans.2", "fields.selfie_photo"]);
}

#[test]
fn stored_files_are_checked_against_a_stricter_field() {
    let field = |config: Value| -> FieldSchema {
        let spec =
            json!({ "name": "T", "field-schemas": [{ "type": "file", "key": "f", "config": config }] });
        let spec = AccountTypeSpec::from_value(spec).unwrap();
        let ids = &mut IdSource::new(Timestamp::from_micros(1), [7; 32]);
        AccountType::create(&spec, ids, Timestamp::from_micros(1)).unwrap().fields.remove(0)
    };
    let value = stored("file_1", "x.png", "00").to_value();
    assert_eq!(field(json!({})).check(&value), Ok(value.clone()));
    for (config, message) in [
        (json!({ "max-file-size-bytes": 8 }), "must be a file of 1 to 8 bytes"),
        (
            json!({ "supported-mime-types": ["image/jpg", "image/jpeg"] }),
            "must be, by its content, a file of type image/jpeg",
        ),
        (json!({ "page-count-limit-enabled": true, "page-count-min": 2 }), "must have at least 2 pages"),
        (
            json!({ "page-count-limit-enabled": true, "page-count-min": 2, "page-count-max": 3 }),
            "must have 2 to 3 pages",
        ),
    ] {
        assert_eq!(field(config).check(&value).unwrap_err()[0].message, message);
    }
}

#[test]
fn neither_name_nor_content_is_printed() {
    let file = stored("file_1", "gwendolyn.png", "00");
    let upload = super::Upload {
        filename: "gwendolyn.png".to_owned(),
        mime_type: "image/png",
        page_count: None,
        bytes: b"gwendolyn".to_vec(),
    };
    assert!(!format!("{file:?}{upload:?}").contains("gwendolyn"));
}
