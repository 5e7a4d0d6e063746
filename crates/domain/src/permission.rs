//! Permission scopes of API keys, by their published names (spec A.2.1).

/// One scope of an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// Read accounts.
    AccountRead,
    /// Create and change accounts.
    AccountWrite,
    /// Read account types.
    AccountTypeRead,
    /// Create and change account types. Muster's own.
    AccountTypeWrite,
    /// Read events.
    EventRead,
}

impl Permission {
    /// All scopes.
    pub const ALL: &'static [Self] = &[
        Self::AccountRead,
        Self::AccountWrite,
        Self::AccountTypeRead,
        Self::AccountTypeWrite,
        Self::EventRead,
    ];

    /// The published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountRead => "account.read",
            Self::AccountWrite => "account.write",
            Self::AccountTypeRead => "account_type.read",
            Self::AccountTypeWrite => "account_type.write",
            Self::EventRead => "event.read",
        }
    }

    /// The scope of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.as_str() == name)
    }
}
