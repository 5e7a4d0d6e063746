//! Reads `multipart/form-data` into the tree that a JSON body would be.
//!
//! The name of a part is the way to its member: `data[attributes][fields][passport]`. `[]` adds an item to a
//! list, and `list[][key]` begins a new item where the last one has that key. A part with a file name becomes
//! `{"data": base64, "filename"}`, one of type `application/json` is read as JSON, any other is a text. No
//! message repeats what a part holds.

mod tree;

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use multer::{Field, Multipart};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::json::{self, Limits};
use tree::{Path, place};

/// Most parts of a body.
const PARTS_MAX: usize = 1000;

/// Whether a content type announces a multipart form.
pub fn is_multipart(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// Reads a whole body.
///
/// # Errors
/// Names the part and what is wrong with it.
pub async fn read(content_type: &str, bytes: Bytes) -> Result<Map<String, Value>, String> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| {
        "the header Content-Type must name the boundary of the parts: multipart/form-data; boundary=…"
            .to_owned()
    })?;
    let whole = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    let mut parts = Multipart::new(whole, boundary);
    let mut root = Value::Object(Map::new());
    let mut count = 0_usize;
    while let Some(part) = parts.next_field().await.map_err(|error| broken(count, &error))? {
        count += 1;
        if count > PARTS_MAX {
            return Err(format!("the body must have at most {PARTS_MAX} parts"));
        }
        let path = Path::parse(part.name().unwrap_or_default())
            .map_err(|message| format!("the name of part {count} {message}"))?;
        let value = value(part, count).await?;
        place(&mut root, &path, value).map_err(|message| format!("part {count}: {message}"))?;
    }
    match root {
        Value::Object(members) => Ok(members),
        _ => Ok(Map::new()),
    }
}

fn broken(count: usize, error: &multer::Error) -> String {
    let what = match error {
        multer::Error::IncompleteStream => "the body ends before its last boundary",
        multer::Error::IncompleteFieldData { .. } | multer::Error::IncompleteHeaders => {
            "the part ends before its boundary"
        }
        multer::Error::ReadHeaderFailed(_)
        | multer::Error::DecodeHeaderName { .. }
        | multer::Error::DecodeHeaderValue { .. } => "the headers of the part are no headers",
        _ => "the part cannot be read",
    };
    format!("the body is not multipart/form-data after part {count}: {what}")
}

async fn value(part: Field<'_>, count: usize) -> Result<Value, String> {
    let filename = filename(&part);
    let is_json = part.content_type().is_some_and(|kind| kind.essence_str() == "application/json");
    let bytes = part.bytes().await.map_err(|error| broken(count, &error))?;
    if let Some(filename) = filename {
        let mut file = Map::new();
        file.insert("data".to_owned(), STANDARD.encode(&bytes).into());
        file.insert("filename".to_owned(), filename.into());
        return Ok(Value::Object(file));
    }
    if is_json {
        return json::parse(&bytes, &Limits::default()).map_err(|bad| format!("part {count}: {bad}"));
    }
    let text = String::from_utf8(bytes.into());
    text.map(Value::String).map_err(|_| format!("part {count} is no file, and its text is not UTF-8"))
}

/// The file name of a part; that of `filename*` (RFC 8187) where there is one.
fn filename(part: &Field<'_>) -> Option<String> {
    let disposition = part.headers().get("content-disposition")?;
    let text = String::from_utf8_lossy(disposition.as_bytes());
    let extended = text.split(';').find_map(|parameter| parameter.trim().strip_prefix("filename*="));
    let decoded = extended.and_then(|value| {
        let (charset, rest) = value.trim_matches('"').split_once('\'')?;
        let (_, name) = rest.split_once('\'')?;
        charset.eq_ignore_ascii_case("utf-8").then(|| percent_decode_str(name).decode_utf8().ok())?
    });
    decoded.map(Into::into).or_else(|| part.file_name().map(str::to_owned))
}

#[cfg(test)]
mod tests;
