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
    /// Read API keys. Never granted unless it is named.
    ApiKeyRead,
    /// Create, change, copy and expire API keys. Never granted unless it is named.
    ApiKeyWrite,
    /// Read the log of API requests.
    ApiLogRead,
    /// Read events.
    EventRead,
    /// Read what people did with Muster.
    UserAuditLogRead,
}

impl Permission {
    /// All scopes.
    pub const ALL: &'static [Self] = &[
        Self::AccountRead,
        Self::AccountWrite,
        Self::AccountTypeRead,
        Self::AccountTypeWrite,
        Self::ApiKeyRead,
        Self::ApiKeyWrite,
        Self::ApiLogRead,
        Self::EventRead,
        Self::UserAuditLogRead,
    ];

    /// The published name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccountRead => "account.read",
            Self::AccountWrite => "account.write",
            Self::AccountTypeRead => "account_type.read",
            Self::AccountTypeWrite => "account_type.write",
            Self::ApiKeyRead => "api_key.read",
            Self::ApiKeyWrite => "api_key.write",
            Self::ApiLogRead => "api_log.read",
            Self::EventRead => "event.read",
            Self::UserAuditLogRead => "user_audit_log.read",
        }
    }

    /// Whether a key that nobody restricted has it.
    #[must_use]
    pub const fn is_granted_by_default(self) -> bool {
        !matches!(self, Self::ApiKeyRead | Self::ApiKeyWrite)
    }

    /// The scope of that name, if there is one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.as_str() == name)
    }
}
