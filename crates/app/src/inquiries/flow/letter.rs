//! The letter or text message with a code, and the job that sends it.
//!
//! The job holds the code sealed under the key of its verification: a redaction takes it along.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use muster_domain::verification::VerificationKind;
use muster_domain::verification::code::{CODE_LIFETIME, ConfirmationCode};
use muster_store::jobs::JobRow;
use serde::{Deserialize, Serialize};

use crate::jobs::{self, Kind, Step, transact};
use crate::outside::{Failure, Letter, TextMessage};
use crate::record::{self, Record};
use crate::verifications::Verification;
use crate::{App, Cx, Error, Result, Scope};

/// What is sent.
#[derive(Serialize, Deserialize)]
struct Message {
    to: String,
    code: String,
    language: String,
}

/// Subject and text in the languages of the pages; `{}` is the code.
const TEXTS: [(&str, &str, &str); 4] = [
    (
        "en",
        "Your code",
        "Your code is {}.\n\nEnter it on the page that asks for it. It works for {m} minutes.\nIf you did not ask for a code, you need not do anything.",
    ),
    (
        "de",
        "Ihr Code",
        "Ihr Code lautet {}.\n\nGeben Sie ihn auf der Seite ein, die danach fragt. Er gilt {m} Minuten.\nWenn Sie keinen Code angefordert haben, brauchen Sie nichts zu tun.",
    ),
    (
        "es",
        "Su código",
        "Su código es {}.\n\nIntrodúzcalo en la página que lo pide. Es válido durante {m} minutos.\nSi no ha solicitado ningún código, no tiene que hacer nada.",
    ),
    (
        "fr",
        "Votre code",
        "Votre code est {}.\n\nSaisissez-le sur la page qui le demande. Il est valable {m} minutes.\nSi vous n’avez pas demandé de code, vous n’avez rien à faire.",
    ),
];

fn identity(verification: &Verification) -> String {
    format!("codes/{}", verification.id)
}

/// Puts the job in that sends a code.
pub(super) fn enqueue(
    cx: &mut Cx<'_, '_>,
    verification: &Record<Verification>,
    code: &ConfirmationCode,
    (to, language): (&str, &str),
) -> Result<()> {
    let message =
        Message { to: to.to_owned(), code: code.expose().to_owned(), language: language.to_owned() };
    let message = serde_json::to_vec(&message).map_err(|error| Error::bug(error.to_string()))?;
    let sealed = verification.key.seal(&message, &identity(&verification.item))?;
    jobs::enqueue(cx, Kind::SendCode, verification.item.id.as_str(), &BASE64.encode(sealed))
}

/// The job: sends once. What cannot be reached is tried again while the code is good.
pub(crate) fn send_code_step(app: &App, scope: &Scope, job: &JobRow) -> Result<()> {
    let (reading, master, id) = (scope.clone(), app.master.clone(), job.subject_id.clone());
    let found = app
        .db
        .read_blocking("codes.find", move |tx| record::find::<Verification>(tx, &reading, &master, &id))?;
    if let Some((verification, message)) = found.and_then(|found| open(found, job)) {
        let is_good = verification.code_sent_at.is_some_and(|at| at + CODE_LIFETIME > scope.now);
        match if is_good { send(app, job, verification.kind, &message) } else { Ok(()) } {
            Ok(()) => {}
            Err(failure) if failure.is_retryable() => return Err(Error::Internal(failure.to_string())),
            Err(failure) => tracing::warn!(verification = job.subject_id, %failure, "a code was not sent"),
        }
    }
    let job = job.clone();
    transact(app, scope, "codes.sent", move |cx| jobs::conclude(cx, &job, &Step::Done))
}

/// The verification, and what is to be sent for it; none when a redaction took it.
fn open(verification: Record<Verification>, job: &JobRow) -> Option<(Verification, Message)> {
    let sealed = BASE64.decode(&job.state).ok()?;
    let message = verification.key.open(&sealed, &identity(&verification.item)).ok()?;
    Some((verification.item, serde_json::from_slice(&message).ok()?))
}

fn send(app: &App, job: &JobRow, kind: VerificationKind, message: &Message) -> Result<(), Failure> {
    let base = message.language.split('-').next().unwrap_or_default();
    let (_, subject, text) = TEXTS.iter().find(|(language, ..)| *language == base).unwrap_or(&TEXTS[0]);
    let minutes = (CODE_LIFETIME.as_secs() / 60).to_string();
    let text = text.replace("{}", &message.code).replace("{m}", &minutes);
    if kind == VerificationKind::EmailAddress {
        let subject = (*subject).to_owned();
        return app.outside.send_mail(&Letter { to: message.to.clone(), subject, text });
    }
    let short = text.lines().next().unwrap_or_default().to_owned();
    let id = job.id.to_string();
    app.outside.send_text_message(&TextMessage { id, to: message.to.clone(), text: short })
}
