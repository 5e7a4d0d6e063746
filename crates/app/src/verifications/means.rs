//! By what means a verification can be made here and now.

use muster_domain::verification::VerificationKind;

use crate::inquiries::is_sandbox;
use crate::{App, Error, Result, Scope};

/// By what means a verification is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Somebody says how it is to end: in a sandbox only.
    Sandbox,
    /// Muster checks what it can by itself.
    Alone,
    /// Muster checks what it can by itself, and a provider the rest.
    Provider,
}

/// Says by what means verifications of a kind are made. It belongs before a transaction.
///
/// # Errors
/// [`Error::Conflict`] where the step cannot work: a provider or a mail server is missing.
pub fn means(app: &App, scope: &Scope, kind: VerificationKind) -> Result<Means> {
    if is_sandbox(scope) {
        return Ok(Means::Sandbox);
    }
    let outside = &app.outside;
    let missing = |what: &str| {
        let details = format!("a verification of the kind {kind} needs {what}, and none is configured");
        Err(Error::Conflict { title: "Conflict", details })
    };
    match kind {
        VerificationKind::EmailAddress if outside.mail.is_none() => {
            missing("a mail server (MUSTER_SMTP_URL)")
        }
        VerificationKind::PhoneNumber if outside.text_messages.is_none() => {
            missing("a provider of text messages (MUSTER_PROVIDER_URL)")
        }
        VerificationKind::EmailAddress | VerificationKind::PhoneNumber => Ok(Means::Alone),
        _ if outside.knows(kind.resource_type()) => Ok(Means::Provider),
        _ if kind.works_alone() => Ok(Means::Alone),
        _ => missing("a provider (MUSTER_PROVIDER_URL)"),
    }
}
