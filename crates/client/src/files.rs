//! Files in fields of accounts.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A file that is to be stored in a field: `account.field("passport", NewFile::new(bytes))`.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct NewFile {
    data: String,
    filename: Option<String>,
}

/// A file as a field shows it. Sent back as the value of its field, it stays as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct StoredFile {
    /// Its name, as it was given.
    pub filename: String,
    /// Where to have it without an API key for some hours: whoever has the link has the file.
    pub url: String,
    /// Its size, in bytes.
    pub byte_size: u64,
    /// Its media type, found from its content.
    pub mime_type: String,
    /// Its pages; none where nobody counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_count: Option<u64>,
}

impl NewFile {
    /// A file with this content.
    pub fn new(content: impl AsRef<[u8]>) -> Self {
        Self { data: STANDARD.encode(content), filename: None }
    }

    /// Its name, such as `passport.pdf`.
    pub fn filename(self, filename: impl Into<String>) -> Self {
        Self { filename: Some(filename.into()), ..self }
    }
}

impl From<NewFile> for Value {
    fn from(file: NewFile) -> Self {
        let mut value = json!({ "data": file.data });
        if let Some(filename) = file.filename {
            value["filename"] = filename.into();
        }
        value
    }
}

impl fmt::Debug for NewFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewFile [redacted]")
    }
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredFile [redacted]")
    }
}
