//! A running Muster with a clock that stands still, and a client that talks to it over HTTP.

#![expect(clippy::expect_used, reason = "a test whose server does not answer has failed")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use muster_api::versions::ApiVersion;
use muster_api::{Api, Settings};
use muster_app::keys::{self, NewApiKey};
use muster_app::outside::Outside;
use muster_app::{App, setup};
use muster_domain::{EnvironmentId, Grants, IdSource, OrganizationId, Timestamp};
use muster_store::seal::MasterKey;
use parking_lot::Mutex;
use serde_json::Value;

use crate::contract::{self, Exchange, Spelling};
use crate::db::{NOW, TestDb};
use crate::files::PUBLIC_URL;
use crate::server::{Server, pages};

/// The master key of every test.
pub const MASTER: [u8; 32] = [7; 32];
/// Where the API lives.
const BASE: &str = "/api/v1";

/// One tenant and a key that may do everything in it.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its organization.
    pub organization: OrganizationId,
    /// Its sandbox environment.
    pub environment: EnvironmentId,
    /// The secret of its key.
    pub key: String,
}

/// A running Muster with one organization, one sandbox environment and one unrestricted key.
///
/// Its clock starts at [`NOW`] and moves a millisecond with each request, so that objects have an order.
pub struct TestApp {
    client: Client<HttpConnector, Full<Bytes>>,
    server: Server,
    /// The application itself, for what has no operation.
    pub app: Arc<App>,
    /// What requests are made for unless they name another key.
    pub tenant: Tenant,
    clock: Arc<AtomicI64>,
    settings: Settings,
    /// The API versions of the keys that were made here, by their secrets.
    versions: Arc<Mutex<HashMap<String, String>>>,
    // The database goes last.
    db: Arc<TestDb>,
}

impl TestApp {
    /// Starts a server without a rate limit on an empty database.
    pub async fn start(db: TestDb) -> Self {
        Self::start_with(db, Settings::default()).await
    }

    /// Starts a server with settings of the test's own.
    pub async fn start_with(db: TestDb, settings: Settings) -> Self {
        Self::start_among(db, settings, Outside::default()).await
    }

    /// Starts a server with settings and with something outside.
    pub(crate) async fn start_among(db: TestDb, mut settings: Settings, outside: Outside) -> Self {
        PUBLIC_URL.clone_into(&mut settings.public_url);
        let clock = Arc::new(AtomicI64::new(NOW.as_micros()));
        let app = open(&db, &clock, outside);
        let tenant = new_tenant(&app, "First").await;
        Self::assemble(Arc::new(db), app, tenant, clock, settings)
    }

    /// Starts a second server on the same database, as another process would be: it shares no cache.
    #[must_use]
    pub fn second_process(&self) -> Self {
        let app = open(&self.db, &self.clock, Outside::default());
        let clock = Arc::clone(&self.clock);
        let settings = self.settings.clone();
        let second = Self::assemble(Arc::clone(&self.db), app, self.tenant.clone(), clock, settings);
        Self { versions: Arc::clone(&self.versions), ..second }
    }

    fn assemble(
        db: Arc<TestDb>,
        app: Arc<App>,
        tenant: Tenant,
        clock: Arc<AtomicI64>,
        settings: Settings,
    ) -> Self {
        let server = Server::start(Api::new(Arc::clone(&app), settings.clone()), pages(&app));
        let client = Client::builder(TokioExecutor::new()).build_http();
        let newest = ApiVersion::NEWEST.as_str().to_owned();
        let versions = Arc::new(Mutex::new(HashMap::from([(tenant.key.clone(), newest)])));
        Self { client, server, app, tenant, clock, settings, versions, db }
    }

    /// The time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.load(Ordering::SeqCst))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.clock.fetch_add(i64::try_from(by.as_micros()).expect("a short time"), Ordering::SeqCst);
    }

    /// The address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Sends a request that is not one of the API.
    pub(crate) async fn raw(
        &self,
        request: hyper::Request<Full<Bytes>>,
    ) -> hyper::Response<hyper::body::Incoming> {
        self.client.request(request).await.expect("the server answers")
    }

    /// The address of the database; see [`TestDb::url`].
    #[must_use]
    pub fn database_url(&self) -> String {
        self.db.url()
    }

    /// All bytes at rest; see [`TestDb::dump`].
    #[must_use]
    pub fn dump(&self) -> Vec<u8> {
        self.db.dump()
    }

    /// Makes another key of the tenant; `adjust` says what it may not do. Returns its secret.
    pub async fn key_with(&self, adjust: impl FnOnce(&mut NewApiKey)) -> String {
        let mut new = unrestricted(self.tenant.environment.clone());
        adjust(&mut new);
        let version = new.api_version.as_str().to_owned();
        let secret = new_key(&self.app, new).await;
        self.versions.lock().insert(secret.clone(), version);
        secret
    }

    /// Makes an environment in another organization, with a key of its own.
    pub async fn second_environment(&self) -> Tenant {
        new_tenant(&self.app, "Second").await
    }

    /// Makes another environment in the tenant's organization, with a key of its own.
    pub async fn sibling_environment(&self) -> Tenant {
        new_environment(&self.app, self.tenant.organization.clone(), "production").await
    }

    /// Prepares a request with the tenant's key. The path may leave out `/api/v1`; that of a file has none.
    #[must_use]
    pub fn request(&self, method: Method, path: &str) -> Request<'_> {
        let is_whole = path == "/" || path.starts_with("/api/") || path.starts_with("/files/");
        let path = if is_whole { path.to_owned() } else { format!("{BASE}{path}") };
        let url = format!("http://{}{path}", self.server.address);
        let bearer = format!("Bearer {}", self.tenant.key);
        let (headers, body, expectation) = (Vec::new(), Bytes::new(), Expectation::Documented);
        Request { app: self, method, url, bearer: Some(bearer), headers, body, expectation }
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.request(Method::GET, path).send().await
    }

    /// Sends a POST.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// Sends a PATCH.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.request(Method::PATCH, path).json(&body).send().await
    }

    /// Every resource of a list, newest first. The path may have a query.
    pub async fn all(&self, list: &str) -> Vec<Value> {
        let mut found = Vec::new();
        let joint = if list.contains('?') { '&' } else { '?' };
        let mut next = Some(format!("{list}{joint}page[size]=100"));
        while let Some(path) = next {
            let reply = self.get(&path).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            found.extend(reply.at("/data").as_array().expect("a list").iter().cloned());
            next = reply.at("/links/next").as_str().map(str::to_owned);
        }
        found
    }

    /// The names of all events, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let names = self.all("/events").await.into_iter().rev();
        names.map(|event| event["attributes"]["name"].as_str().expect("a name").to_owned()).collect()
    }
}

/// A request that is not sent yet.
pub struct Request<'a> {
    app: &'a TestApp,
    method: Method,
    url: String,
    bearer: Option<String>,
    headers: Vec<(String, String)>,
    body: Bytes,
    expectation: Expectation,
}

/// What a test expects of the server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expectation {
    /// A reply as the OpenAPI document says.
    Documented,
    /// The same, with attributes left out.
    Narrowed,
    /// That it breaks: it was made to.
    Broken,
}

impl Request<'_> {
    /// Uses another key.
    #[must_use]
    pub fn key(self, secret: &str) -> Self {
        self.authorization(Some(&format!("Bearer {secret}")))
    }

    /// Sends another `Authorization` header, or none.
    #[must_use]
    pub fn authorization(self, value: Option<&str>) -> Self {
        Self { bearer: value.map(str::to_owned), ..self }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body_bytes(body.to_string())
    }

    /// Sets the body to whatever bytes.
    #[must_use]
    pub fn body_bytes(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Says that the key has a blocklist: attributes that the OpenAPI document wants may be missing.
    #[must_use]
    pub fn narrowed(self) -> Self {
        Self { expectation: Expectation::Narrowed, ..self }
    }

    /// Says that the server was damaged and is to break: 500 is what the test wants.
    #[must_use]
    pub fn breaks(self) -> Self {
        Self { expectation: Expectation::Broken, ..self }
    }

    /// Sends it and waits for the whole reply, which must be as the OpenAPI document says.
    ///
    /// # Panics
    /// When the reply is not documented like that.
    pub async fn send(self) -> Reply {
        let (version, spelling) = (self.version(), self.spelling());
        let (method, url, expectation) = (self.method.clone(), self.url.clone(), self.expectation);
        let reply = self.exchange().await;
        if expectation == Expectation::Broken {
            assert_eq!(reply.status, 500, "{}", reply.text());
            return reply;
        }
        if expectation == Expectation::Narrowed && reply.status < 300 {
            return reply;
        }
        let target = url.split_once("//").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
        let target = target.unwrap_or_default();
        let (status, json) = (reply.status, &reply.json);
        contract::check(&Exchange { method: &method, target, version, spelling, status, json });
        reply
    }

    /// The version of its reply; none when it is that of a key that was not made here.
    fn version(&self) -> Option<ApiVersion> {
        let named = self.sent_header("persona-version").map(str::to_owned).or_else(|| self.key_version())?;
        Some(ApiVersion::parse(named.trim()).unwrap_or(ApiVersion::NEWEST))
    }

    fn spelling(&self) -> Spelling {
        match self.sent_header("key-inflection") {
            Some("kebab") => Spelling::Kebab,
            // Keys that are made here say nothing of spelling.
            None if self.key_version().is_some() => Spelling::Kebab,
            _ => Spelling::Other,
        }
    }

    /// The version of its key; none when the key was not made here.
    fn key_version(&self) -> Option<String> {
        let secret = self.bearer.as_deref()?.split_whitespace().last()?;
        self.app.versions.lock().get(secret).cloned()
    }

    fn sent_header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    async fn exchange(self) -> Reply {
        self.app.advance(Duration::from_millis(1));
        let mut request = hyper::Request::builder().method(self.method).uri(&self.url);
        if !self.headers.iter().any(|(name, _)| name == "content-type") {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let bearer = self.bearer.map(|value| ("authorization".to_owned(), value));
        for (name, value) in self.headers.into_iter().chain(bearer) {
            request = request.header(name, value);
        }
        let request = request.body(Full::new(self.body)).expect("a request that can be sent");
        let response = self.app.client.request(request).await.expect("the server answers");
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.expect("the whole reply").to_bytes();
        let content_type = head.headers.get(header::CONTENT_TYPE);
        let is_json = content_type.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        let json =
            if is_json { serde_json::from_slice(&bytes).expect("a reply in JSON") } else { Value::Null };
        Reply { status: head.status.as_u16(), headers: head.headers, json, bytes }
    }
}

/// What the server answered.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, read; null when it is not JSON.
    pub json: Value,
    /// The body as it came.
    pub bytes: Bytes,
}

impl Reply {
    /// A part of the body, by its JSON pointer; null where there is none.
    #[must_use]
    pub fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// A text of the body, by its JSON pointer.
    #[must_use]
    pub fn text_at(&self, pointer: &str) -> &str {
        self.at(pointer).as_str().expect("a text")
    }

    /// Stops the test unless the request was granted.
    #[track_caller]
    pub fn good(&self) {
        assert!(self.status < 300, "{} {}", self.status, self.text());
    }

    /// The ID of the resource.
    #[must_use]
    #[track_caller]
    pub fn id(&self) -> &str {
        self.good();
        self.text_at("/data/id")
    }

    /// The IDs of a list.
    #[must_use]
    pub fn ids(&self) -> Vec<&str> {
        assert_eq!(self.status, 200, "{}", self.text());
        let list = self.at("/data").as_array().expect("a list");
        list.iter().map(|resource| resource["id"].as_str().expect("an ID")).collect()
    }

    /// A header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Status and refusals in one line: `409 Conflict: details (/pointer)`.
    #[must_use]
    pub fn problem(&self) -> String {
        let errors = self.at("/errors").as_array().cloned().unwrap_or_default();
        let texts = errors.iter().map(|error| {
            let text = |pointer: &str| error.pointer(pointer).and_then(Value::as_str);
            let details = text("/details").map(|details| format!(": {details}")).unwrap_or_default();
            let pointer = text("/source/pointer").map(|at| format!(" ({at})")).unwrap_or_default();
            format!("{}{details}{pointer}", text("/title").unwrap_or_default())
        });
        format!("{} {}", self.status, texts.collect::<Vec<_>>().join("; "))
    }
}

fn open(db: &TestDb, clock: &Arc<AtomicI64>, outside: Outside) -> Arc<App> {
    let clock = Arc::clone(clock);
    let clock = Arc::new(move || Timestamp::from_micros(clock.load(Ordering::SeqCst)));
    Arc::new(App::new(db.open(), MasterKey::new(MASTER), clock).with_outside(outside))
}

async fn new_tenant(app: &App, name: &'static str) -> Tenant {
    let now = app.now();
    let made = app.db.write("testkit.organization", move |tx| {
        setup::create_organization(tx, name, &mut IdSource::random(now), now)
    });
    new_environment(app, made.await.expect("an organization can be made").id, "sandbox").await
}

async fn new_environment(app: &App, organization: OrganizationId, kind: &'static str) -> Tenant {
    let (now, master) = (app.now(), Arc::clone(&app.master));
    let made = app.db.write("testkit.environment", move |tx| {
        let ids = &mut IdSource::random(now);
        setup::create_environment(tx, &master, &organization, (kind, "Test"), ids, now)
    });
    let environment = made.await.expect("an environment can be made");
    let key = new_key(app, unrestricted(environment.id.clone())).await;
    Tenant { organization: environment.organization_id, environment: environment.id, key }
}

fn unrestricted(environment: EnvironmentId) -> NewApiKey {
    NewApiKey { permissions: Grants::everything(), ..NewApiKey::named(environment, "Test") }
}

async fn new_key(app: &App, new: NewApiKey) -> String {
    let now = app.now();
    let made = app.db.write("testkit.key", move |tx| {
        keys::create(tx, &new, &mut IdSource::random(now), now).map(|(_, secret)| secret)
    });
    made.await.expect("a key can be made")
}
