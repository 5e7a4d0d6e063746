//! The spellings of a reply's keys, by name.

/// One of the three spellings of a reply's keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inflection {
    /// `name-first`, the spelling replies are built in.
    #[default]
    Kebab,
    /// `nameFirst`
    Camel,
    /// `name_first`
    Snake,
}

impl Inflection {
    /// Reads the value of a `Key-Inflection` header or of an `api-key-inflection` attribute.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "kebab" => Some(Self::Kebab),
            "camel" => Some(Self::Camel),
            "snake" => Some(Self::Snake),
            _ => None,
        }
    }

    /// Returns the name of this spelling, as [`Inflection::parse`] reads it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kebab => "kebab",
            Self::Camel => "camel",
            Self::Snake => "snake",
        }
    }
}
