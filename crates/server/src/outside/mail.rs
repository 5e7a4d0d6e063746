//! E-mail through an SMTP server.

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, Message, SmtpTransport, Transport};
use muster_app::outside::{Failure, Letter, Mail};

use crate::config::outside::MailConfig;
use crate::output::Failure as Refusal;
use crate::output::fail;

/// How long the mail server may take for one step of the exchange.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A mail server. `Debug` prints `[redacted]`.
pub struct Smtp {
    transport: SmtpTransport,
    from: Mailbox,
}

impl Smtp {
    /// Reads the configuration.
    ///
    /// `smtps://` speaks TLS from the start; `smtp://` turns it on with STARTTLS and sends nothing without, unless
    /// `?tls=none` allows it.
    ///
    /// # Errors
    /// Names the setting that cannot be used.
    pub fn new(config: &MailConfig) -> Result<Self, Refusal> {
        let Ok(from) = config.from.parse() else {
            return fail(
                "--mail-from must be an e-mail address, such as \"Example <no-reply@muster.example>\"",
            );
        };
        let Ok(transport) = SmtpTransport::from_url(&url(&config.smtp_url)) else {
            return fail(
                "--smtp-url must be like smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST:587",
            );
        };
        Ok(Self { transport: transport.timeout(Some(TIMEOUT)).build(), from })
    }
}

/// The URL in the words of the mail library, where no word about TLS means none.
fn url(given: &str) -> String {
    let (address, query) = given.split_once('?').unwrap_or((given, ""));
    match (address.starts_with("smtp://"), query) {
        (true, "tls=none") => address.to_owned(),
        (true, "") => format!("{address}?tls=required"),
        _ => given.to_owned(),
    }
}

impl Mail for Smtp {
    fn send(&self, letter: &Letter) -> Result<(), Failure> {
        // An address and nothing else: what a person wrote must not add a name or a second recipient.
        let to: Address =
            letter.to.parse().map_err(|_| Failure::Refused("the address is no e-mail address".into()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|_| Failure::Refused("the letter could not be written".into()))?;
        self.transport.send(&message).map(|_| ()).map_err(|error| failure(&error))
    }
}

/// What went wrong, without what the server said: it may quote the address.
fn failure(error: &SmtpError) -> Failure {
    let code = error.status().map(|code| format!(" with {code}")).unwrap_or_default();
    if error.is_permanent() {
        return Failure::Refused(format!("the mail server answered{code}"));
    }
    if error.is_transient() {
        return Failure::Unreachable(format!("the mail server answered{code}"));
    }
    let what = match () {
        () if error.is_timeout() => "the mail server did not answer in time",
        () if error.is_tls() => "the mail server does not speak TLS that can be trusted",
        () => "the mail server cannot be reached",
    };
    Failure::Unreachable(what.into())
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Smtp([redacted])")
    }
}
