//! Files that are uploaded to be imported, on the wire.

use muster_app::imports::{File, FileStatus};
use muster_domain::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::doc::{described, instant, nullable, object, resource};

/// Bytes of every part that is sent but the last: eight of those that are kept.
pub const PART_BYTES: usize = 8 * muster_app::imports::files::PART_BYTES;

/// Whether the caller may see the first rows: they are personal data of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// The caller may.
    Shown,
    /// The caller may not read accounts, or not all of them.
    Withheld,
}

/// A file with the parts that are there.
pub struct ImporterFile {
    /// The file.
    pub file: File,
    /// The numbers of the parts that are there, from 1; empty once it is complete.
    pub parts: Vec<u64>,
    /// Whether the caller sees the first rows.
    pub sample: Sample,
}

/// The resource object of a file.
pub fn file(shown: &ImporterFile) -> Value {
    let ImporterFile { file, parts, sample } = shown;
    let is_ready = file.status != FileStatus::Uploading;
    let fault = file
        .fault
        .as_ref()
        .map(|fault| json!({ "code": fault.code, "line": fault.line, "message": fault.message }));
    json!({
        "type": "importer-file",
        "id": file.id.as_str(),
        "attributes": {
            "filename": file.filename,
            "status": file.status.as_str(),
            "byte-size": is_ready.then_some(file.byte_size),
            "part-size": PART_BYTES,
            "parts": parts,
            "detected": file.detected.as_ref().map(|detected| shown_detected(detected, *sample)),
            "fault": fault,
            "created-at": file.created_at.to_rfc3339_millis(),
            "erased-at": file.erased_at.map(Timestamp::to_rfc3339_millis),
        },
    })
}

/// What a look at a file said, without the first rows where the caller may not see them.
pub fn shown_detected(detected: &impl Serialize, sample: Sample) -> Value {
    let mut shown = serde_json::to_value(detected).unwrap_or_default();
    if sample == Sample::Withheld {
        shown["sample"] = Value::Null;
    }
    shown
}

/// The schema of what a look at a file said.
pub fn detected_schema() -> Value {
    let list = || json!({ "type": "array", "items": { "type": "string" } });
    let text = |about: &str| json!({ "type": ["string", "null"], "description": about });
    let rows = json!({ "type": ["array", "null"], "items": list() });
    let members = json!({
        "format": { "type": "string", "enum": ["csv", "tsv", "json-lines", "xlsx"], "description": "The kind of the file." },
        "compression": text("What it is packed with: `gzip` or `zstd`; null where it is not."),
        "encoding": { "type": "string", "description": "How its characters are stored." },
        "delimiter": text("What stands between cells; null where the format has nothing like it."),
        "quote": text("What stands around cells; empty where cells are never quoted."),
        "header": { "type": "boolean", "description": "Whether the first row names the columns." },
        "sheets": described(list(), "The sheets of a workbook."),
        "columns": described(list(), "The names of the columns: `column_1` and so on where the file has none."),
        "sample": described(rows, "The first rows, up to 20; null for an API key that may not read accounts, or not all of them."),
        "notes": described(list(), "What somebody should know before importing."),
    });
    let names: Vec<&str> = members.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    object(&members, &names)
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let count = |about: &str| json!({ "type": "integer", "minimum": 0, "description": about });
    let fault = json!({
        "code": { "type": "string", "description": "The kind." },
        "line": nullable(count("The line where it is.")),
        "message": { "type": "string", "description": "What is wrong and how to mend it." },
    });
    let fault = object(&fault, &["code", "line", "message"]);
    let attributes = json!({
        "filename": { "type": "string", "description": "Its name, as it was given; empty once it is erased." },
        "status": { "type": "string", "enum": ["uploading", "ready", "erased"], "description": "How far it is." },
        "byte-size": nullable(count("Its size; null until it is complete.")),
        "part-size": count("Bytes of every part but the last."),
        "parts": { "type": "array", "items": { "type": "integer" },
            "description": "The numbers of the parts that are there, from 1; empty once it is complete." },
        "detected": described(nullable(detected_schema()), "What it turned out to be; null until it is complete, and where it is no table as it stands."),
        "fault": described(nullable(fault), "Why it is no table as it stands, and what to do; settings set by hand may mend it."),
        "created-at": described(instant(), "When its upload began."),
        "erased-at": described(nullable(instant()), "When its content was erased."),
    });
    let names: Vec<&str> =
        attributes.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let attributes = object(&attributes, &names);
    described(
        resource("importer-file", "mprtf_", &attributes, &json!({})),
        "A file that is uploaded to be imported. It is kept sealed, and erased some time after.",
    )
}
