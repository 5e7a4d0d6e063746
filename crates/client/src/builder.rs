//! How a client is to behave.

use std::sync::Arc;
use std::time::Duration;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::transport::{Exchange, Observer, Transport};

/// A client that is being made.
pub struct Builder {
    base_url: String,
    api_key: String,
    timeout: Duration,
    tries_max: u32,
    observer: Option<Observer>,
}

impl Builder {
    pub(crate) fn new(base_url: &str, api_key: &str) -> Self {
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            api_key: api_key.to_owned(),
            timeout: Duration::from_secs(30),
            tries_max: 5,
            observer: None,
        }
    }

    /// How long one try may take; 30 seconds unless said otherwise.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How often a request is sent at the most; 5 times unless said otherwise, and once at least.
    #[must_use]
    pub fn tries_max(self, tries_max: u32) -> Self {
        Self { tries_max: tries_max.max(1), ..self }
    }

    /// Is told of every try and how it ended, for figures and logs. It learns nothing of bodies and paths.
    #[must_use]
    pub fn observe(self, observer: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// The client.
    ///
    /// # Errors
    /// [`Error::Unusable`] when the address does not start with `http://` or is no URL, or when the key has
    /// characters that no key has.
    pub fn build(self) -> Result<Client> {
        if !self.base_url.starts_with("http://") {
            return Err(Error::Unusable(
                "the address must start with http:// (put a TLS proxy in front for other machines)",
            ));
        }
        let authorization = format!("Bearer {}", self.api_key);
        let transport =
            Transport::new(self.base_url, &authorization, (self.timeout, self.tries_max), self.observer)?;
        Ok(Client::over(transport))
    }
}
