//! Who sends a request: address, browser, session; and why a request cannot be answered.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, header};
use muster_app::inquiries::flow::{Barred, Visit};
use muster_app::inquiries::{Browser, read_token};
use muster_app::{Cx, EnvironmentContext, Error, ReadCx, Scope, jobs, keys};
use muster_domain::event::{Actor, Source};
use muster_domain::{EnvironmentId, IdSource, InquiryId, InquirySessionId, RequestId, Violation};
use muster_store::Tx;

use crate::sent::{Members, cookie};
use crate::words::Words;
use crate::{Addresses, Hosted};

/// The longest text that is noted of a browser, in characters.
const USER_AGENT_CHARS_MAX: usize = 500;

/// Why a request is not answered with a page of the flow.
#[derive(Debug)]
pub enum Trouble {
    /// The person may not see it, or not go on.
    Barred(Barred),
    /// The link says something that makes no sense.
    BadLink(Vec<Violation>),
    /// There is no such page.
    Missing,
    /// The form did not come from its page.
    Forged,
    /// The form cannot be read.
    BadForm,
    /// What was sent is too large.
    TooLarge,
    /// The address came too often.
    TooOften,
    /// Try again later.
    Busy,
    /// Something that should not be.
    Broken(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Malformed(violations) | Error::Invalid(violations) => Self::BadLink(violations),
            Error::NotFound => Self::Missing,
            Error::InactiveEnvironment => Self::Barred(Barred::Inactive),
            Error::Conflict { .. } => Self::BadLink(Vec::new()),
            Error::Busy | Error::Retry(_) | Error::StaleCatalog => Self::Busy,
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<Barred> for Trouble {
    fn from(barred: Barred) -> Self {
        Self::Barred(barred)
    }
}

/// A session whose token is right.
#[derive(Clone)]
pub struct Opened {
    /// Its ID.
    pub session: InquirySessionId,
    /// Its environment.
    pub environment: Arc<EnvironmentContext>,
}

/// The head of a request.
pub struct Head {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its query.
    pub query: Members,
    /// Where it comes from.
    pub address: IpAddr,
}

impl Head {
    /// How somebody comes in with it.
    pub fn visit(&self) -> Visit {
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        let language = |text: &str| Words::accepted(text).map(str::to_owned);
        let user_agent: Option<String> =
            header(header::USER_AGENT).map(|text| text.chars().take(USER_AGENT_CHARS_MAX).collect());
        Visit {
            browser: Browser { ip_address: Some(self.address.to_string()), user_agent, ..Browser::default() },
            language: self.query.parameter("language").and_then(language),
            accepted_language: header(header::ACCEPT_LANGUAGE).and_then(language),
            redirect_uri: self.query.parameter("redirect-uri").map(str::to_owned),
            variant: self
                .query
                .parameter("style-variant")
                .filter(|one| ["light", "dark"].contains(one))
                .map(str::to_owned),
        }
    }

    /// The words for whoever sends it.
    pub fn words(&self) -> &'static Words {
        let visit = self.visit();
        Words::in_language(&visit.language.or(visit.accepted_language).unwrap_or_default())
    }
}

/// The name of the cookie that holds the token of a session. It is sent to the pages of its inquiry only.
pub const COOKIE: &str = "muster-session";

impl Hosted {
    /// Where a request comes from.
    pub fn address(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let forwarded = || {
            let value = headers.get_all("x-forwarded-for").into_iter().next_back()?.to_str().ok()?;
            value.rsplit(',').next()?.trim().parse().ok()
        };
        match self.settings.addresses {
            Addresses::OfConnection => peer,
            Addresses::Forwarded => forwarded().unwrap_or(peer),
        }
    }

    /// The session of a token, if the token is right.
    pub async fn session(&self, token: &str) -> Result<Option<Opened>, Trouble> {
        let Some(token) = read_token(token) else { return Ok(None) };
        let environment = match self.environment(token.environment.clone()).await {
            Err(Trouble::Missing) => return Ok(None),
            environment => environment?,
        };
        let is_right = token.is_signed(&environment.index_key, self.app.now());
        Ok(is_right.then_some(Opened { session: token.session, environment }))
    }

    /// The session that the browser has for an inquiry.
    pub async fn session_of(&self, headers: &HeaderMap) -> Result<Option<Opened>, Trouble> {
        match cookie(headers, COOKIE) {
            Some(token) => self.session(token).await,
            None => Ok(None),
        }
    }

    /// An environment.
    pub async fn environment(&self, id: EnvironmentId) -> Result<Arc<EnvironmentContext>, Trouble> {
        let master = Arc::clone(&self.app.master);
        Ok(self.app.db.read("hosted.environment", move |tx| keys::environment(tx, &master, &id)).await?)
    }

    /// Looks something up that is in no environment yet.
    pub async fn find<T: Send + 'static>(
        &self,
        name: &'static str,
        look: impl FnMut(&mut Tx<'_>) -> muster_app::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        Ok(self.app.db.read(name, look).await?)
    }

    /// In whose name a request is carried out.
    pub fn scope(&self, environment: &Arc<EnvironmentContext>, session: Option<&InquirySessionId>) -> Scope {
        let now = self.app.now();
        let actor = session.map_or(Actor::System, |session| Actor::InquirySession(session.clone()));
        let source = Source::Request(IdSource::random(now).mint::<RequestId>());
        Scope { environment: Arc::clone(environment), actor, source, now }
    }

    /// Runs a command.
    pub async fn command<T: Send + 'static>(
        &self,
        name: &'static str,
        scope: Scope,
        command: impl FnMut(&mut Cx<'_, '_>) -> muster_app::Result<T> + Clone + Send + 'static,
    ) -> Result<T, Error> {
        let app = Arc::clone(&self.app);
        let work = move || jobs::transact(&app, &scope, name, command);
        tokio::task::spawn_blocking(work).await.map_err(|_| Error::bug("a command was cut off"))?
    }

    /// Runs a query.
    pub async fn query<T: Send + 'static>(
        &self,
        name: &'static str,
        scope: Scope,
        mut query: impl FnMut(&mut ReadCx<'_, '_>) -> muster_app::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (catalogs, master) = (Arc::clone(&self.app.catalogs), Arc::clone(&self.app.master));
        let work = move |tx: &mut Tx<'_>| {
            query(&mut ReadCx { tx, scope: &scope, catalogs: &catalogs, master: &master })
        };
        Ok(self.app.db.read(name, work).await?)
    }

    /// The header that gives a browser the token of a session, for the pages of its inquiry.
    pub fn cookie_for(&self, inquiry: &InquiryId, token: &str) -> String {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        format!("{COOKIE}={token}; Path=/verify/{inquiry}; HttpOnly; SameSite=Lax{secure}")
    }
}
