//! Settings of what lies outside: mail and providers.

use std::fmt;
use std::time::Duration;

use clap::Args;
use serde::Deserialize;

use crate::output::{Failure, fail};

/// Shortest secret of a provider hook, in characters.
const SECRET_CHARS_MIN: usize = 16;
/// How long a provider may take unless told otherwise.
const TIMEOUT_SECONDS: u64 = 10;
/// Longest time that a provider may be given.
const TIMEOUT_SECONDS_MAX: u64 = 30;

/// Flags of what lies outside. `Debug` prints `[redacted]`: URLs and secrets open something.
#[derive(Args, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct OutsideFlags {
    /// Where e-mail goes: smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST:587 (STARTTLS; ?tls=none for a relay
    /// on this machine)
    #[arg(long, env = "MUSTER_SMTP_URL", value_name = "URL", hide_env_values = true)]
    smtp_url: Option<String>,
    /// Who e-mail comes from, such as "Example <no-reply@muster.example>"
    #[arg(long, env = "MUSTER_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// The hook that answers what Muster cannot check by itself, such as https://checks.example/muster
    #[arg(long, env = "MUSTER_PROVIDER_URL", value_name = "URL", hide_env_values = true)]
    provider_url: Option<String>,
    /// Signs requests to the hook: at least 16 characters (prefer the variable: a flag shows in the process list)
    #[arg(long, env = "MUSTER_PROVIDER_SECRET", value_name = "SECRET", hide_env_values = true)]
    provider_secret: Option<String>,
    /// What the hook answers, such as verification/selfie,report/*,text-message [default: *]
    #[arg(long, env = "MUSTER_PROVIDER_TOPICS", value_name = "TOPICS")]
    provider_topics: Option<String>,
    /// Seconds that the hook may take to answer, 1 to 30 [default: 10]
    #[arg(long, env = "MUSTER_PROVIDER_TIMEOUT", value_name = "SECONDS")]
    provider_timeout: Option<u64>,
    /// Let the hook be on this machine or a private network
    #[arg(long, env = "MUSTER_PROVIDER_PRIVATE")]
    provider_private: bool,
}

impl fmt::Debug for OutsideFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutsideFlags([redacted])")
    }
}

/// Where e-mail goes. `Debug` prints `[redacted]`.
#[derive(Clone)]
pub struct MailConfig {
    /// The server, with user and password.
    pub smtp_url: String,
    /// The sender.
    pub from: String,
}

/// The hook of the providers. `Debug` prints `[redacted]`.
#[derive(Clone)]
pub struct ProviderConfig {
    /// Where it listens.
    pub url: String,
    /// What signs requests.
    pub secret: String,
    /// The topics it answers; one that ends in `*` stands for all that begin so.
    pub topics: Vec<String>,
    /// How long one request may take.
    pub timeout: Duration,
    /// Which addresses may be connected to.
    pub reach: Reach,
}

/// Which addresses may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the public network.
    Public,
    /// All.
    PrivateToo,
}

/// What lies outside.
#[derive(Clone, Default)]
pub struct OutsideConfig {
    /// Where e-mail goes.
    pub mail: Option<MailConfig>,
    /// The hook of the providers.
    pub provider: Option<ProviderConfig>,
}

impl fmt::Debug for OutsideConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutsideConfig([redacted])")
    }
}

impl OutsideConfig {
    /// Puts flags, variables and file together.
    ///
    /// # Errors
    /// Names the setting that is missing or wrong, and never its value.
    pub fn new(flags: &OutsideFlags, file: OutsideFlags) -> Result<Self, Failure> {
        let from = flags.mail_from.clone().or(file.mail_from);
        let mail = match (flags.smtp_url.clone().or(file.smtp_url), from) {
            (None, _) => None,
            (Some(_), None) => return fail("--smtp-url needs --mail-from: the sender of e-mail"),
            (Some(smtp_url), Some(from)) => Some(MailConfig { smtp_url, from }),
        };
        let reach =
            if flags.provider_private || file.provider_private { Reach::PrivateToo } else { Reach::Public };
        let Some(url) = flags.provider_url.clone().or(file.provider_url) else {
            return Ok(Self { mail, provider: None });
        };
        if !(url.starts_with("https://") || (url.starts_with("http://") && reach == Reach::PrivateToo)) {
            return fail(
                "--provider-url must begin with https://, or with http:// where --provider-private is given",
            );
        }
        let secret = flags.provider_secret.clone().or(file.provider_secret).unwrap_or_default();
        if secret.chars().count() < SECRET_CHARS_MIN {
            return fail(format!("--provider-secret must have at least {SECRET_CHARS_MIN} characters"));
        }
        let seconds = flags.provider_timeout.or(file.provider_timeout).unwrap_or(TIMEOUT_SECONDS);
        if !(1..=TIMEOUT_SECONDS_MAX).contains(&seconds) {
            return fail(format!("--provider-timeout must be 1 to {TIMEOUT_SECONDS_MAX} seconds"));
        }
        let topics = flags.provider_topics.clone().or(file.provider_topics).unwrap_or_else(|| "*".into());
        let topics = topics
            .split(',')
            .map(|topic| topic.trim().to_owned())
            .filter(|topic| !topic.is_empty())
            .collect();
        let timeout = Duration::from_secs(seconds);
        Ok(Self { mail, provider: Some(ProviderConfig { url, secret, topics, timeout, reach }) })
    }
}

#[cfg(test)]
mod tests {
    use super::{OutsideConfig, OutsideFlags, Reach};

    fn provider(adjust: impl FnOnce(&mut OutsideFlags)) -> Result<OutsideConfig, String> {
        let mut flags = OutsideFlags {
            provider_url: Some("https://user:pa55@checks.example/hook".into()),
            provider_secret: Some("0123456789abcdef".into()),
            ..OutsideFlags::default()
        };
        adjust(&mut flags);
        OutsideConfig::new(&flags, OutsideFlags::default()).map_err(|failure| failure.0)
    }

    #[test]
    fn wrong_settings_are_named_and_never_quoted() {
        assert_eq!(provider(|_| ()).unwrap().provider.unwrap().topics, ["*"]);
        for (word, failed) in [
            ("--provider-url", provider(|flags| flags.provider_url = Some("http://pa55.example".into()))),
            ("--provider-secret", provider(|flags| flags.provider_secret = Some("pa55".into()))),
            ("--provider-timeout", provider(|flags| flags.provider_timeout = Some(31))),
            ("--mail-from", provider(|flags| flags.smtp_url = Some("smtp://u:pa55@h".into()))),
        ] {
            let message = failed.unwrap_err();
            assert!(message.contains(word) && !message.contains("pa55"), "{message}");
        }
        let private = provider(|flags| {
            flags.provider_url = Some("http://127.0.0.1:1".into());
            flags.provider_private = true;
            flags.provider_topics = Some(" report/* , text-message,".into());
        });
        let private = private.unwrap().provider.unwrap();
        assert_eq!(
            (private.reach, private.topics),
            (Reach::PrivateToo, vec!["report/*".into(), "text-message".into()])
        );
        assert!(!format!("{:?}", provider(|_| ()).unwrap()).contains("pa55"));
    }
}
