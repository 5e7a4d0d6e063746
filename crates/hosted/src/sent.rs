//! What a browser sends: queries, cookies, forms with and without files.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use multer::Multipart;
use muster_domain::InquirySessionId;
use percent_encoding::percent_decode_str;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

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
/// How long a browser may take to send a form, beside a second for each [`BYTES_PER_SECOND_MIN`] that came.
const FORM_WAIT: Duration = Duration::from_mins(1);
/// How fast a large form must come.
const BYTES_PER_SECOND_MIN: usize = 32 * 1024;
/// How long any form may take.
const FORM_WAIT_MAX: Duration = Duration::from_mins(5);

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
    /// What it takes of the room for bodies until it is let go.
    _room: Room,
}

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

impl Hosted {
    /// Reads a form of a session. One with files waits for no other one: a session sends one at a time.
    pub async fn form(
        &self,
        session: &InquirySessionId,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Form, Trouble> {
        let kind =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match multer::parse_boundary(kind) {
            Ok(boundary) => {
                let _only = self.uploads.begin(session).ok_or(Trouble::Busy)?;
                let (bytes, room) = receive(&self.bodies, headers, body, UPLOAD_BYTES_MAX).await?;
                let form = parts(bytes, boundary).await.ok_or(Trouble::BadForm)?;
                Ok(Form { _room: room, ..form })
            }
            Err(_) => {
                let (bytes, room) = receive(&self.bodies, headers, body, FORM_BYTES_MAX).await?;
                let text = std::str::from_utf8(&bytes).map_err(|_| Trouble::BadForm)?;
                Ok(Form { members: Members::parse(text), files: Vec::new(), _room: room })
            }
        }
    }
}

/// Room for bodies, in KiB; given back when it is dropped.
type Room = Option<OwnedSemaphorePermit>;

/// Receives a body. It takes room as it comes, so that one that is only announced takes none, and must come fast
/// enough.
async fn receive(
    bodies: &Arc<Semaphore>,
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
) -> Result<(Bytes, Room), Trouble> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if told.is_some_and(|told: usize| told > bytes_max) {
        return Err(Trouble::TooLarge);
    }
    let begun = Instant::now();
    let mut body = Limited::new(body, bytes_max);
    let (mut bytes, mut room) = (Vec::new(), None);
    loop {
        match timeout_at(begun + time_for(bytes.len()), body.frame()).await {
            Err(_) => return Err(Trouble::BadForm),
            Ok(None) => return Ok((bytes.into(), room)),
            Ok(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    take_room(bodies, &mut room, bytes.len() + data.len())?;
                    bytes.extend_from_slice(&data);
                }
            }
            Ok(Some(Err(error))) if error.is::<LengthLimitError>() => return Err(Trouble::TooLarge),
            Ok(Some(Err(_))) => return Err(Trouble::BadForm),
        }
    }
}

/// How long a body may take of which so many bytes have come.
fn time_for(bytes: usize) -> Duration {
    let rate = u32::try_from(bytes / BYTES_PER_SECOND_MIN).unwrap_or(u32::MAX);
    (FORM_WAIT + Duration::from_secs(rate.into())).min(FORM_WAIT_MAX)
}

/// Takes as much room as a body of so many bytes has.
fn take_room(bodies: &Arc<Semaphore>, room: &mut Room, bytes: usize) -> Result<(), Trouble> {
    let has = room.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
    let more = bytes.div_ceil(1024).saturating_sub(has);
    let more = Arc::clone(bodies).try_acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX));
    let more = more.map_err(|_| Trouble::Busy)?;
    match room {
        Some(room) => room.merge(more),
        None => *room = Some(more),
    }
    Ok(())
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

    /// A body that comes in pieces of 1 KiB, each after a pause.
    fn dripping(pieces: usize, pause: Duration) -> Body {
        let piece = move |number| async move {
            tokio::time::sleep(pause).await;
            (number < pieces).then(|| (Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 1024])), number + 1))
        };
        Body::from_stream(futures_util::stream::unfold(0, piece))
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_given_up_and_its_room_is_free_again() {
        let bodies = Arc::new(Semaphore::new(100));
        let none = HeaderMap::new();
        let begun = Instant::now();
        let slow = receive(&bodies, &none, dripping(1000, Duration::from_secs(2)), UPLOAD_BYTES_MAX).await;
        assert!(matches!(slow, Err(Trouble::BadForm)));
        assert!(begun.elapsed() < Duration::from_secs(70), "{:?}", begun.elapsed());
        assert_eq!(bodies.available_permits(), 100);
        // One that is as slow as allowed, and one that is larger than what is left.
        let fine = receive(&bodies, &none, dripping(50, Duration::from_secs(1)), UPLOAD_BYTES_MAX).await;
        let Ok((bytes, room)) = fine else { panic!("a body in time") };
        assert_eq!((bytes.len(), bodies.available_permits()), (50 * 1024, 50), "it holds what it has sent");
        let more = receive(&bodies, &none, dripping(60, Duration::ZERO), UPLOAD_BYTES_MAX).await;
        assert!(matches!(more, Err(Trouble::Busy)));
        drop(room);
        assert_eq!(bodies.available_permits(), 100);
    }

    /// What is announced and never sent keeps nobody out.
    #[tokio::test(start_paused = true)]
    async fn bodies_that_are_only_announced_take_no_room() {
        let bodies = Arc::new(Semaphore::new(BODIES_KIBIBYTES_MAX));
        let mut announced = HeaderMap::new();
        announced.insert(header::CONTENT_LENGTH, UPLOAD_BYTES_MAX.into());
        let mut slow: Vec<_> = (0..8)
            .map(|_| {
                Box::pin(receive(&bodies, &announced, dripping(9, Duration::from_secs(5)), UPLOAD_BYTES_MAX))
            })
            .collect();
        let all = futures_util::future::join_all(slow.iter_mut());
        assert!(tokio::time::timeout(Duration::from_secs(11), all).await.is_err(), "they are under way");
        let other = receive(&bodies, &announced, dripping(1, Duration::ZERO), UPLOAD_BYTES_MAX).await;
        assert!(other.is_ok());
        let mut too_large = HeaderMap::new();
        too_large.insert(header::CONTENT_LENGTH, (UPLOAD_BYTES_MAX + 1).into());
        let large = receive(&bodies, &too_large, dripping(1, Duration::ZERO), UPLOAD_BYTES_MAX).await;
        assert!(matches!(large, Err(Trouble::TooLarge)));
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
