//! Files and lines that a person gives for a verification: looked at, sealed, handed in.

use std::sync::Arc;

use muster_domain::IdSource;
use muster_domain::field::{FILENAME_CHARS_MAX, Upload, media_type, page_count};
use muster_domain::inquiry_template::{ID_CLASSES, Step, StepKind, VerificationConfig};
use muster_domain::mrz;
use muster_domain::time::Date;
use muster_domain::verification::government_id::IdProperties;

use super::{Fault, Wrong};
use crate::Result;
use crate::verifications::{self, BroughtFile, GivenDocument, GivenId, Submission};

/// The largest file, in bytes.
const FILE_BYTES_MAX: usize = 10 << 20;
/// The longest file with machine-readable lines, in bytes.
const LINES_BYTES_MAX: usize = 64 * 1024;
/// What is taken as a picture or a scan of an ID.
pub const ID_MEDIA_TYPES: [&str; 5] =
    ["image/jpeg", "image/png", "image/heic", "image/webp", "application/pdf"];
/// What is taken as a photo of a face.
const PHOTO_MEDIA_TYPES: [&str; 4] = ["image/jpeg", "image/png", "image/heic", "image/webp"];

/// A file as it came from the browser. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct GivenFile {
    /// The name of its input.
    pub input: String,
    /// Its own name.
    pub filename: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a person gives for a verification. `Debug` shows nothing of it.
#[derive(Clone, Default)]
pub struct Given {
    /// Files.
    pub files: Vec<GivenFile>,
    /// The class of an ID.
    pub id_class: Option<String>,
    /// The country of an ID.
    pub country: Option<String>,
    /// The machine-readable lines of an ID.
    pub lines: Option<String>,
}

impl std::fmt::Debug for GivenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GivenFile([redacted])")
    }
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Given([redacted])")
    }
}

/// Looks at what is given for a step, and seals its files. It is heavy work: it belongs on a thread where nobody
/// waits. The inner error says what the person is to mend.
///
/// # Errors
/// None that a caller could cause.
pub fn bring(
    (step, config): (&Step, &VerificationConfig),
    given: Given,
    today: Date,
    ids: &mut IdSource,
) -> Result<Result<Submission, Vec<Wrong>>> {
    match &step.kind {
        StepKind::Document { mime_types, files_max, .. } => {
            document(given.files, mime_types, *files_max, ids)
        }
        StepKind::GovernmentId { .. } => government_id(config, given, today, ids),
        StepKind::Selfie { .. } => selfie(given.files, ids),
        _ => Ok(Err(Vec::new())),
    }
}

fn document(
    files: Vec<GivenFile>,
    mime_types: &[String],
    files_max: u32,
    ids: &mut IdSource,
) -> Result<Result<Submission, Vec<Wrong>>> {
    if files.is_empty() {
        return Ok(Err(vec![Wrong::with("file-1", Fault::Missing)]));
    }
    if files.len() > usize::try_from(files_max).unwrap_or(usize::MAX) {
        return Ok(Err(vec![Wrong::with("file-1", Fault::TooManyFiles)]));
    }
    let accepted: Vec<&str> = mime_types.iter().map(String::as_str).collect();
    let mut wrong = Vec::new();
    let mut brought = Vec::with_capacity(files.len());
    for file in files {
        match take(file, &accepted, ids)? {
            Ok(file) => brought.push(file),
            Err(fault) => wrong.push(fault),
        }
    }
    let media_types = mime_types.to_vec();
    Ok(match wrong.is_empty() {
        true => Ok(Submission::Document(GivenDocument {
            files: brought,
            media_types,
            ..GivenDocument::default()
        })),
        false => Err(wrong),
    })
}

fn government_id(
    config: &VerificationConfig,
    mut given: Given,
    today: Date,
    ids: &mut IdSource,
) -> Result<Result<Submission, Vec<Wrong>>> {
    let mut wrong = Vec::new();
    let id_class = match (&given.id_class, config.id_classes.as_slice()) {
        (None, [only]) => Some(only.clone()),
        (None, _) => {
            wrong.push(Wrong::with("class", Fault::Missing));
            None
        }
        (Some(class), known) => {
            let is_known =
                ID_CLASSES.contains(&class.as_str()) && (known.is_empty() || known.contains(class));
            if !is_known {
                wrong.push(Wrong::with("class", Fault::NoOption));
            }
            Some(class.clone())
        }
    };
    let is_country = |code: &String| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    if given.country.as_ref().is_some_and(|code| !is_country(code)) {
        wrong.push(Wrong::with("country", Fault::NoOption));
    }
    let (lines, input) = lines_of(&mut given);
    if lines.as_ref().is_some_and(|lines| mrz::find(lines, today).is_none()) {
        wrong.push(Wrong::with(input, Fault::ZoneMissing));
    }
    let (mut front, mut back) = (None, None);
    for file in given.files {
        let side = if file.input == "back" { &mut back } else { &mut front };
        match take(file, &ID_MEDIA_TYPES, ids)? {
            Ok(file) => *side = Some(file),
            Err(fault) => wrong.push(fault),
        }
    }
    if front.is_none() && !wrong.iter().any(|wrong| wrong.input == "front") {
        wrong.push(Wrong::with("front", Fault::Missing));
    }
    if !wrong.is_empty() {
        return Ok(Err(wrong));
    }
    let (country, printed) = (given.country, IdProperties::default());
    Ok(Ok(Submission::GovernmentId(GivenId { id_class, country, front, back, lines, printed })))
}

/// The machine-readable lines that were typed, or else those of a text file; and the name of their input.
fn lines_of(given: &mut Given) -> (Option<String>, &'static str) {
    let at = given.files.iter().position(|file| file.input == "mrz-file");
    let file = at.map(|at| given.files.remove(at)).filter(|file| !file.bytes.is_empty());
    match (given.lines.take().filter(|lines| !lines.trim().is_empty()), file) {
        (Some(lines), _) => (Some(lines), "mrz"),
        (None, Some(file)) => {
            let bytes = &file.bytes[..file.bytes.len().min(LINES_BYTES_MAX)];
            (Some(String::from_utf8_lossy(bytes).into_owned()), "mrz-file")
        }
        (None, None) => (None, "mrz"),
    }
}

fn selfie(files: Vec<GivenFile>, ids: &mut IdSource) -> Result<Result<Submission, Vec<Wrong>>> {
    let Some(file) = files.into_iter().find(|file| file.input == "center") else {
        return Ok(Err(vec![Wrong::with("center", Fault::Missing)]));
    };
    Ok(match take(file, &PHOTO_MEDIA_TYPES, ids)? {
        Ok(center) => Ok(Submission::Selfie { center, left: None, right: None }),
        Err(wrong) => Err(vec![wrong]),
    })
}

/// Looks at a file, by its content, and seals it.
fn take(file: GivenFile, accepted: &[&str], ids: &mut IdSource) -> Result<Result<Arc<BroughtFile>, Wrong>> {
    let GivenFile { input, filename, bytes } = file;
    let fault = |what| Ok(Err(Wrong::with(&input, what)));
    if bytes.is_empty() {
        return fault(Fault::FileEmpty);
    }
    if bytes.len() > FILE_BYTES_MAX {
        return fault(Fault::FileLarge);
    }
    let Some(mime_type) = media_type(&bytes, &filename).filter(|found| accepted.contains(found)) else {
        return fault(Fault::FileType);
    };
    let page_count = page_count(&bytes, mime_type);
    let upload = Upload { filename: plain_name(&filename), mime_type, page_count, bytes };
    Ok(Ok(Arc::new(verifications::bring(upload, ids)?)))
}

/// The last part of a name, without what no name may have.
fn plain_name(filename: &str) -> String {
    let last = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(FILENAME_CHARS_MAX).collect();
    let plain = plain.trim();
    if plain.is_empty() { "file".to_owned() } else { plain.to_owned() }
}
