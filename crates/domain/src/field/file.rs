//! Files as the values of fields: what may be given, and what an account holds of it.
//!
//! An upload is `{"data": base64, "filename": text}`. Its bytes never become part of the values of an
//! account: [`crate::AccountType::take_uploads`] hands them over and leaves a [`StoredFile`] in their place.
//! A file that is there already is named by the form in which replies show it, or by its ID; then it stays
//! as it is. What a file is, its content tells; its name only tells CSV from other text.

mod media;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{FieldKind, FieldSchema, find_by_key};
use crate::id::FileId;
use crate::violation::Violation;
pub use media::{Display, extension};
use media::{is_image, judge};

/// Longest name of a file, in characters.
pub const FILENAME_CHARS_MAX: usize = 255;
/// The system field that takes images only.
const IMAGES_ONLY: &str = "selfie_photo";
const SHAPE: &str = "must be an object with data (the file in base64) and filename; null clears it";
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A file as the values of an account hold it. `Debug` does not show its name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StoredFile {
    /// The ID of its content, `file_…`.
    pub id: String,
    /// Its name, as it was given.
    pub filename: String,
    /// Its media type, found from its content.
    pub mime_type: String,
    /// Its size, in bytes.
    pub byte_size: u64,
    /// SHA-256 of its content, in hexadecimal: tells whether the same file comes again.
    pub sha256: String,
    /// Its pages; none where nobody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_count: Option<u32>,
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile").field("id", &self.id).finish_non_exhaustive()
    }
}

impl StoredFile {
    /// Reads a stored value; none when it is not the whole of one.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// The value as it is stored.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Whether both are the same file under the same name, whatever their IDs.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.filename == other.filename
    }
}

/// The content of a file that a field takes. `Debug` shows neither content nor name.
pub struct Upload {
    /// Its name.
    pub filename: String,
    /// Its media type, found from its content.
    pub mime_type: &'static str,
    /// Its pages; none where nobody counted.
    pub page_count: Option<u32>,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload").field("mime_type", &self.mime_type).finish_non_exhaustive()
    }
}

/// What a field asks of its files.
struct Limits<'s> {
    sizes: (u64, u64),
    mime_types: &'s [String],
    pages: Option<(u32, u32)>,
    images_only: bool,
}

/// The media type of a file by its content, and for tables, by its name; none when it is unknown.
#[must_use]
pub fn media_type(bytes: &[u8], filename: &str) -> Option<&'static str> {
    judge(bytes, filename, &[])
}

/// The pages of a file; none for a PDF whose pages stand in compressed objects.
#[must_use]
pub fn page_count(bytes: &[u8], media_type: &str) -> Option<u32> {
    if media_type != "application/pdf" {
        return Some(1);
    }
    const PAGE: &[u8] = b"/Page";
    let is_page = |at: usize| {
        let before = bytes[..at].trim_ascii_end();
        let next = bytes.get(at + PAGE.len()).copied().unwrap_or(b' ');
        before.ends_with(b"/Type") && !next.is_ascii_alphanumeric()
    };
    let places = bytes.windows(PAGE.len()).enumerate().filter(|(_, window)| *window == PAGE);
    let pages = places.filter(|(at, _)| is_page(*at)).count();
    u32::try_from(pages).ok().filter(|pages| *pages > 0)
}

impl FieldSchema {
    fn file_limits(&self) -> Option<Limits<'_>> {
        let FieldKind::File {
            max_size_bytes,
            min_size_bytes,
            mime_types,
            page_count_limited,
            page_count_min,
            page_count_max,
        } = &self.kind
        else {
            return None;
        };
        Some(Limits {
            sizes: (*min_size_bytes, *max_size_bytes),
            mime_types,
            pages: page_count_limited
                .then(|| (page_count_min.unwrap_or_default(), page_count_max.unwrap_or(u32::MAX))),
            images_only: self.key == IMAGES_ONLY,
        })
    }

    /// Checks a value of a file field: an upload, a stored file, or the name of one.
    ///
    /// The name of a stored file becomes `{"id", "filename"}`. An upload stays as it is: who means to store it
    /// takes it out before.
    pub(super) fn check_file(&self, value: &Value) -> Result<Value, Vec<Violation>> {
        let (Some(limits), Value::Object(members)) = (self.file_limits(), value) else {
            return Err(vec![here(SHAPE)]);
        };
        if members.contains_key("data") {
            return limits.read(members).map(|_| value.clone());
        }
        if let Some(file) = StoredFile::from_value(value) {
            let found = (file.mime_type.as_str(), file.page_count);
            limits.refuse_size(file.byte_size).map_or(Ok(()), Err)?;
            limits.refuse_type(found.0).map_or(Ok(()), Err)?;
            limits.refuse_pages(found).map_or(Ok(()), Err)?;
            return Ok(file.to_value());
        }
        named_file(members).ok_or_else(|| vec![here(SHAPE)])
    }

    /// Whether a value of the field can be a file or have one in it.
    #[must_use]
    pub(crate) fn holds_files(&self) -> bool {
        match &self.kind {
            FieldKind::File { .. } => true,
            FieldKind::Array { item } => item.holds_files(),
            FieldKind::Hash { items, .. } => items.iter().any(Self::holds_files),
            _ => false,
        }
    }

    /// Takes the uploads that the field accepts out of a value, and puts what `store` makes of them there.
    ///
    /// Those that it does not accept stay: [`FieldSchema::check`] says what is wrong with them.
    pub(crate) fn take_uploads(&self, value: &mut Value, store: &mut dyn FnMut(Upload) -> StoredFile) {
        if self.inner_value(value).is_some() {
            if let Some(inner) = value.get_mut("value") {
                self.take_uploads(inner, store);
            }
            return;
        }
        if let (Some(limits), Value::Object(members)) = (self.file_limits(), &*value) {
            if members.contains_key("data")
                && let Ok(upload) = limits.read(members)
            {
                *value = store(upload).to_value();
            }
            return;
        }
        match (&self.kind, value) {
            (FieldKind::Array { item }, Value::Array(values)) => {
                values.iter_mut().for_each(|value| item.take_uploads(value, store));
            }
            (FieldKind::Hash { items, .. }, Value::Object(members)) => {
                for (key, value) in members {
                    if let Some(item) = find_by_key(items, key) {
                        item.take_uploads(value, store);
                    }
                }
            }
            _ => {}
        }
    }
}

impl Limits<'_> {
    fn read(&self, members: &Map<String, Value>) -> Result<Upload, Vec<Violation>> {
        if let Some(other) = members.keys().find(|key| !matches!(key.as_str(), "data" | "filename")) {
            return Err(vec![Violation::new([other.as_str()], "is not a member of a file")]);
        }
        let given = read_filename(members.get("filename"))?;
        let Some(Value::String(text)) = members.get("data") else {
            return Err(vec![Violation::new(["data"], "must be the file as a text in base64")]);
        };
        // Three bytes of four characters, give or take the last ones: what is far too large is not decoded.
        self.refuse_large(text.len() as u64 / 4 * 3, text).map_or(Ok(()), Err)?;
        let bytes = decode(text)
            .ok_or_else(|| vec![Violation::new(["data"], "must be base64, standard or URL-safe")])?;
        self.refuse_size(bytes.len() as u64).map_or(Ok(()), Err)?;
        let mime_type = judge(&bytes, given.as_deref().unwrap_or_default(), self.mime_types)
            .ok_or_else(|| vec![here(self.types_message())])?;
        self.refuse_type(mime_type).map_or(Ok(()), Err)?;
        let page_count = (mime_type != "application/pdf").then_some(1);
        self.refuse_pages((mime_type, page_count)).map_or(Ok(()), Err)?;
        let filename = given.unwrap_or_else(|| format!("file.{}", extension(mime_type)));
        Ok(Upload { filename, mime_type, page_count, bytes })
    }

    fn refuse_large(&self, at_least: u64, text: &str) -> Option<Vec<Violation>> {
        // White space is no content.
        let limit = self.sizes.1.saturating_add(3);
        let spread = at_least > limit && text.bytes().any(|byte| byte.is_ascii_whitespace());
        (at_least > limit && !spread).then(|| vec![here(self.size_message())])
    }

    fn refuse_size(&self, size: u64) -> Option<Vec<Violation>> {
        let (min, max) = self.sizes;
        (!(min..=max).contains(&size)).then(|| vec![here(self.size_message())])
    }

    fn refuse_type(&self, mime_type: &str) -> Option<Vec<Violation>> {
        let taken = media::is_among(self.mime_types, mime_type) && (!self.images_only || is_image(mime_type));
        (!taken).then(|| vec![here(self.types_message())])
    }

    fn refuse_pages(&self, (mime_type, count): (&str, Option<u32>)) -> Option<Vec<Violation>> {
        let (min, max) = self.pages?;
        let message = match count {
            Some(count) if (min..=max).contains(&count) => return None,
            None if mime_type == "application/pdf" => {
                "must not be a PDF: the pages of this field are limited, and those of a PDF cannot be counted"
                    .to_owned()
            }
            _ if max == u32::MAX => format!("must have at least {min} pages"),
            _ => format!("must have {min} to {max} pages"),
        };
        Some(vec![here(message)])
    }

    fn size_message(&self) -> String {
        let (min, max) = self.sizes;
        format!("must be a file of {min} to {max} bytes")
    }

    fn types_message(&self) -> String {
        let mut names: Vec<&str> = Vec::new();
        for name in self.mime_types.iter().map(|name| media::canonical(name)) {
            if !names.contains(&name) && (!self.images_only || is_image(name)) {
                names.push(name);
            }
        }
        format!("must be, by its content, a file of type {}", names.join(", "))
    }
}

fn here(message: impl Into<String>) -> Violation {
    Violation { path: Vec::new(), message: message.into() }
}

/// The name of an upload; none where none is given.
fn read_filename(given: Option<&Value>) -> Result<Option<String>, Vec<Violation>> {
    let name = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(name)) => name.trim(),
        Some(_) => "",
    };
    let wrong = |c: char| c.is_control() || matches!(c, '/' | '\\');
    let dots = name.bytes().all(|byte| byte == b'.');
    if dots || name.chars().count() > FILENAME_CHARS_MAX || name.chars().any(wrong) {
        let message = format!(
            "must be a name of 1 to {FILENAME_CHARS_MAX} characters without slashes and control characters"
        );
        return Err(vec![Violation::new(["filename"], message)]);
    }
    Ok(Some(name.to_owned()))
}

/// Decodes base64 of either alphabet, with or without padding and line breaks.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let engine = if text.bytes().any(|byte| matches!(byte, b'-' | b'_')) { &URL_SAFE } else { &STANDARD };
    if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        return engine.decode(dense).ok();
    }
    engine.decode(text).ok()
}

/// The file that a value names, as `{"id", "filename"}`: by its ID, or by the URL of a reply.
fn named_file(members: &Map<String, Value>) -> Option<Value> {
    let text = |key: &str| members.get(key).and_then(Value::as_str);
    let id: FileId = match text("id") {
        Some(id) => id.parse().ok()?,
        None => {
            let path = text("url")?.split(['?', '#']).next()?;
            path.rsplit('/').next()?.split('.').next()?.parse().ok()?
        }
    };
    let mut named = Map::new();
    named.insert("id".to_owned(), id.as_str().into());
    if let Some(filename) = text("filename") {
        named.insert("filename".to_owned(), filename.into());
    }
    Some(Value::Object(named))
}
