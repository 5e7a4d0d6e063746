//! What lies outside: mail, text messages, providers that check what Muster cannot, and files to be imported.
//!
//! Only traits stand here; `server` puts something behind them. They are called between transactions, by jobs
//! or by an edge, and never inside one: a call may take long, and cannot be taken back.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use muster_domain::import::FileSource;
use serde_json::Value;

/// Why something outside did not do what was asked. Holds nothing personal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// Nothing is configured for it.
    NotConfigured {
        /// What is to be configured, such as `MUSTER_SMTP_URL`.
        setting: &'static str,
    },
    /// It answered that it will not, or something that cannot be understood. Asking again does not help.
    Refused(String),
    /// It could not be reached, was busy, or did not answer in time. It may work later.
    Unreachable(String),
}

impl Failure {
    /// Whether the same may work when it is tried again later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConfigured { setting } => write!(f, "{setting} is not configured"),
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::Unreachable(why) => write!(f, "unreachable: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

/// One e-mail. `Debug` prints `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address it goes to.
    pub to: String,
    /// Its subject: one line.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// One text message. `Debug` prints `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// Tells one message from another: the same one is not sent twice.
    pub id: String,
    /// The telephone number, such as `+4915112345678`.
    pub to: String,
    /// Its text.
    pub text: String,
}

/// What a provider is asked. `Debug` shows its ID and its topic only.
#[derive(Clone, PartialEq)]
pub struct Question {
    /// Tells one question from another: a provider that is asked again gives the same answer.
    pub id: String,
    /// What it is about, such as `verification/selfie` or `report/adverse-media`.
    pub topic: String,
    /// The rest, as `docs/providers.md` has it for the topic.
    pub body: Value,
}

/// What a provider says, as `docs/providers.md` has it for the topic. `Debug` prints `[redacted]`.
#[derive(Clone, PartialEq)]
pub struct Answer(pub Value);

/// Sends e-mail.
pub trait Mail: Send + Sync {
    /// Hands a letter over.
    ///
    /// # Errors
    /// [`Failure`]; nobody knows whether an unreachable server has taken it all the same.
    fn send(&self, letter: &Letter) -> Result<(), Failure>;
}

/// Sends text messages.
pub trait TextMessages: Send + Sync {
    /// Hands a message over.
    ///
    /// # Errors
    /// [`Failure`].
    fn send(&self, message: &TextMessage) -> Result<(), Failure>;
}

/// Asks providers.
pub trait Providers: Send + Sync {
    /// Whether somebody answers questions about a topic. Does not ask.
    fn knows(&self, topic: &str) -> bool;

    /// Asks. Blocks until there is an answer or none can be had.
    ///
    /// # Errors
    /// [`Failure`].
    fn ask(&self, question: &Question) -> Result<Answer, Failure>;
}

/// A file that lies outside. `Debug` shows its size only.
#[derive(Clone, PartialEq, Eq)]
pub struct FoundFile {
    /// Its name in its source.
    pub name: String,
    /// What changes when its content does, such as size and time of change.
    pub mark: String,
    /// Bytes.
    pub byte_size: u64,
}

/// Reads files of folders and buckets.
pub trait Files: Send + Sync {
    /// The files of a source that are to be taken, by name.
    ///
    /// # Errors
    /// [`Failure`]; refused is what the operator did not allow.
    fn list(&self, source: &FileSource) -> Result<Vec<FoundFile>, Failure>;

    /// Opens one of them.
    ///
    /// # Errors
    /// [`Failure`].
    fn open(&self, source: &FileSource, file: &FoundFile) -> Result<Box<dyn Read + Send>, Failure>;
}

/// Everything outside that an installation has; by default nothing.
#[derive(Clone, Default)]
pub struct Outside {
    /// Where e-mail goes.
    pub mail: Option<Arc<dyn Mail>>,
    /// Where text messages go.
    pub text_messages: Option<Arc<dyn TextMessages>>,
    /// Who checks what Muster cannot.
    pub providers: Option<Arc<dyn Providers>>,
    /// Where files to be imported lie.
    pub files: Option<Arc<dyn Files>>,
}

impl Outside {
    /// Sends an e-mail.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn send_mail(&self, letter: &Letter) -> Result<(), Failure> {
        let missing = Failure::NotConfigured { setting: "MUSTER_SMTP_URL" };
        self.mail.as_ref().ok_or(missing)?.send(letter)
    }

    /// Sends a text message.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn send_text_message(&self, message: &TextMessage) -> Result<(), Failure> {
        let missing = Failure::NotConfigured { setting: "MUSTER_PROVIDER_URL with the topic text-message" };
        self.text_messages.as_ref().ok_or(missing)?.send(message)
    }

    /// The files of a source, by name.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn list_files(&self, source: &FileSource) -> Result<Vec<FoundFile>, Failure> {
        self.files_of(source)?.list(source)
    }

    /// Opens a file of a source.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn open_file(&self, source: &FileSource, file: &FoundFile) -> Result<Box<dyn Read + Send>, Failure> {
        self.files_of(source)?.open(source, file)
    }

    fn files_of(&self, source: &FileSource) -> Result<&Arc<dyn Files>, Failure> {
        let setting = match source {
            FileSource::Folder { .. } => "MUSTER_IMPORT_FOLDERS",
            FileSource::S3 { .. } => "MUSTER_IMPORT_BUCKETS",
        };
        self.files.as_ref().ok_or(Failure::NotConfigured { setting })
    }

    /// Whether somebody answers questions about a topic.
    #[must_use]
    pub fn knows(&self, topic: &str) -> bool {
        self.providers.as_ref().is_some_and(|providers| providers.knows(topic))
    }

    /// Asks a provider.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn ask(&self, question: &Question) -> Result<Answer, Failure> {
        let missing = Failure::NotConfigured { setting: "MUSTER_PROVIDER_URL" };
        let providers = self.providers.as_ref().ok_or_else(|| missing.clone())?;
        if providers.knows(&question.topic) { providers.ask(question) } else { Err(missing) }
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside")
            .field("mail", &self.mail.is_some())
            .field("text_messages", &self.text_messages.is_some())
            .field("providers", &self.providers.is_some())
            .field("files", &self.files.is_some())
            .finish()
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letter([redacted])")
    }
}

impl fmt::Debug for FoundFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FoundFile({} bytes, [redacted])", self.byte_size)
    }
}

impl fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextMessage({}, [redacted])", self.id)
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Question({}, {}, [redacted])", self.id, self.topic)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Failure, Letter, Outside, Question, TextMessage};

    #[test]
    fn what_is_not_configured_says_what_to_configure() {
        let outside = Outside::default();
        let letter = Letter { to: "a@b.example".into(), subject: "s".into(), text: "code 123456".into() };
        let message = TextMessage { id: "m1".into(), to: "+49151".into(), text: "123456".into() };
        let question = Question { id: "q".into(), topic: "verification/selfie".into(), body: "Erika".into() };
        assert!(outside.send_mail(&letter).unwrap_err().to_string().contains("MUSTER_SMTP_URL"));
        assert!(outside.send_text_message(&message).unwrap_err().to_string().contains("text-message"));
        let failure = outside.ask(&question).unwrap_err();
        assert_eq!(failure, Failure::NotConfigured { setting: "MUSTER_PROVIDER_URL" });
        assert!(!failure.is_retryable());
        assert!(Failure::Unreachable("timeout".into()).is_retryable());
        let printed = format!("{letter:?} {message:?} {question:?} {:?}", Answer("Erika".into()));
        for part in ["a@b", "123456", "+49", "Erika"] {
            assert!(!printed.contains(part), "{printed}");
        }
    }
}
