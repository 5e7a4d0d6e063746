//! What a browser sends: queries, cookies, forms with and without files.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use multer::Multipart;
use percent_encoding::percent_decode_str;

use crate::Hosted;
use crate::visitor::Trouble;

/// The largest form without files.
const FORM_BYTES_MAX: usize = 256 * 1024;
/// The largest form with files.
const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bodies that are being worked on, all together, in KiB.
pub const BODIES_KIBIBYTES_MAX: usize = 256 * 1024;
/// Most members of a query or a form.
const MEMBERS_MAX: usize = 500;
/// How long a browser may take to send a form.
const FORM_WAIT_MAX: std::time::Duration = std::time::Duration::from_mins(5);

/// Names and texts, in the order in which they were sent.
#[derive(Clone, Default)]
pub struct Members(Vec<(String, String)>);

impl Members {
    /// Reads a query, or the body of a form without files.
    pub fn parse(text: &str) -> Self {
        let decode = |part: &str| {
            let spaced = part.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).take(MEMBERS_MAX);
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The text of a member, blanks around it left out; none where it is blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.trim());
        found.filter(|text| !text.is_empty())
    }

    /// The text of a parameter, whose name may have `_` for `-`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let is_it = |known: &str| known.replace('_', "-") == name;
        let found = self.0.iter().find(|(known, _)| is_it(known)).map(|(_, text)| text.trim());
        found.filter(|text| !text.is_empty())
    }

    /// The members of `fields[…]` or the deprecated `prefill[…]`.
    pub fn fields(&self) -> Vec<(String, String)> {
        let inner = |name: &str| {
            let rest = name.strip_prefix("fields[").or_else(|| name.strip_prefix("prefill["))?;
            let (key, rest) = rest.split_once(']')?;
            (rest.is_empty() || rest == "[]").then(|| key.to_owned())
        };
        self.0.iter().filter_map(|(name, text)| Some((inner(name)?, text.clone()))).collect()
    }

    /// All of them.
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }
}

/// A file that was sent.
pub struct SentFile {
    /// The name of its input.
    pub input: String,
    /// Its own name.
    pub filename: String,
    /// Its content.
    pub bytes: Bytes,
}

/// A form that was sent.
#[derive(Default)]
pub struct Form {
    /// Its texts.
    pub members: Members,
    /// Its files; inputs without one are left out.
    pub files: Vec<SentFile>,
}

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

impl Hosted {
    /// Reads a form.
    pub async fn form(&self, headers: &HeaderMap, body: Body) -> Result<Form, Trouble> {
        let kind =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match multer::parse_boundary(kind) {
            Ok(boundary) => {
                let bytes = self.receive(headers, body, UPLOAD_BYTES_MAX).await?;
                parts(bytes, boundary).await.ok_or(Trouble::BadForm)
            }
            Err(_) => {
                let bytes = self.receive(headers, body, FORM_BYTES_MAX).await?;
                let text = std::str::from_utf8(&bytes).map_err(|_| Trouble::BadForm)?;
                Ok(Form { members: Members::parse(text), files: Vec::new() })
            }
        }
    }

    async fn receive(&self, headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Bytes, Trouble> {
        let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let told: usize = told.unwrap_or(bytes_max);
        if told > bytes_max {
            return Err(Trouble::TooLarge);
        }
        let kibibytes = u32::try_from(told.div_ceil(1024)).unwrap_or(u32::MAX);
        let _room = self.bodies.try_acquire_many(kibibytes).map_err(|_| Trouble::Busy)?;
        let reading = Limited::new(body, bytes_max).collect();
        match tokio::time::timeout(FORM_WAIT_MAX, reading).await {
            Err(_) => Err(Trouble::BadForm),
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Trouble::TooLarge),
            Ok(Err(_)) => Err(Trouble::BadForm),
        }
    }
}

/// Reads the parts of a form with files; none where it cannot be read.
async fn parts(bytes: Bytes, boundary: String) -> Option<Form> {
    let whole = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(bytes)]);
    let mut parts = Multipart::new(whole, boundary);
    let mut form = Form::default();
    for _ in 0..MEMBERS_MAX {
        let Some(part) = parts.next_field().await.ok()? else { return Some(form) };
        let input = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            Some(filename) => {
                let bytes = part.bytes().await.ok()?;
                if !bytes.is_empty() || !filename.is_empty() {
                    form.files.push(SentFile { input, filename, bytes });
                }
            }
            None => form.members.0.push((input, part.text().await.ok()?)),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_names_are_folded() {
        let members =
            Members::parse("reference_id=a%20b+c&fields[name-first]=J%C3%BCrgen&fields%5Bx%5D=1&&empty=");
        assert_eq!(members.parameter("reference-id"), Some("a b c"));
        assert_eq!(members.parameter("empty"), None);
        let fields = [("name-first".to_owned(), "Jürgen".to_owned()), ("x".to_owned(), "1".to_owned())];
        assert_eq!(members.fields(), fields);
    }

    #[tokio::test]
    async fn inputs_without_a_file_are_left_out() {
        let body = "--x\r\ncontent-disposition: form-data; name=\"turn\"\r\n\r\n3\r\n\
                    --x\r\ncontent-disposition: form-data; name=\"a\"; filename=\"\"\r\n\r\n\r\n\
                    --x\r\ncontent-disposition: form-data; name=\"b\"; filename=\"b.pdf\"\r\n\r\n%PDF\r\n--x--\r\n";
        let form = parts(Bytes::from(body), "x".to_owned()).await.unwrap();
        assert_eq!(form.members.get("turn"), Some("3"));
        let files: Vec<_> = form.files.iter().map(|file| (file.input.as_str(), &file.bytes[..])).collect();
        assert_eq!(files, [("b", &b"%PDF"[..])]);
        assert!(parts(Bytes::from("--x\r\nnonsense"), "x".to_owned()).await.is_none());
    }
}
