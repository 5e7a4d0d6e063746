//! What is wrong with one member of an input, in words that say how to mend it.

use std::fmt;

/// One refused member: where it stands and what it should have been.
///
/// `path` is a list of keys from the object that was checked (`["fields", "birthdate"]`), `message`
/// says what would be right. Neither ever contains the refused value: it may be personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Keys from the outermost object to the refused member.
    pub path: Vec<String>,
    /// What the member must be, such as `must be a date like 1990-12-31`.
    pub message: String,
}

impl Violation {
    /// A violation of the member at `path`.
    pub fn new<P: Into<String>>(path: impl IntoIterator<Item = P>, message: impl Into<String>) -> Self {
        Self { path: path.into_iter().map(Into::into).collect(), message: message.into() }
    }

    /// The same violation seen from one object further out.
    #[must_use]
    pub fn within(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path.join("."), self.message)
    }
}
