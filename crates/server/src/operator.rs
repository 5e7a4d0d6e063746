//! Who sits at the command line, and what the user audit log tells of what they do.

use muster_app::keys::NewApiKey;
use muster_app::user_audit_logs::Operator;
use muster_domain::{ApiKeyId, Timestamp};
use muster_store::organizations::{Environment, Organization};
use serde_json::{Value, json};

/// Variables that hold the name of the login; who became another one with sudo is told by their own name.
const LOGINS: [&str; 3] = ["SUDO_USER", "USER", "LOGNAME"];

/// Whoever runs this program.
#[expect(clippy::disallowed_methods, reason = "the name of the login is no setting of Muster's")]
pub fn current() -> Operator {
    let login = LOGINS.iter().find_map(|name| std::env::var(name).ok().filter(|login| !login.is_empty()));
    let login = login.unwrap_or_else(|| "operator".to_owned());
    Operator { login, program: format!("muster/{}", env!("CARGO_PKG_VERSION")) }
}

/// What is told of a new organization.
pub fn new_organization(organization: &Organization) -> Value {
    json!({ "data": { "type": "organization", "id": organization.id.as_str(), "attributes": { "name": organization.name } } })
}

/// What is told of a new environment.
pub fn new_environment(environment: &Environment) -> Value {
    let attributes = json!({ "name": environment.name, "kind": environment.kind });
    json!({ "data": { "type": "environment", "id": environment.id.as_str(), "attributes": attributes } })
}

/// What is told of a new API key: never its secret.
pub fn new_key(id: &ApiKeyId, new: &NewApiKey) -> Value {
    let attributes = json!({
        "name": new.name,
        "permissions": new.permissions.names(),
        "ip-address-allowlist": new.ip_allowlist,
        "expires-at": new.expires_at.map(Timestamp::to_rfc3339_millis),
    });
    json!({
        "data": { "type": "api-key", "id": id.as_str(), "attributes": attributes },
        "meta": { "environment-id": new.environment.as_str() },
    })
}
