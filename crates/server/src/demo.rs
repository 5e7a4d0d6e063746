//! What `serve --demo` sets up: an organization to try things in, and demo.json that tells its ids.

mod example;

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use muster_app::inquiries::TemplateVersion;
use muster_app::keys::{self, NewApiKey};
use muster_app::user_audit_logs::record_command;
use muster_app::{App, Catalog, Catalogs, setup};
use muster_domain::inquiry_template::VerificationKind;
use muster_domain::{
    AccountType, Grants, IdSource, OrganizationId, Permission, RelationSchema, ReportKind, ReportTemplate,
    Timestamp,
};
use muster_store::{account_types, organizations, report_templates};
use serde_json::{Map, Value};

use crate::cli::place::Place;
use crate::cli::templates::Written;
use crate::operator;
use crate::output::{Failure, fail};

/// The keys, by their names in the file, and the kind of environment each opens. The first is printed.
const KEYS: [(&str, &str); 2] = [("api-key", "sandbox"), ("production-api-key", "production")];

/// The inquiry template of the demo.
const TEMPLATE: &str = include_str!("../../../examples/templates/demo.toml");

/// The relation of the default type.
const RELATION: &str = "related_accounts";

/// Names and IDs for demo.json.
type Facts = Vec<(String, String)>;

/// What the demo is tried with.
pub struct Demo {
    /// The API key of the sandbox.
    pub key: String,
    /// The link that opens the flow of the demo, as somebody new.
    pub link: String,
}

/// Sets up what is missing and writes `demo.json` into the data folder.
///
/// # Errors
/// What the database or the file system reports.
pub fn prepare(app: &App, data: &Path, listen: SocketAddr) -> Result<Demo, Failure> {
    let file = data.join("demo.json");
    let mut facts = read(&file);
    let known = facts.get("organization-id").and_then(Value::as_str).map(str::to_owned);
    let organization = find_or_create(app, known)?;
    let mut keys = Vec::with_capacity(KEYS.len());
    for (fact, kind) in KEYS {
        let key = match facts.get(fact).and_then(Value::as_str) {
            Some(key) if opens_everything(app, key)? => key.to_owned(),
            _ => new_key(app, &organization, kind)?,
        };
        keys.push((fact, key));
    }
    let catalog = catalog(app, &organization)?;
    let report_templates = templates(app, &organization)?;
    let (version, names) = template(app, &organization)?;
    let example = match facts.contains_key("inquiry-id") {
        true => Vec::new(),
        false => example::make(app, &organization, &version)?,
    };
    let mut put = |name: &str, value: &str| facts.insert(name.to_owned(), Value::String(value.to_owned()));
    put("base-url", &format!("http://{listen}/api/v1"));
    for (fact, key) in &keys {
        put(fact, key);
    }
    put("organization-id", organization.as_str());
    put("account-type-id", catalog.default_account_type()?.id.as_str());
    if catalog.default_account_type()?.relation(RELATION).is_some() {
        put("relation-schema-key", RELATION);
    }
    for (name, id) in names.into_iter().chain(example) {
        put(&name, &id);
    }
    if let Some(ty) = catalog.account_type_named("Business") {
        put("business-account-type-id", ty.id.as_str());
    }
    for template in &report_templates {
        put(template.kind.template_type(), template.id.as_str());
    }
    let template = facts.get("inquiry-template-id").and_then(Value::as_str).unwrap_or_default();
    let link = format!("http://{listen}/verify?inquiry-template-id={template}&environment=sandbox");
    facts.insert("demo-link".to_owned(), Value::String(link.clone()));
    write(&file, &facts)?;
    let sandbox = keys.into_iter().next().map(|(_, key)| key);
    sandbox.map(|key| Demo { key, link }).ok_or_else(|| Failure("there is no demo key".into()))
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
    let operator = operator::current();
    let found = app.db.write_blocking("demo.prepare", move |tx| {
        let all = organizations::list(tx)?;
        let noted = all.iter().find(|one| known.as_deref() == Some(one.id.as_str()));
        if noted.is_some() || !all.is_empty() {
            return Ok::<_, muster_app::Error>(noted.map(|found| found.id.clone()));
        }
        let ids = &mut IdSource::random(now);
        let organization = setup::create_organization(tx, "Demo", ids, now)?;
        account_types::insert(tx, &organization.id, &AccountType::business(ids, now))?;
        for mut ty in account_types::list(tx, &organization.id)?.into_iter().filter(|ty| ty.is_default) {
            ty.relations.push(related_accounts(&ty.name));
            account_types::update(tx, &organization.id, &ty)?;
        }
        monitor_watchlists(tx, &organization.id, now)?;
        for (kind, name) in [("sandbox", "Sandbox"), ("production", "Production")] {
            setup::create_environment(tx, &master, &organization.id, (kind, name), ids, now)?;
        }
        let command = ("serve/demo/create-organization", operator::new_organization(&organization));
        record_command(tx, (&master, &organization.id), &operator, command, (ids, now))?;
        Ok(Some(organization.id))
    })?;
    match found {
        Some(organization) => Ok(organization),
        None => {
            fail("--demo is for an empty database, or for one whose demo.json is still in the data folder")
        }
    }
}

/// Reports on watchlists are run again every thirty days.
fn monitor_watchlists(
    tx: &mut muster_store::Tx<'_>,
    organization: &OrganizationId,
    now: Timestamp,
) -> muster_app::Result<()> {
    let Some(mut template) = report_templates::find_default(tx, organization, ReportKind::Watchlist)? else {
        return Ok(());
    };
    template.definition.interval_days = Some(30);
    template.revision += 1;
    template.updated_at = now;
    report_templates::update(tx, organization, &template)?;
    Ok(())
}

/// The report templates that reports naming only a kind use.
fn templates(app: &App, organization: &OrganizationId) -> Result<Vec<ReportTemplate>, Failure> {
    let organization = organization.clone();
    let all = app.db.read_blocking("demo.report_templates", move |tx| {
        report_templates::list(tx, &organization).map_err(muster_app::Error::from)
    })?;
    Ok(all.into_iter().filter(|template| template.is_default).collect())
}

/// Any two accounts of the default type can be related.
fn related_accounts(ty: &str) -> RelationSchema {
    RelationSchema {
        key: RELATION.to_owned(),
        label: Some("Related accounts".to_owned()),
        target: ty.to_owned(),
        many: true,
        inverse: Some(RELATION.to_owned()),
    }
}

/// Whether it is a key that may use every operation; one of an older version may lack some.
fn opens_everything(app: &App, key: &str) -> Result<bool, Failure> {
    let (hash, master, now) = (keys::secret_hash(key), Arc::clone(&app.master), app.now());
    let found = app.db.read_blocking("keys.find", move |tx| keys::find_principal(tx, &master, &hash))?;
    Ok(found.is_some_and(|key| {
        !key.is_expired(now) && Permission::ALL.iter().all(|scope| key.require(*scope).is_ok())
    }))
}

fn new_key(app: &App, organization: &OrganizationId, kind: &'static str) -> Result<String, Failure> {
    let (now, master, organization) = (app.now(), Arc::clone(&app.master), organization.clone());
    let operator = operator::current();
    let made = app.db.write_blocking("demo.key", move |tx| {
        let environments = organizations::list_environments(tx, &organization)?;
        let Some(environment) = environments.into_iter().find(|one| one.kind == kind) else {
            return Ok::<_, muster_app::Error>(None);
        };
        let permissions = Grants::everything();
        let new = NewApiKey { permissions, ..NewApiKey::named(environment.id, "Demo") };
        let ids = &mut IdSource::random(now);
        let (id, secret) = keys::create(tx, &new, ids, now)?;
        let command = ("serve/demo/create-key", operator::new_key(&id, &new));
        record_command(tx, (&master, &organization), &operator, command, (ids, now))?;
        Ok(Some(secret))
    })?;
    match made {
        Some(secret) => Ok(secret),
        None => fail(format!(
            "--demo needs a {kind} environment; create one with muster admin create-environment"
        )),
    }
}

/// Applies the template that the demo brings along, and names it and its verifications by their kinds.
///
/// Where its name is taken by a template that somebody changed, that one stays as it is.
fn template(app: &App, organization: &OrganizationId) -> Result<(Arc<TemplateVersion>, Facts), Failure> {
    let place = Place::find(app, organization.clone().into())?;
    let written = Written::new("demo.toml".to_owned(), TEMPLATE.to_owned())?;
    let version = written.found_or_applied(app, &place)?;
    let mut facts = vec![
        ("inquiry-template-id".to_owned(), version.template.to_string()),
        ("inquiry-template-version-id".to_owned(), version.id.to_string()),
    ];
    for verification in &version.definition.verifications {
        let id = verification.id.to_string();
        let kind = verification.config.kind;
        facts.push((format!("verification-template-id/{}", kind.name()), id.clone()));
        if kind == VerificationKind::GovernmentId {
            facts.push(("verification-template-id".to_owned(), id));
        }
    }
    Ok((version, facts))
}

fn catalog(app: &App, organization: &OrganizationId) -> Result<Arc<Catalog>, Failure> {
    let organization = organization.clone();
    let catalogs = Catalogs::default();
    Ok(app.db.read_blocking("catalog.current", move |tx| catalogs.current(tx, &organization))?)
}
