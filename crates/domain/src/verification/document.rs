//! Papers that are no identity documents: what files are, how many pages, whether they have expired.
//!
//! What a paper is and whether it is genuine needs a provider or a reviewer: nothing here proves anything.

use super::check::ChecksWanted;
use super::examination::{Examination, Verdict, Verdicts};
use super::kind::VerificationKind;
use crate::field::{media_type, page_count};
use crate::time::Date;

/// What a document verification takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The checks it makes.
    pub wanted: ChecksWanted,
    /// Media types that are taken.
    pub media_types: Vec<String>,
    /// Largest file, in bytes.
    pub size_bytes_max: u64,
    /// Most pages of all files together.
    pub pages_max: u32,
    /// Most files.
    pub files_max: usize,
    /// Fields that must have a value.
    pub required_fields: Vec<String>,
}

impl Rules {
    /// Rules that take a few images or a PDF of common size.
    #[must_use]
    pub fn by_default() -> Self {
        Self {
            wanted: ChecksWanted::by_default(VerificationKind::Document),
            media_types: ["application/pdf", "image/jpeg", "image/png", "image/heic", "image/webp"]
                .map(str::to_owned)
                .to_vec(),
            size_bytes_max: 10 << 20,
            pages_max: 50,
            files_max: 10,
            required_fields: Vec::new(),
        }
    }
}

/// What is known of a file: what it is by its content, and its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Its media type by its content; none where it is unknown.
    pub media_type: Option<String>,
    /// Its size, in bytes.
    pub size_bytes: u64,
    /// Its pages; none where they cannot be counted.
    pub pages: Option<u32>,
}

impl FileFacts {
    /// Looks at a file. Its name only tells CSV from other text.
    #[must_use]
    pub fn of(bytes: &[u8], filename: &str) -> Self {
        let media_type = media_type(bytes, filename);
        let pages = media_type.and_then(|media_type| page_count(bytes, media_type));
        Self { media_type: media_type.map(str::to_owned), size_bytes: bytes.len() as u64, pages }
    }
}

/// What was given for a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// Its files.
    pub files: &'a [FileFacts],
    /// Until when it is good, where somebody said so.
    pub expires_on: Option<Date>,
    /// Keys of the fields that have a value.
    pub filled_fields: &'a [String],
}

/// Checks a document as far as it goes without a provider.
#[must_use]
pub fn examine(rules: &Rules, evidence: &Evidence<'_>, today: Date) -> Examination {
    let mut verdicts = Verdicts::default();
    verdicts.note("document_file_detection", files(rules, evidence.files));
    if let Some(expires_on) = evidence.expires_on {
        let reasons = if expires_on < today { vec!["expired".to_owned()] } else { Vec::new() };
        verdicts.note("document_expired_detection", Verdict::unless(reasons));
    }
    if !rules.required_fields.is_empty() {
        let missing = |key: &&String| !evidence.filled_fields.contains(key);
        let reasons: Vec<String> =
            rules.required_fields.iter().filter(missing).map(|key| format!("{key}_missing")).collect();
        verdicts.note("document_extracted_properties_detection", Verdict::unless(reasons));
    }
    Examination::local(VerificationKind::Document, &rules.wanted, verdicts)
}

fn files(rules: &Rules, files: &[FileFacts]) -> Verdict {
    let mut reasons: Vec<&str> = Vec::new();
    if files.is_empty() {
        reasons.push("no_file");
    }
    if files.len() > rules.files_max {
        reasons.push("too_many_files");
    }
    let taken = |file: &FileFacts| {
        file.media_type.as_ref().is_some_and(|found| rules.media_types.iter().any(|known| known == found))
    };
    if !files.iter().all(taken) {
        reasons.push("file_type_not_accepted");
    }
    if files.iter().any(|file| file.size_bytes == 0) {
        reasons.push("file_empty");
    }
    if files.iter().any(|file| file.size_bytes > rules.size_bytes_max) {
        reasons.push("file_too_large");
    }
    if files.iter().filter_map(|file| file.pages).sum::<u32>() > rules.pages_max {
        reasons.push("too_many_pages");
    }
    Verdict::unless(reasons.into_iter().map(str::to_owned).collect())
}
