//! The wall between tenants and between scopes, for every operation there is.

use hyper::Method;
use muster_api::doc::Need;
use muster_api::{Operation, operations};
use muster_domain::verification::VerificationKind;
use muster_domain::{Grants, OrganizationId, Permission};
use muster_testkit::{Tenant, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;
use crate::verifications::scene::Scene;

/// One object of each kind, in one environment.
#[derive(Default)]
struct Objects {
    account: String,
    account_type: String,
    api_key: String,
    event: String,
    template: String,
    template_version: String,
    api_log: String,
    user_audit_log: String,
    verification: String,
    document: String,
    inquiry: String,
    session: String,
    report: String,
    report_template: String,
    importer_file: String,
    importer_pipeline: String,
    importer_run: String,
    importer: String,
}

impl Objects {
    /// Makes them with a key of their environment.
    async fn create(app: &TestApp, tenant: &Tenant, name: &str) -> Self {
        let key = &tenant.key;
        let post = async |path: &str, body: Value| {
            let reply = app.request(Method::POST, path).key(key).json(&attributes(body)).send().await;
            reply.id().to_owned()
        };
        let relation = json!([{ "key": "partners", "target": name, "many": true, "inverse": "partners" }]);
        let ty = json!({ "name": name, "field-schemas": [{ "key": "name" }], "relation-schemas": relation });
        let account_type = post("/account-types", ty).await;
        let account =
            post("/accounts", json!({ "reference-id": name, "account-type-id": account_type })).await;
        let api_key = post("/api-keys", json!({ "name": name, "permissions": [] })).await;
        let made =
            app.request(Method::POST, "/inquiry-templates").key(key).json(&template(name)).send().await;
        let template_version = made.at("/meta/inquiry-template-version-id").as_str().unwrap().to_owned();
        let template = made.id().to_owned();
        let scene = Scene::of(app, tenant.clone()).await;
        let verification = scene.of_kind(VerificationKind::Selfie).await.to_string();
        let document = scene.document("bill").await.to_string();
        let inquiry = post("/inquiries", json!({ "inquiry-template-id": template })).await;
        let session = post("/inquiry-sessions", json!({ "inquiry-id": inquiry })).await;
        let events = app.request(Method::GET, "/events").key(key).send().await;
        let api_log = events.header("request-id").to_owned();
        let user_audit_log = newest_audit_log(app, &tenant.organization).await;
        let query = json!({ "data": {
            "type": "report/watchlist", "attributes": { "query": { "term": name }, "account-id": account } } });
        let report = app.request(Method::POST, "/reports").key(key).json(&query).send().await.id().to_owned();
        let templates = app.request(Method::GET, "/report-templates").key(key).send().await;
        let report_template = templates.ids()[0].to_owned();
        let event = events.ids()[0].to_owned();
        let importer_file =
            post("/importer-files", json!({ "file": { "data": "aWQKMQo=", "filename": name } })).await;
        let mapping =
            json!([{ "column": "id", "target": "reference-id" }, { "constant": "new", "target": "tags" }]);
        let config = json!({ "account-type-id": account_type, "mapping": mapping });
        let importer_pipeline =
            post("/importer-pipelines", json!({ "name": name, "pipeline-config": config })).await;
        let run = format!("/importer-pipelines/{importer_pipeline}/run");
        let importer_run = post(&run, json!({ "file-id": importer_file, "dry-run": true })).await;
        let file = json!({ "data": "bmFtZV9maXJzdApFdmUK", "filename": name });
        let importer = post("/importer/accounts", json!({ "file": file })).await;
        Self {
            account,
            account_type,
            api_key,
            event,
            template,
            template_version,
            api_log,
            user_audit_log,
            verification,
            document,
            inquiry,
            session,
            report,
            report_template,
            importer_file,
            importer_pipeline,
            importer_run,
            importer,
        }
    }

    /// What a reply to strangers must not hold. The log of requests tells them what they asked for themselves.
    fn hidden(&self, operation: &Operation) -> Vec<&str> {
        match operation.id {
            "list-all-api-logs" => vec![&self.api_log],
            _ => vec![
                &self.account,
                &self.account_type,
                &self.api_key,
                &self.event,
                &self.template,
                &self.template_version,
                &self.api_log,
                &self.user_audit_log,
                &self.verification,
                &self.document,
                &self.inquiry,
                &self.session,
                &self.report,
                &self.report_template,
                &self.importer_file,
                &self.importer_pipeline,
                &self.importer_run,
                &self.importer,
            ],
        }
    }

    /// The path of an operation on one of these objects, with what its query must have.
    fn path(&self, operation: &Operation) -> String {
        let path = operation
            .path
            .replace("{account-id}", &self.account)
            .replace("{account-type-id}", &self.account_type)
            .replace("{api-key-id}", &self.api_key)
            .replace("{api-log-id}", &self.api_log)
            .replace("{event-id}", &self.event)
            .replace("{report-id}", &self.report)
            .replace("{report-template-id}", &self.report_template)
            .replace("{inquiry-template-id}", &self.template)
            .replace("{inquiry-template-version-id}", &self.template_version)
            .replace("{user-audit-log-id}", &self.user_audit_log)
            .replace("{verification-id}", &self.verification)
            .replace("{document-id}", &self.document)
            .replace("{inquiry-id}", &self.inquiry)
            .replace("{inquiry-session-id}", &self.session)
            .replace("{importer-file-id}", &self.importer_file)
            .replace("{part-number}", "1")
            .replace("{importer-pipeline-id}", &self.importer_pipeline)
            .replace("{importer-pipeline-run-id}", &self.importer_run)
            .replace("{importer-id}", &self.importer);
        let query = operation.doc.filters.iter().filter_map(|filter| match filter.need {
            Need::Required("$inquiry-template-id") => {
                Some(format!("?filter[{}]={}", filter.name, self.template))
            }
            Need::Required(value) => Some(format!("?filter[{}]={value}", filter.name)),
            Need::Optional => None,
        });
        path + &query.collect::<String>()
    }
}

/// The audit log cannot be read in a sandbox, so it is looked into.
async fn newest_audit_log(app: &TestApp, organization: &OrganizationId) -> String {
    let organization = organization.clone();
    let newest = app.app.db.read("test", move |tx| muster_app::user_audit_logs::newest(tx, &organization, 1));
    newest.await.unwrap()[0].id.to_string()
}

/// Whether an operation is for production alone.
fn is_for_production(operation: &Operation) -> bool {
    operation.path.starts_with("/user-audit-logs")
}

/// A template that says as little as can be.
fn template(name: &str) -> Value {
    let steps = json!([
        { "name": "start", "kind": "text", "title": "Hello", "next": "success" },
        { "name": "success", "kind": "complete" },
    ]);
    attributes(json!({ "definition": { "name": name, "steps": steps } }))
}

/// An account that is nowhere.
const NOBODY: &str = "act_111111111111111111111111";

/// A body that the operation takes. A new operation gets its line here, and its wall is tested.
#[expect(clippy::too_many_lines, reason = "a table with a line for each operation")]
fn body(operation: &Operation) -> Option<Value> {
    if matches!(operation.tag, "Verifications" | "Documents") {
        return Some(json!({}));
    }
    let meta = |meta: Value| Some(json!({ "meta": meta }));
    match operation.id {
        "list-all-accounts"
        | "retrieve-an-account"
        | "search-accounts"
        | "list-all-account-types"
        | "retrieve-an-account-type"
        | "list-all-api-keys"
        | "retrieve-an-api-key"
        | "clone-api-key"
        | "list-all-events"
        | "retrieve-an-event"
        | "list-all-api-logs"
        | "retrieve-an-api-log"
        | "list-all-rate-limits"
        | "list-all-user-audit-logs"
        | "retrieve-a-user-audit-log"
        | "list-all-inquiries"
        | "retrieve-an-inquiry"
        | "print-an-inquiry-pdf"
        | "print-report-pdf"
        | "redact-an-inquiry"
        | "approve-an-inquiry"
        | "decline-an-inquiry"
        | "mark-an-inquiry-for-review"
        | "expire-an-inquiry"
        | "resume-an-inquiry"
        | "generate-a-one-time-link"
        | "search-inquiries"
        | "list-all-inquiry-sessions"
        | "retrieve-an-inquiry-session"
        | "expire-an-inquiry-session"
        | "generate-a-one-time-link-for-an-inquiry-session"
        | "list-all-inquiry-templates"
        | "retrieve-an-inquiry-template"
        | "list-all-inquiry-template-versions"
        | "retrieve-an-inquiry-template-version"
        | "retrieve-inquiry-template-translations"
        | "publish-an-inquiry-template"
        | "accounts-list-all-relations"
        | "list-the-timeline-of-an-account"
        | "list-the-field-origins-of-an-account"
        | "retrieve-an-account-as-of"
        | "list-all-reports"
        | "retrieve-a-report"
        | "redact-a-report"
        | "report-action-re-run-report"
        | "report-action-pause-continuous-monitoring"
        | "report-action-resume-continuous-monitoring"
        | "list-report-history"
        | "list-the-runs-of-a-report"
        | "list-all-report-templates"
        | "retrieve-a-report-template"
        | "redact-an-account"
        | "archive-an-account"
        | "restore-an-account"
        | "unconsolidate-an-account"
        | "list-all-importers"
        | "retrieve-an-importer"
        | "list-the-errors-of-an-importer"
        | "download-the-errors-of-an-importer"
        | "retrieve-an-importer-file"
        | "upload-a-part-of-an-importer-file"
        | "complete-an-importer-file"
        | "propose-a-mapping-of-an-importer-file"
        | "list-all-importer-pipelines"
        | "retrieve-an-importer-pipeline"
        | "archive-an-importer-pipeline"
        | "list-all-importer-pipeline-runs"
        | "retrieve-an-importer-pipeline-run"
        | "pause-an-importer-pipeline-run"
        | "resume-an-importer-pipeline-run"
        | "cancel-an-importer-pipeline-run"
        | "commit-an-importer-pipeline-run"
        | "undo-an-importer-pipeline-run"
        | "retry-an-importer-pipeline-run"
        | "redact-an-importer-pipeline-run"
        | "list-the-rows-of-an-importer-pipeline-run"
        | "download-the-rejects-of-an-importer-pipeline-run" => Some(json!({})),
        "create-an-importer-file" => Some(attributes(json!({ "filename": "new.csv" }))),
        "import-an-account" => {
            Some(attributes(json!({ "file": { "data": "bmFtZV9maXJzdApFdmUK", "filename": "new.csv" } })))
        }
        "create-an-importer-pipeline" => {
            let mapping = json!([{ "column": "id", "target": "reference-id" }, { "constant": "new", "target": "tags" }]);
            Some(attributes(json!({ "name": "Brand new", "pipeline-config": { "mapping": mapping } })))
        }
        "update-an-importer-pipeline" => Some(attributes(json!({ "name": "Renamed" }))),
        "run-an-importer-pipeline" => {
            Some(attributes(json!({ "file-id": "mprtf_111111111111111111111111" })))
        }
        "create-a-report" => Some(json!({ "data": {
            "type": "report/watchlist", "attributes": { "query": { "term": "Eve" } } } })),
        "dismiss-matches" => Some(attributes(json!({ "reason": "Somebody else." }))),
        "create-a-report-template" => Some(attributes(json!({ "name": "Brand new", "kind": "watchlist" }))),
        "update-a-report-template" => Some(attributes(json!({ "name": "Renamed" }))),
        "create-an-api-key" => Some(attributes(json!({ "name": "Brand new", "permissions": [] }))),
        "update-an-api-key" => Some(attributes(json!({ "name": "Renamed" }))),
        "expire-an-api-key" => Some(json!({ "meta": { "expires-in-seconds": 60 } })),
        "batch-accounts" => Some(json!({ "data": [{ "id": NOBODY }, { "attributes": {} }] })),
        "create-an-account" => Some(attributes(json!({ "name-first": "Eve" }))),
        "update-an-account" => Some(attributes(json!({ "reference-id": "Eve" }))),
        "create-an-account-type" => Some(attributes(json!({ "name": "Brand new" }))),
        "update-an-account-type" => Some(attributes(json!({ "name": "Renamed" }))),
        "create-an-inquiry" => {
            Some(attributes(json!({ "inquiry-template-id": "itmpl_111111111111111111111111" })))
        }
        "update-an-inquiry" => Some(attributes(json!({ "note": "Eve" }))),
        "inquiries-add-tag" | "inquiries-remove-tag" => meta(json!({ "tag-name": "seen" })),
        "inquiries-set-all-tags" => meta(json!({ "tag-name": ["seen"] })),
        "inquiries-perform-simulate-actions" => {
            meta(json!({ "simulate-actions": [{ "type": "start_inquiry" }] }))
        }
        "create-an-inquiry-session" => {
            Some(attributes(json!({ "inquiry-id": "inq_111111111111111111111111" })))
        }
        "expire-inquiry-sessions" => meta(json!({ "inquiry-ids": ["inq_111111111111111111111111"] })),
        "create-an-inquiry-template" => Some(template("Brand new")),
        "update-an-inquiry-template" => Some(template("Renamed")),
        "import-inquiry-template-translations" => Some(attributes(json!({ "translations": [] }))),
        "accounts-add-tag" | "accounts-remove-tag" | "reports-add-tag" | "reports-remove-tag" => {
            meta(json!({ "tag-name": "seen" }))
        }
        "accounts-set-all-tags" | "reports-set-all-tags" => meta(json!({ "tag-name": ["seen"] })),
        "accounts-add-relation" | "accounts-remove-relation" => {
            meta(json!({ "relation-schema-key": "partners", "target-object-id": NOBODY }))
        }
        "consolidate-into-an-account" | "preview-a-consolidation" => {
            meta(json!({ "source-account-ids": [NOBODY] }))
        }
        "runAccountAction" => Some(json!({ "data": { "account-action-id": "accac_1" } })),
        _ => None,
    }
}

async fn call(app: &TestApp, operation: &Operation, path: &str, key: Option<&str>) -> (u16, String) {
    let request = app.request(operation.method.clone(), path);
    let bearer = key.map(|key| format!("Bearer {key}"));
    let body = body(operation).unwrap_or_default();
    let reply = request.authorization(bearer.as_deref()).json(&body).send().await;
    (reply.status, reply.text())
}

#[test]
fn every_operation_has_a_sample() {
    for operation in operations() {
        assert!(body(operation).is_some(), "give {} a body, so that its wall is tested", operation.id);
        let path = Objects::default().path(operation);
        assert!(!path.contains('{'), "give {path} an object of its kind");
    }
}

on_both! {
    async fn every_operation_wants_a_key(db: TestDb) {
        let app = TestApp::start(db).await;
        let objects = Objects::create(&app, &app.tenant, "Own").await;
        let told = app.events().await;
        for operation in operations() {
            let path = objects.path(operation);
            assert_eq!(call(&app, operation, &path, None).await.0, 401, "{}", operation.id);
            assert_eq!(call(&app, operation, &path, Some("muster_sandbox_x")).await.0, 401, "{}", operation.id);
        }
        assert_eq!(app.events().await, told);
    }

    async fn every_operation_wants_its_own_scope(db: TestDb) {
        let app = TestApp::start(db).await;
        let production = app.sibling_environment().await;
        for operation in operations() {
            let objects = Objects::create(&app, &app.tenant, operation.id).await;
            let environment = if is_for_production(operation) { &production } else { &app.tenant }.environment.clone();
            let key = async |grants: Grants| app.key_with(|key| {
                key.environment = environment.clone();
                key.permissions = grants;
            }).await;
            let with = key(operation.permissions().collect()).await;
            let path = objects.path(operation);

            for needed in operation.permissions() {
                let others = Permission::ALL.iter().copied().filter(|scope| *scope != needed);
                let without = key(others.collect()).await;
                assert_eq!(call(&app, operation, &path, Some(&without)).await.0, 403, "{}", operation.id);
            }
            let (status, text) = call(&app, operation, &path, Some(&with)).await;
            assert!(status != 401 && status != 403 && status < 500, "{} {status} {text}", operation.id);
        }
    }

    async fn no_operation_reaches_another_organization(db: TestDb) {
        let app = TestApp::start(db).await;
        let stranger = app.second_environment().await;
        let theirs = Objects::create(&app, &stranger, "Theirs").await;
        Objects::create(&app, &app.tenant, "Own").await;
        let production = app.sibling_environment().await;
        let before = whole(&app, &stranger).await;

        for operation in operations() {
            let own = if is_for_production(operation) { &production } else { &app.tenant };
            let (status, text) = call(&app, operation, &theirs.path(operation), Some(&own.key)).await;
            if operation.path.contains('{') {
                assert_eq!((status, text.as_str()), (404, r#"{"errors":[{"title":"Record not found"}]}"#), "{}", operation.id);
            }
            for id in theirs.hidden(operation) {
                assert!(!text.contains(id), "{} tells of {id}", operation.id);
            }
        }

        assert_eq!(whole(&app, &stranger).await, before);
    }

    async fn no_operation_reaches_the_accounts_of_another_environment(db: TestDb) {
        let app = TestApp::start(db).await;
        let sibling = app.sibling_environment().await;
        let theirs = Objects::create(&app, &sibling, "Theirs").await;

        // Types, templates and the audit log belong to the organization.
        let shared = |operation: &&Operation| {
            ["/account-types", "/inquiry-template", "/report-templates"].iter().any(|start| operation.path.starts_with(start))
                || is_for_production(operation)
        };
        for operation in operations().iter().filter(|operation| !shared(operation)) {
            let (status, text) = call(&app, operation, &theirs.path(operation), Some(&app.tenant.key)).await;
            if operation.path.contains('{') {
                assert_eq!(status, 404, "{}", operation.id);
            }
            let shared = [
                &theirs.account_type,
                &theirs.user_audit_log,
                &theirs.template,
                &theirs.template_version,
                &theirs.report_template,
            ];
            let hidden = theirs.hidden(operation).into_iter().filter(|id| !shared.iter().any(|one| one == id));
            assert_eq!(hidden.filter(|id| text.contains(id)).count(), 0, "{}", operation.id);
        }
        let shared = app.get(&format!("/account-types/{}", theirs.account_type)).await;
        assert_eq!(shared.status, 200, "types belong to the organization");
    }

    async fn filters_and_references_do_not_reach_across(db: TestDb) {
        let app = TestApp::start(db).await;
        let stranger = app.second_environment().await;
        let theirs = Objects::create(&app, &stranger, "Theirs").await;
        let Objects { account, account_type, api_key, event, .. } = &theirs;

        for path in [
            "/accounts?filter[reference-id]=Theirs".to_owned(),
            format!("/accounts?page[before]={account}"),
            format!("/events?filter[object-id]={account}"),
            format!("/events?filter[id]={event}"),
            format!("/events?filter[object-id]={account_type}"),
            "/api-keys?filter[name]=Theirs".to_owned(),
            format!("/reports?filter[account-id]={account}"),
            "/reports?filter[reference-id]=Theirs".to_owned(),
            format!("/api-keys?filter[name]=Theirs&page[before]={api_key}"),
        ] {
            assert_eq!(app.get(&path).await.at("/data"), &json!([]), "{path}");
        }
        let typed = app.post("/accounts", attributes(json!({ "account-type-id": account_type }))).await;
        assert_eq!(typed.status, 422);
        let relation = json!([{ "key": "owners", "target": "Theirs" }]);
        let related = app.post("/account-types", attributes(json!({ "name": "X", "relation-schemas": relation }))).await;
        assert_eq!(related.status, 422);
        assert_eq!(app.events().await, Vec::<String>::new());
    }
}

/// Everything that a tenant can see.
async fn whole(app: &TestApp, tenant: &Tenant) -> Vec<Value> {
    let mut all = Vec::new();
    for path in [
        "/accounts",
        "/account-types",
        "/api-keys",
        "/events",
        "/inquiry-templates",
        "/inquiries",
        "/inquiry-sessions",
        "/reports",
        "/report-templates",
        "/importers",
        "/importer-pipelines",
        "/importer-pipeline-runs",
    ] {
        let reply = app.request(Method::GET, path).key(&tenant.key).send().await;
        // Links to files end at another moment every time.
        let texts = reply
            .text()
            .split("access_token=")
            .map(|text| text.split_once('"').map_or(text, |(_, rest)| rest).to_owned())
            .collect::<Vec<_>>();
        all.push(json!(texts));
    }
    all.push(json!(newest_audit_log(app, &tenant.organization).await));
    all
}
