//! What `serve --demo` sets up: an organization to try things in, and demo.json that tells its ids.

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use muster_app::keys::{self, NewApiKey};
use muster_app::{App, Catalog, Catalogs, setup};
use muster_domain::{AccountType, IdSource, OrganizationId};
use muster_store::{account_types, organizations};
use serde_json::{Map, Value};

use crate::output::{Failure, fail};

/// Sets up what is missing and writes `demo.json` into the data folder. Returns the sandbox API key.
///
/// # Errors
/// What the database or the file system reports.
pub fn prepare(app: &App, data: &Path, listen: SocketAddr) -> Result<String, Failure> {
    let file = data.join("demo.json");
    let mut facts = read(&file);
    let known = facts.get("organization-id").and_then(Value::as_str).map(str::to_owned);
    let organization = find_or_create(app, known)?;
    let key = match facts.get("api-key").and_then(Value::as_str) {
        Some(key) if opens(app, key)? => key.to_owned(),
        _ => new_key(app, &organization)?,
    };
    let catalog = catalog(app, &organization)?;
    let mut put = |name: &str, value: &str| facts.insert(name.to_owned(), Value::String(value.to_owned()));
    put("base-url", &format!("http://{listen}/api/v1"));
    put("api-key", &key);
    put("organization-id", organization.as_str());
    put("account-type-id", catalog.default_account_type()?.id.as_str());
    if let Some(ty) = catalog.account_type_named("Business") {
        put("business-account-type-id", ty.id.as_str());
    }
    write(&file, &facts)?;
    Ok(key)
}

fn read(file: &Path) -> Map<String, Value> {
    std::fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// The file holds a key: it is for its owner alone, and is replaced in one step.
fn write(file: &Path, facts: &Map<String, Value>) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(facts).map_err(|error| Failure(error.to_string()))?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = file.with_extension("json.new");
    let mut out =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    out.write_all(text.as_bytes())?;
    out.write_all(b"\n")?;
    out.sync_all()?;
    std::fs::rename(&fresh, file)?;
    Ok(())
}

/// The demo organization: the one noted, or a new one in an empty database. Nobody else's.
fn find_or_create(app: &App, known: Option<String>) -> Result<OrganizationId, Failure> {
    let (now, master) = (app.now(), Arc::clone(&app.master));
    let found = app.db.write_blocking("demo.prepare", move |tx| {
        let all = organizations::list(tx)?;
        let noted = all.iter().find(|one| known.as_deref() == Some(one.id.as_str()));
        if noted.is_some() || !all.is_empty() {
            return Ok::<_, muster_app::Error>(noted.map(|found| found.id.clone()));
        }
        let ids = &mut IdSource::random(now);
        let organization = setup::create_organization(tx, "Demo", ids, now)?;
        account_types::insert(tx, &organization.id, &AccountType::business(ids, now))?;
        for (kind, name) in [("sandbox", "Sandbox"), ("production", "Production")] {
            setup::create_environment(tx, &master, &organization.id, (kind, name), ids, now)?;
        }
        Ok(Some(organization.id))
    })?;
    match found {
        Some(organization) => Ok(organization),
        None => {
            fail("--demo is for an empty database, or for one whose demo.json is still in the data folder")
        }
    }
}

fn opens(app: &App, key: &str) -> Result<bool, Failure> {
    let (hash, master) = (keys::secret_hash(key), Arc::clone(&app.master));
    let found = app.db.read_blocking("keys.find", move |tx| keys::find_principal(tx, &master, &hash))?;
    Ok(found.is_some())
}

fn new_key(app: &App, organization: &OrganizationId) -> Result<String, Failure> {
    let (now, organization) = (app.now(), organization.clone());
    let made = app.db.write_blocking("demo.key", move |tx| {
        let environments = organizations::list_environments(tx, &organization)?;
        let Some(sandbox) = environments.into_iter().find(|one| one.kind == "sandbox") else {
            return Ok::<_, muster_app::Error>(None);
        };
        let new = NewApiKey {
            environment: sandbox.id,
            name: "Demo".into(),
            permissions: None,
            ip_allowlist: vec!["*".into()],
            api_version: muster_api::versions::ApiVersion::NEWEST.as_str().into(),
            expires_at: None,
        };
        keys::create(tx, &new, &mut IdSource::random(now), now).map(|(_, secret)| Some(secret))
    })?;
    match made {
        Some(secret) => Ok(secret),
        None => fail("--demo needs a sandbox environment; create one with muster admin create-environment"),
    }
}

fn catalog(app: &App, organization: &OrganizationId) -> Result<Arc<Catalog>, Failure> {
    let organization = organization.clone();
    let catalogs = Catalogs::default();
    Ok(app.db.read_blocking("catalog.current", move |tx| catalogs.current(tx, &organization))?)
}
