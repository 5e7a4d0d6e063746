//! What is wrong with what a person gave on a page, for the page to say in the language of the person.

/// What is wrong with one input, or with none in particular.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The name of the input; empty where it is about none.
    pub input: String,
    /// What is wrong.
    pub what: Fault,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was given.
    Missing,
    /// It is none of the options.
    NoOption,
    /// It is no e-mail address.
    NoEmailAddress,
    /// It is no telephone number.
    NoPhoneNumber,
    /// It was written once and for all.
    Settled,
    /// The code is wrong.
    CodeWrong {
        /// How often it may be tried again.
        tries_left: u32,
    },
    /// The code came too late.
    CodeExpired,
    /// The code was tried too often.
    CodeSpent,
    /// It is too early for another code.
    TooEarly {
        /// How long to wait.
        seconds: u64,
    },
    /// No more codes are sent for this verification.
    NoMoreCodes,
    /// The file is of a type that is not accepted.
    FileType,
    /// The file is too large.
    FileLarge,
    /// The file is empty.
    FileEmpty,
    /// There are too many files.
    TooManyFiles,
    /// No machine-readable zone was found.
    ZoneMissing,
    /// Nothing here sends e-mail.
    NoMail,
    /// Nothing here sends text messages.
    NoTextMessages,
    /// Nobody here makes this check.
    NoProvider,
}

impl Wrong {
    /// Something that is wrong with an input.
    #[must_use]
    pub fn with(input: &str, what: Fault) -> Self {
        Self { input: input.to_owned(), what }
    }

    /// Something that is wrong with no input in particular.
    #[must_use]
    pub const fn general(what: Fault) -> Self {
        Self { input: String::new(), what }
    }
}
