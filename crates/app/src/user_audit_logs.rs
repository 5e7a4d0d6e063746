//! What people did with Muster: entries of the user audit log, and the users they tell of.
//!
//! There is no sign-in yet. People work at the command line, as a user of the organization that has the name
//! of their login; what an API key did to API keys is told without a user and names the key.

mod read;

use muster_domain::event::{Actor, Source};
use muster_domain::{IdSource, OrganizationId, Timestamp, UserAuditLogId, UserId, UserSessionId};
use muster_store::Tx;
use muster_store::seal::{DataKey, MasterKey};
use muster_store::user_audit_logs::{self as rows, UserAuditLogRow};
use muster_store::users::{self, UserRow};
use serde_json::{Value, json};

pub use read::{PageRequest, User, UserAuditLog, get, newest, page, user};

use crate::{Cx, Result};

/// Users that Muster knows by the name of their login.
const OPERATOR: &str = "operator";
/// Operators of one organization that are told apart; whoever comes later is told as a new one each time.
const OPERATORS_MAX: i64 = 200;
/// What stands for the address of somebody at the machine itself.
const AT_THE_MACHINE: &str = "127.0.0.1";

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Deed<'a> {
    /// HTTP method; `POST` for a command.
    pub method: &'a str,
    /// The path of the request; `/cli/…` for a command.
    pub path: &'a str,
    /// HTTP status; 200 for a command.
    pub status: i64,
    /// A JSON object: to what it was done, and how. Nothing personal and no secret.
    pub params: Value,
}

/// Somebody at the command line. The name of the login is personal and never prints.
#[derive(Clone)]
pub struct Operator {
    /// The name of the login.
    pub login: String,
    /// The program and its version.
    pub program: String,
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator").field("program", &self.program).finish_non_exhaustive()
    }
}

/// Records what a request did, in its transaction.
///
/// # Errors
/// What the store reports.
pub(crate) fn record(cx: &mut Cx<'_, '_>, deed: &Deed<'_>) -> Result<()> {
    let mut context = serde_json::Map::new();
    if let Actor::ApiKey(id) = &cx.scope.actor {
        context.insert("api-key-id".to_owned(), json!(id.as_str()));
    }
    if let Source::Request(id) = &cx.scope.source {
        context.insert("request-id".to_owned(), json!(id.as_str()));
    }
    let entry = entry(cx.ids, deed, &Value::Object(context), cx.scope.now);
    Ok(rows::insert(cx.tx, &cx.scope.environment.organization, &entry)?)
}

/// Records what a command did, in the transaction of the command: as a session of its own.
///
/// # Errors
/// What the store reports.
pub fn record_command(
    tx: &mut Tx<'_>,
    (master, organization): (&MasterKey, &OrganizationId),
    operator: &Operator,
    (command, params): (&str, Value),
    (ids, now): (&mut IdSource, Timestamp),
) -> Result<()> {
    let user = find_or_create(tx, master, organization, operator, (&mut *ids, now))?;
    let session: UserSessionId = ids.mint();
    users::insert_session(tx, organization, &session, &user, now)?;
    let path = format!("/cli/{command}");
    let deed = Deed { method: "POST", path: &path, status: 200, params };
    let entry = UserAuditLogRow {
        user_id: Some(user),
        user_session_id: Some(session),
        ip_address: Some(AT_THE_MACHINE.to_owned()),
        user_agent: Some(operator.program.clone()),
        ..entry(ids, &deed, &json!({}), now)
    };
    Ok(rows::insert(tx, organization, &entry)?)
}

/// Forgets up to `limit` entries and as many sessions that are older than `before`; says how many in all.
///
/// # Errors
/// What the store reports.
pub fn prune(tx: &mut Tx<'_>, organization: &OrganizationId, before: Timestamp, limit: i64) -> Result<u64> {
    // IDs begin with the time: this one sorts after all of earlier milliseconds.
    let ids = &mut IdSource::new(before, [0; 32]);
    let (entry, session) = (ids.mint::<UserAuditLogId>(), ids.mint::<UserSessionId>());
    let entries = rows::prune(tx, organization, &entry, limit)?;
    Ok(entries + users::prune_sessions(tx, organization, &session, limit)?)
}

fn entry(ids: &mut IdSource, deed: &Deed<'_>, context: &Value, now: Timestamp) -> UserAuditLogRow {
    UserAuditLogRow {
        id: ids.mint(),
        user_id: None,
        user_session_id: None,
        method: deed.method.to_owned(),
        path: deed.path.to_owned(),
        post_params: deed.params.to_string(),
        ip_address: None,
        user_agent: None,
        response_status: deed.status,
        context: context.to_string(),
        created_at: now,
    }
}

/// The user of that login. Names are sealed, so they are opened and compared: operators are few.
fn find_or_create(
    tx: &mut Tx<'_>,
    master: &MasterKey,
    organization: &OrganizationId,
    operator: &Operator,
    (ids, now): (&mut IdSource, Timestamp),
) -> Result<UserId> {
    for row in users::of_kind(tx, organization, OPERATOR, OPERATORS_MAX)? {
        let known = read::open(master, organization, &row)?;
        if known.name_first.as_deref() == Some(operator.login.as_str()) {
            return Ok(row.id);
        }
    }
    let (id, key) = (ids.mint::<UserId>(), DataKey::random());
    let profile = json!({ "name-first": operator.login }).to_string();
    let row = UserRow {
        kind: OPERATOR.to_owned(),
        wrapped: Some(key.wrap(master, organization.as_str(), id.as_str())?),
        profile: key.seal(profile.as_bytes(), &read::identity(&id))?,
        created_at: now,
        id: id.clone(),
    };
    users::insert(tx, organization, &row)?;
    Ok(id)
}
