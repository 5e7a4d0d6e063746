//! The hook of the providers: one signed HTTP POST for each question. `docs/providers.md` is its contract.

use std::fmt;
use std::io;

use muster_app::Clock;
use muster_app::outside::{Answer, Failure, Providers, Question, TextMessage, TextMessages};
use serde_json::{Value, json};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Error};

use super::addresses::CheckedResolver;
use super::signature;
use crate::config::outside::{ProviderConfig, Reach};

/// The topic of text messages.
pub const TEXT_MESSAGE: &str = "text-message";
/// Largest request: a few pictures in base64.
const REQUEST_BYTES_MAX: usize = 24 << 20;
/// Largest answer.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// A hook. `Debug` prints `[redacted]`.
pub struct Hook {
    agent: Agent,
    url: String,
    secret: String,
    topics: Vec<String>,
    clock: Clock,
}

impl Hook {
    /// Makes a hook ready.
    pub fn new(config: &ProviderConfig, clock: Clock) -> Self {
        let settings = Agent::config_builder()
            .timeout_global(Some(config.timeout))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .https_only(config.reach == Reach::Public)
            .proxy(None)
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .build();
        let resolver = CheckedResolver::new(config.reach);
        let agent = Agent::with_parts(settings, DefaultConnector::default(), resolver);
        let (url, secret, topics) = (config.url.clone(), config.secret.clone(), config.topics.clone());
        Self { agent, url, secret, topics, clock }
    }

    /// Asks once: whoever waits must not wait for long, and a job asks again.
    fn post(&self, id: &str, body: &[u8]) -> Result<Value, Failure> {
        let reply = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("Idempotency-Key", id)
            .header(signature::HEADER, signature::sign(&self.secret, body, (self.clock)()))
            .send(body);
        let mut reply = reply.map_err(|error| failure(&error))?;
        let status = reply.status().as_u16();
        match status {
            200..=299 => {}
            408 | 425 | 429 | 500..=599 => {
                return Err(Failure::Unreachable(format!("the provider answered with {status}")));
            }
            _ => return Err(Failure::Refused(format!("the provider answered with {status}"))),
        }
        let text = reply.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec();
        let text = text.map_err(|error| failure(&error))?;
        if text.is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        match serde_json::from_slice(&text) {
            Ok(Value::Object(members)) => Ok(Value::Object(members)),
            _ => Err(Failure::Refused("the answer of the provider is no JSON object".into())),
        }
    }
}

/// What went wrong, without what was sent or received.
fn failure(error: &Error) -> Failure {
    match error {
        Error::BodyExceedsLimit(_) => {
            Failure::Refused(format!("the answer of the provider has more than {ANSWER_BYTES_MAX} bytes"))
        }
        Error::Timeout(_) => Failure::Unreachable("the provider did not answer in time".into()),
        Error::HostNotFound => Failure::Unreachable("the name of the provider is unknown".into()),
        Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => Failure::Refused(
            "the provider is at a private address, which --provider-private would have to allow".into(),
        ),
        Error::BadUri(_) | Error::Http(_) | Error::RequireHttpsOnly(_) => {
            Failure::Refused("the URL of the provider cannot be used".into())
        }
        _ => Failure::Unreachable("the connection to the provider failed".into()),
    }
}

impl Providers for Hook {
    fn knows(&self, topic: &str) -> bool {
        self.topics.iter().any(|known| match known.strip_suffix('*') {
            Some(beginning) => topic.starts_with(beginning),
            None => known == topic,
        })
    }

    fn ask(&self, question: &Question) -> Result<Answer, Failure> {
        let request = json!({ "id": question.id, "topic": question.topic, "data": question.body });
        let body = serde_json::to_vec(&request)
            .map_err(|_| Failure::Refused("the question cannot be written".into()))?;
        if body.len() > REQUEST_BYTES_MAX {
            return Err(Failure::Refused(format!("the question has more than {REQUEST_BYTES_MAX} bytes")));
        }
        self.post(&question.id, &body).map(Answer)
    }
}

impl TextMessages for Hook {
    fn send(&self, message: &TextMessage) -> Result<(), Failure> {
        let question = Question {
            id: message.id.clone(),
            topic: TEXT_MESSAGE.to_owned(),
            body: json!({ "to": message.to, "text": message.text }),
        };
        self.ask(&question).map(|_| ())
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook([redacted])")
    }
}
