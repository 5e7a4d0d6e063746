//! Media types: what bytes are, by what they look like.

/// What a browser may do with a file that it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// Show it.
    Inline,
    /// Save it.
    Attachment,
}

impl Display {
    /// Images of pixels and PDFs are shown; everything else could run something.
    #[must_use]
    pub fn of(mime_type: &str) -> Self {
        let shown = mime_type == "application/pdf" || (is_image(mime_type) && mime_type != "image/svg+xml");
        if shown { Self::Inline } else { Self::Attachment }
    }
}

/// Endings of names by media type.
const EXTENSIONS: [(&str, &str); 15] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/tiff", "tif"),
    ("image/heic", "heic"),
    ("image/heif", "heif"),
    ("image/webp", "webp"),
    ("image/svg+xml", "svg"),
    ("application/pdf", "pdf"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("video/mp4", "mp4"),
    ("video/x-m4v", "m4v"),
    ("video/webm", "webm"),
    ("video/quicktime", "mov"),
];

/// The usual ending of the names of files of a media type; `bin` for those that are rare.
#[must_use]
pub fn extension(mime_type: &str) -> &'static str {
    EXTENSIONS.iter().find(|(name, _)| *name == mime_type).map_or("bin", |(_, extension)| extension)
}

/// Whether a media type is an image.
pub(super) fn is_image(mime_type: &str) -> bool {
    mime_type.starts_with("image/")
}

/// The registered name of a media type that people also call otherwise.
pub(super) fn canonical(mime_type: &str) -> &str {
    match mime_type {
        "image/jpg" | "image/pjpeg" => "image/jpeg",
        "image/tif" => "image/tiff",
        "image/x-png" => "image/png",
        "application/x-pdf" => "application/pdf",
        other => other,
    }
}

/// Whether a list of media types has this one under any of its names.
pub(super) fn is_among(list: &[String], mime_type: &str) -> bool {
    // The two names of HEIF, and of MPEG-4, differ by what made the file and not by how it is read.
    let family = |name: &str| match canonical(name.split(';').next().unwrap_or(name).trim()) {
        "image/heic" => "image/heif".to_owned(),
        "video/x-m4v" => "video/mp4".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    list.iter().any(|name| family(name) == family(mime_type))
}

/// The media type of a file: by its content, and for text, by its name. None when it is unknown.
pub(super) fn judge(bytes: &[u8], filename: &str, wanted: &[String]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok();
    if text.is_some_and(is_svg) {
        return Some("image/svg+xml");
    }
    if let Some(kind) = infer::get(bytes) {
        return Some(match kind.mime_type() {
            "image/heif" if matches!(bytes.get(8..12), Some(b"heic" | b"heix")) => "image/heic",
            other => other,
        });
    }
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    if text?.contains(control) {
        return None;
    }
    let named_csv = filename.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("csv"));
    // A table is a text, too.
    let csv = named_csv && (is_among(wanted, "text/csv") || !is_among(wanted, "text/plain"));
    Some(if csv { "text/csv" } else { "text/plain" })
}

/// Whether the first element of a document is `svg`.
fn is_svg(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<!") => return is_svg_doctype(rest),
            _ => break,
        };
        let Some((_, after)) = rest.split_once(end) else { return false };
        rest = after.trim_start();
    }
    is_svg_element(rest)
}

fn is_svg_doctype(text: &str) -> bool {
    let name = text.get(2..).and_then(|rest| rest.split_whitespace().nth(1)).unwrap_or_default();
    name.trim_end_matches('>').eq_ignore_ascii_case("svg")
}

fn is_svg_element(text: &str) -> bool {
    text.strip_prefix("<svg")
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/')))
}
