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
    /// Read documents and selfies.
    DocumentRead,
    /// Read events.
    EventRead,
    /// Read importers, pipelines, runs and what became of rows.
    ImporterRead,
    /// Upload files, make pipelines and run them.
    ImporterWrite,
    /// Read inquiries, their sessions and their templates.
    InquiryRead,
    /// Create, change, decide and redact inquiries and their sessions.
    InquiryWrite,
    /// Create, change and publish inquiry templates. Muster's own.
    InquiryTemplateWrite,
    /// Read reports and their templates.
    ReportRead,
    /// Create, run, dismiss, change and redact reports.
    ReportWrite,
    /// Create and change report templates. Muster's own.
    ReportTemplateWrite,
    /// Read what people did with Muster.
    UserAuditLogRead,
    /// Read verifications.
    VerificationRead,
    /// Lock and redact verifications.
    VerificationWrite,
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
        Self::DocumentRead,
        Self::EventRead,
        Self::ImporterRead,
        Self::ImporterWrite,
        Self::InquiryRead,
        Self::InquiryWrite,
        Self::InquiryTemplateWrite,
        Self::ReportRead,
        Self::ReportWrite,
        Self::ReportTemplateWrite,
        Self::UserAuditLogRead,
        Self::VerificationRead,
        Self::VerificationWrite,
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
            Self::DocumentRead => "document.read",
            Self::EventRead => "event.read",
            Self::ImporterRead => "importer.read",
            Self::ImporterWrite => "importer.write",
            Self::InquiryRead => "inquiry.read",
            Self::InquiryWrite => "inquiry.write",
            Self::InquiryTemplateWrite => "inquiry_template.write",
            Self::ReportRead => "report.read",
            Self::ReportWrite => "report.write",
            Self::ReportTemplateWrite => "report_template.write",
            Self::UserAuditLogRead => "user_audit_log.read",
            Self::VerificationRead => "verification.read",
            Self::VerificationWrite => "verification.write",
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

/// All scopes that are granted by default, future ones too, as it stands in a list of scopes.
pub const ALL_BY_DEFAULT: &str = "*";

/// What an API key may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    by_default: bool,
    /// In the order of [`Permission::ALL`], each once.
    named: Vec<Permission>,
}

impl Grants {
    /// All that is granted by default, also what a later version adds to it.
    #[must_use]
    pub const fn by_default() -> Self {
        Self { by_default: true, named: Vec::new() }
    }

    /// Every scope there is.
    #[must_use]
    pub fn everything() -> Self {
        let named = Permission::ALL.iter().copied().filter(|scope| !scope.is_granted_by_default());
        Self { by_default: true, named: named.collect() }
    }

    /// Reads a list of names, among which may be [`ALL_BY_DEFAULT`].
    ///
    /// # Errors
    /// The position of the first name that is no scope.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, usize> {
        let mut by_default = false;
        let mut named = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            match name.as_ref() {
                ALL_BY_DEFAULT => by_default = true,
                name => named.push(Permission::parse(name).ok_or(index)?),
            }
        }
        Ok(Self { by_default, ..named.into_iter().collect() })
    }

    /// Whether this scope is among them.
    #[must_use]
    pub fn has(&self, scope: Permission) -> bool {
        self.named.contains(&scope) || (self.by_default && scope.is_granted_by_default())
    }

    /// Every scope among them, spelled out.
    #[must_use]
    pub fn spelled_out(&self) -> Vec<Permission> {
        Permission::ALL.iter().copied().filter(|scope| self.has(*scope)).collect()
    }

    /// The name of the first scope among them that `others` do not have.
    #[must_use]
    pub fn beyond(&self, others: &Self) -> Option<&'static str> {
        let scope = self.spelled_out().into_iter().find(|scope| !others.has(*scope));
        let future = (self.by_default && !others.by_default).then_some(ALL_BY_DEFAULT);
        scope.map(Permission::as_str).or(future)
    }

    /// The list that [`Grants::parse`] reads.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let first = self.by_default.then_some(ALL_BY_DEFAULT);
        first.into_iter().chain(self.named.iter().map(|scope| scope.as_str())).collect()
    }
}

impl FromIterator<Permission> for Grants {
    fn from_iter<I: IntoIterator<Item = Permission>>(scopes: I) -> Self {
        let given: Vec<Permission> = scopes.into_iter().collect();
        let named = Permission::ALL.iter().copied().filter(|scope| given.contains(scope));
        Self { by_default: false, named: named.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_star_leaves_out_the_scopes_of_api_keys() {
        let star = Grants::parse(&["*"]).unwrap();
        assert_eq!(star, Grants::by_default());
        for scope in Permission::ALL {
            assert_eq!(star.has(*scope), scope.is_granted_by_default(), "{scope:?}");
            assert!(Grants::everything().has(*scope), "{scope:?}");
        }
        let more = Grants::parse(&["api_key.read", "*"]).unwrap();
        assert!(more.has(Permission::ApiKeyRead) && more.has(Permission::AccountRead));
        assert!(!more.has(Permission::ApiKeyWrite));
        assert_eq!(more.names(), ["*", "api_key.read"]);
    }

    #[test]
    fn names_are_read_back_and_a_bad_one_is_told_by_its_position() {
        for names in [&[][..], &["*"], &["account.read"], &["*", "api_key.read", "api_key.write"]] {
            assert_eq!(Grants::parse(names).unwrap().names(), names);
        }
        assert_eq!(Grants::parse(&["event.read", "account.read", "event.read"]).unwrap().names().len(), 2);
        assert_eq!(Grants::parse(&["*", "account.fly"]), Err(1));
    }

    #[test]
    fn the_first_scope_that_others_lack_is_named() {
        let of = |names: &[&str]| Grants::parse(names).unwrap();
        let table: [(&[&str], &[&str], Option<&str>); 7] = [
            (&[], &[], None),
            (&["account.read"], &["*"], None),
            (&["*"], &["*", "api_key.read"], None),
            (&["*", "api_key.read"], &["*"], Some("api_key.read")),
            (&["event.read"], &["account.read"], Some("event.read")),
            (&["*"], &["account.read"], Some("account.write")),
            (&["*"], &Permission::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(), Some("*")),
        ];
        for (wanted, had, first) in table {
            assert_eq!(of(wanted).beyond(&of(had)), first, "{wanted:?} of {had:?}");
        }
    }
}
