//! What every request goes through, in this order: authentication, address, rate limit, permission,
//! version, inflection, query, body, idempotency, operation.

mod log;
mod request;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use muster_app::address::Allowlist;
use muster_app::idempotency::{Answered, Made, Reply, run_once};
use muster_app::keys::{Principal, find_principal, secret_hash};
use muster_app::{Catalog, Cx, Error, ReadCx, Result, Scope};
use muster_domain::{IdSource, Permission, RequestId, Timestamp};

use crate::Api;
use crate::call::Call;
use crate::doc::Shape;
use crate::links::FileLinks;
use crate::operation::{Operation, Run, Written};
use crate::payload::{Kept, Payload};
use crate::print;
use crate::problem::{self, Refused};
use crate::rate_limit::Decision;

/// `Content-Type` of every reply.
pub const CONTENT_TYPE: &str = "application/json; charset=utf-8";
/// `Content-Type` of a table.
pub const CSV: &str = "text/csv; charset=utf-8";
/// `Cache-Control` of every reply.
pub const CACHE_CONTROL: &str = "no-cache, no-store, max-age=0, must-revalidate";
/// `Vary` of every reply.
pub const VARY: &str = "Accept";
/// How long a client may take to send a body.
const BODY_WAIT_MAX: Duration = Duration::from_secs(30);
/// What is read of a body that is too large, so that its sender comes to read why.
const DRAINED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bodies that are being worked on, all together, in KiB.
pub const BODIES_KIBIBYTES_MAX: usize = 256 * 1024;
/// Room for a body among those.
type Room<'a> = tokio::sync::SemaphorePermit<'a>;
/// Times a command is run again because types or tags changed meanwhile.
const ATTEMPTS_MAX: usize = 8;

/// The head of a request as it came off the wire.
pub struct Incoming {
    pub headers: HeaderMap,
    pub path: String,
    pub raw_query: String,
    pub object_id: String,
    pub address: IpAddr,
}

/// What the headers of a reply tell, and what the log tells of the request.
struct Outgoing {
    limit: Option<Decision>,
    principal: Option<Arc<Principal>>,
    request_id: RequestId,
    now: Timestamp,
    call: Option<Arc<Call>>,
    body: Bytes,
    file: Option<Body>,
}

/// A request that may go on.
struct Admitted {
    principal: Arc<Principal>,
    limit: Decision,
}

/// Answers one request.
pub async fn answer(
    api: Arc<Api>,
    operation: &'static Operation,
    incoming: Incoming,
    body: Body,
) -> Response<Body> {
    let now = api.app.now();
    let request_id: RequestId = IdSource::random(now).mint();
    let mut out = Outgoing {
        limit: None,
        principal: None,
        request_id: request_id.clone(),
        now,
        call: None,
        body: Bytes::new(),
        file: None,
    };
    let answered = match api.admit(operation, &incoming, now, &mut out).await {
        Err(admission) => Answered::plain(admission.reply(&request_id)),
        Ok(admitted) => match api.receive(body, operation.uploads.body_bytes_max()).await {
            Err(reply) => Answered::plain(reply),
            Ok((bytes, _room)) => {
                out.body = bytes.clone().unwrap_or_default();
                let files = FileLinks::new(&api.public_url, &admitted.principal, now);
                match request::call(operation, &incoming, bytes, (&admitted, files), &request_id, now).await {
                    Err(reply) => Answered::plain(reply),
                    Ok(call) => {
                        let call = Arc::clone(out.call.insert(Arc::new(call)));
                        Arc::clone(&api).carry_out(call, &mut out.file).await
                    }
                }
            }
        },
    };
    let reply = api.note(operation, &incoming, answered, &out);
    let file = out.file.take();
    respond(reply, file, &out)
}

fn respond(reply: Reply, file: Option<Body>, out: &Outgoing) -> Response<Body> {
    let status = reply.status;
    let mut response = Response::new(file.unwrap_or_else(|| Body::from(reply.body)));
    *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(status, out)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL));
    headers.insert(header::VARY, HeaderValue::from_static(VARY));
    if status == 503 {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    let mut text = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    if let Some(principal) = &out.principal {
        text("request-id", out.request_id.as_str());
        text("persona-environment-id", principal.environment.id.as_str());
        text("persona-organization-id", principal.environment.organization.as_str());
    }
    if let Some(limit) = out.limit {
        headers.insert("ratelimit-limit", HeaderValue::from(limit.limit));
        headers.insert("ratelimit-remaining", HeaderValue::from(limit.remaining));
        headers.insert("ratelimit-reset", HeaderValue::from(limit.reset_seconds));
    }
    response
}

/// What a reply is: JSON, but for a document that was printed, and a table.
fn content_type(status: u16, out: &Outgoing) -> &'static str {
    let shape = out.call.as_ref().map(|call| call.operation.doc.reply);
    match shape.filter(|_| status < 300) {
        Some(Shape::Pdf(_)) => print::CONTENT_TYPE,
        Some(Shape::Csv(_)) => CSV,
        _ => CONTENT_TYPE,
    }
}

impl Api {
    /// Finds out who asks and whether it may: 401, 403, 429.
    async fn admit(
        &self,
        operation: &Operation,
        incoming: &Incoming,
        now: Timestamp,
        out: &mut Outgoing,
    ) -> std::result::Result<Admitted, Admission> {
        let secret = bearer(&incoming.headers).ok_or(Refused::NotAuthenticated)?;
        let principal = self.principal(secret, now).await?.ok_or(Refused::BadToken)?;
        if principal.is_expired(now) {
            return Err(Refused::BadToken.into());
        }
        out.principal = Some(Arc::clone(&principal));
        let limit = self.limiter.check(&principal.environment.id, now).await?;
        out.limit = Some(limit);
        if !limit.allowed {
            return Err(Refused::RateLimited(limit.limit).into());
        }
        let allowlist = Allowlist::parse(&principal.ip_allowlist)
            .map_err(|_| Error::bug("the address list of an API key is damaged"))?;
        if !allowlist.permits(incoming.address) {
            return Err(Refused::AddressNotPermitted.into());
        }
        operation.permissions().try_for_each(|permission| principal.require(permission))?;
        if principal.is_first_use() {
            self.last_uses.note(&principal, now);
        }
        Ok(Admitted { principal, limit })
    }

    async fn principal(&self, secret: &str, now: Timestamp) -> Result<Option<Arc<Principal>>> {
        let hash = secret_hash(secret);
        let mark = match self.principals.find(&hash, now) {
            Ok(principal) => return Ok(Some(principal)),
            Err(mark) => mark,
        };
        let master = Arc::clone(&self.app.master);
        let looked_up = hash.clone();
        let found = self
            .app
            .db
            .read("keys.find", move |tx| find_principal(tx, &master, &looked_up))
            .await?
            .map(Arc::new);
        self.principals.remember(hash, found.as_ref(), mark, now);
        Ok(found)
    }

    /// The organization's types and tags, perhaps a little old: the transaction checks.
    pub(crate) async fn catalog(&self, scope: &Scope) -> Result<Arc<Catalog>> {
        match self.app.catalogs.cached(&scope.environment.organization) {
            Some(catalog) => Ok(catalog),
            None => {
                self.refresh_catalog(scope).await?;
                self.app.catalogs.cached(&scope.environment.organization).ok_or(Error::Busy)
            }
        }
    }

    /// Loads the organization's types and tags as they are now.
    pub(crate) async fn refresh_catalog(&self, scope: &Scope) -> Result<()> {
        let (catalogs, organization) =
            (Arc::clone(&self.app.catalogs), scope.environment.organization.clone());
        self.app.db.read("catalog.refresh", move |tx| catalogs.current(tx, &organization).map(|_| ())).await
    }

    /// Reads a body of up to `bytes_max` (none when it is larger), and takes room for it among all bodies that
    /// are being worked on.
    async fn receive(
        &self,
        mut body: Body,
        bytes_max: usize,
    ) -> std::result::Result<(Option<Bytes>, Room<'_>), Reply> {
        let reading = tokio::time::timeout(BODY_WAIT_MAX, read(&mut body, bytes_max)).await;
        // A client that went away is not there to be answered; it counts as one that was too slow.
        let Ok(Ok(bytes)) = reading else { return Err(Refused::TooSlow.reply()) };
        let kibibytes = bytes.as_ref().map_or(0, Bytes::len).div_ceil(1024);
        match self.bodies.try_acquire_many(u32::try_from(kibibytes).unwrap_or(u32::MAX)) {
            Ok(room) => Ok((bytes, room)),
            Err(_) => Err(problem::reply(&Error::Busy)),
        }
    }

    async fn carry_out(self: Arc<Self>, call: Arc<Call>, file: &mut Option<Body>) -> Answered {
        let (id, request) = (call.operation.id, call.scope.source.clone());
        let asked = Arc::clone(&call);
        Arc::clone(&self).run(call, file).await.unwrap_or_else(|error| {
            match &error {
                Error::Internal(cause) => {
                    tracing::error!(%request, operation = id, cause, "a request failed");
                }
                Error::Busy | Error::Retry(_) => tracing::warn!(%request, operation = id, "too busy"),
                Error::KeyReused => return self.misused(&asked, problem::reply(&error)),
                _ => {}
            }
            Answered::plain(problem::reply(&error))
        })
    }

    async fn run(self: Arc<Self>, call: Arc<Call>, file: &mut Option<Body>) -> Result<Answered> {
        let end = match call.operation.run {
            Run::Read(run) => self.read(&call, run).await,
            Run::Write(run) => {
                let end = self.write(&call, run).await;
                if call.operation.permission == Some(Permission::ApiKeyWrite) {
                    self.principals.forget(&call.object_id);
                }
                end
            }
            Run::Lane(run) => run(Arc::clone(&self), Arc::clone(&call)).await,
            Run::Stream(run) => run(Arc::clone(&self), Arc::clone(&call)).await.map(|body| {
                *file = Some(body);
                Answered::plain(Reply { status: 200, body: Vec::new() })
            }),
        };
        match end {
            Err(error) if error.is_refusal() && call.claim.is_some() => self.keep_refusal(call, error).await,
            end => end,
        }
    }

    /// Runs a query on a reading connection.
    pub(crate) async fn read(
        &self,
        call: &Arc<Call>,
        run: fn(&mut ReadCx<'_, '_>, &Call) -> Result<Payload>,
    ) -> Result<Answered> {
        let (app, reading) = (Arc::clone(&self.app), Arc::clone(call));
        let payload = self.app.db.read(call.operation.id, move |tx| {
            let (scope, catalogs) = (&reading.scope, &app.catalogs);
            run(&mut ReadCx { tx, scope, catalogs, master: &app.master }, &reading)
        });
        Ok(Answered::plain(call.finish(200, &mut payload.await?)))
    }

    /// Runs a command in a transaction of its own, once per idempotency key; again where types or tags have
    /// changed meanwhile.
    pub(crate) async fn write(
        &self,
        call: &Arc<Call>,
        run: impl Fn(&mut Cx<'_, '_>, &Call) -> Result<Written> + Send + Sync + 'static,
    ) -> Result<Answered> {
        let run = Arc::new(run);
        for _ in 0..ATTEMPTS_MAX {
            let (catalog, app, call, run) =
                (self.catalog(&call.scope).await?, Arc::clone(&self.app), Arc::clone(call), Arc::clone(&run));
            let (name, scope) = (call.operation.id, call.scope.clone());
            let end = self
                .app
                .db
                .write(name, move |tx| {
                    let (scope, master) = (&call.scope, &*app.master);
                    let whose = (&*scope.environment, master, scope.now);
                    run_once(tx, whose, call.claim.as_ref(), problem::reply, |tx| {
                        let ids = &mut IdSource::random(scope.now);
                        let written = run(&mut Cx { tx, scope, catalog: &catalog, master, ids }, &call)?;
                        Ok(made(&call, written))
                    })
                })
                .await;
            match end {
                Err(Error::StaleCatalog) => self.refresh_catalog(&scope).await?,
                end => return end,
            }
        }
        Err(Error::Busy)
    }

    /// Keeps a refusal under its idempotency key, or repeats what was answered under it before.
    async fn keep_refusal(&self, call: Arc<Call>, error: Error) -> Result<Answered> {
        if matches!(error, Error::KeyReused) {
            return Err(error);
        }
        let (app, reply) = (Arc::clone(&self.app), problem::reply(&error));
        self.app
            .db
            .write("idempotency.keep_refusal", move |tx| {
                let whose = (&*call.scope.environment, &*app.master, call.scope.now);
                let made = Made { reply: reply.clone(), kept: None, subject: None };
                run_once(tx, whose, call.claim.as_ref(), problem::reply, |_| Ok(made))
            })
            .await
    }
}

/// The reply that a command makes, and what is kept of it where it has an idempotency key.
fn made(call: &Call, mut written: Written) -> Made {
    let reply = call.finish(written.status, &mut written.payload);
    let is_less = call.claim.is_some() && written.payload.narrow_to_kept() == Kept::Part;
    let kept = is_less.then(|| call.finish(written.status, &mut written.payload));
    Made { reply, kept, subject: written.subject }
}

/// Why a request was not admitted: by the pipeline, or by a command's error.
enum Admission {
    Refused(Refused),
    Failed(Error),
}

impl Admission {
    fn reply(&self, request: &RequestId) -> Reply {
        match self {
            Self::Refused(refused) => refused.reply(),
            Self::Failed(error) => {
                if let Error::Internal(cause) = error {
                    tracing::error!(%request, cause, "a request could not be admitted");
                }
                problem::reply(error)
            }
        }
    }
}

impl From<Refused> for Admission {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Error> for Admission {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Reads a body up to the limit. None when it is larger.
async fn read(body: &mut Body, bytes_max: usize) -> std::result::Result<Option<Bytes>, axum::Error> {
    match Limited::new(&mut *body, bytes_max).collect().await {
        Ok(collected) => Ok(Some(collected.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => {
            // Its sender reads why only after it was allowed to send.
            let mut left = DRAINED_BYTES_MAX;
            while let (Some(Ok(frame)), true) = (body.frame().await, left > 0) {
                left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            }
            Ok(None)
        }
        Err(error) => Err(axum::Error::new(error)),
    }
}

/// The secret of `Authorization: Bearer …`, with or without white space around it.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, secret) = value.split_once(char::is_whitespace)?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}
