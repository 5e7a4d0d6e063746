//! A template with a verification of each kind, inquiries made from it, and what is handed in for them.

use std::sync::Arc;

use hyper::Method;
use muster_app::inquiries::{self, Inquiry};
use muster_app::inquiry_templates::{OnDraft, Publication, Save, create, find_by_name};
use muster_app::record::{self, Record};
use muster_app::verifications::{
    self, BroughtFile, GivenDocument, GivenId, How, Means, Submission, Verification,
};
use muster_app::{Cx, Scope, jobs, keys};
use muster_domain::event::{Actor, Source};
use muster_domain::field::Upload;
use muster_domain::inquiry_template::InquiryTemplateSpec;
use muster_domain::verification::VerificationKind;
use muster_domain::{DocumentId, IdSource, InquiryId, VerificationId, VerificationTemplateId};
use muster_testkit::{Reply, Tenant, TestApp};
use serde_json::{Value, json};

/// A template with a verification of each kind that templates have.
const TEMPLATE: &str = r#"
name = "NAME"

[[field-schemas]]
key = "name-first"

[[field-schemas]]
key = "name-last"

[[field-schemas]]
key = "birthdate"

[[verifications]]
key = "passport"
kind = "government-id"
attempts-max = 2

[[verifications]]
key = "face"
kind = "selfie"

[[verifications]]
key = "bill"
kind = "document"

[[verifications]]
key = "register"
kind = "database"

[[verifications]]
key = "email"
kind = "email-address"

[[steps]]
name = "start"
kind = "government-id"
title = "Your passport"
verification = "passport"
next = "face"

[[steps]]
name = "face"
kind = "selfie"
title = "You"
verification = "face"
next = "bill"

[[steps]]
name = "bill"
kind = "document"
title = "A bill"
verification = "bill"
next = "success"

[[steps]]
name = "success"
kind = "complete"
title = "Thank you"
"#;

/// The specimen of the German passport: Erika Mustermann, born on 12 August 1964.
pub const LINES: &str =
    "P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<\nC01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4";

/// An inquiry whose verifications a test makes.
pub struct Scene<'a> {
    pub app: &'a TestApp,
    pub tenant: Tenant,
    pub inquiry: InquiryId,
}

impl<'a> Scene<'a> {
    /// An inquiry about Erika Mustermann in the sandbox of the tenant.
    pub async fn new(app: &'a TestApp) -> Self {
        Self::of(app, app.tenant.clone()).await
    }

    /// The same in an environment.
    pub async fn of(app: &'a TestApp, tenant: Tenant) -> Self {
        let scene = Self { app, tenant, inquiry: InquiryId::trusted(String::new()) };
        let template = scene.write(|cx| {
            let text = TEMPLATE.replace("NAME", cx.scope.environment.id.as_str());
            let spec = InquiryTemplateSpec::from_toml(&text).unwrap();
            let save = Save {
                spec: &spec,
                description: None,
                publication: Publication::Publish,
                on_draft: OnDraft::Refuse,
            };
            match find_by_name(cx.tx, cx.scope, cx.scope.environment.id.as_str())? {
                Some(template) => Ok(template.id),
                None => create(cx, &save).map(|saved| saved.template.id),
            }
        });
        let fields = json!({ "name-first": "Erika", "name-last": "Mustermann", "birthdate": "1964-08-12" });
        let body =
            json!({ "data": { "attributes": { "inquiry-template-id": template.await, "fields": fields } } });
        let made = app.request(Method::POST, "/inquiries").key(&scene.tenant.key).json(&body).send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        Self { inquiry: made.id().parse().unwrap(), ..scene }
    }

    /// Runs a command in a transaction of its own.
    pub async fn write<T: Send + 'static>(
        &self,
        command: impl FnMut(&mut Cx<'_, '_>) -> muster_app::Result<T> + Clone + Send + 'static,
    ) -> T {
        self.try_write(command).await.unwrap()
    }

    /// The same, where it may be refused.
    pub async fn try_write<T: Send + 'static>(
        &self,
        command: impl FnMut(&mut Cx<'_, '_>) -> muster_app::Result<T> + Clone + Send + 'static,
    ) -> muster_app::Result<T> {
        let (app, id) = (Arc::clone(&self.app.app), self.tenant.environment.clone());
        self.app.advance(std::time::Duration::from_millis(20));
        tokio::task::spawn_blocking(move || {
            let master = Arc::clone(&app.master);
            let environment = app.db.read_blocking("test", move |tx| keys::environment(tx, &master, &id))?;
            let scope =
                Scope { environment, actor: Actor::System, source: Source::CommandLine, now: app.now() };
            jobs::transact(&app, &scope, "test", command)
        })
        .await
        .unwrap()
    }

    /// Runs a command on the inquiry.
    pub async fn on_inquiry<T: Send + 'static>(
        &self,
        mut command: impl FnMut(&mut Cx<'_, '_>, &mut Record<Inquiry>) -> muster_app::Result<T>
        + Clone
        + Send
        + 'static,
    ) -> muster_app::Result<T> {
        let id = self.inquiry.clone();
        self.try_write(move |cx| {
            let mut inquiry = inquiries::open(cx, &id)?;
            command(cx, &mut inquiry)
        })
        .await
    }

    /// Begins the verification of a key.
    pub async fn begin(&self, key: &'static str) -> VerificationId {
        let made = self.on_inquiry(move |cx, inquiry| verifications::create(cx, inquiry, key)).await;
        made.unwrap().item.id
    }

    /// Begins the verification of a key and hands something in.
    pub async fn hand_in(&self, key: &'static str, submission: Submission, means: Means) -> Verification {
        let id = self.begin(key).await;
        let submitted = self.on_inquiry(move |cx, inquiry| {
            verifications::submit(cx, inquiry, &id, &submission, How::Checked(means))
        });
        submitted.await.unwrap().item
    }

    /// A verification of any kind, also of those that nobody can make yet.
    pub async fn of_kind(&self, kind: VerificationKind) -> VerificationId {
        let made = self.on_inquiry(move |cx, inquiry| {
            let mut like = verifications::create(cx, inquiry, "face")?.item;
            (like.id, like.kind) = (cx.ids.mint(), kind);
            record::insert(cx, like, None, Vec::new())
        });
        made.await.unwrap().item.id
    }

    /// The document of a verification of a key that was handed in.
    pub async fn document(&self, key: &'static str) -> DocumentId {
        let file = picture("a document", "document.png");
        let submission = match key {
            "passport" => Submission::GovernmentId(GivenId { front: Some(file), ..GivenId::default() }),
            _ => Submission::Document(GivenDocument { files: vec![file], ..GivenDocument::default() }),
        };
        self.hand_in(key, submission, Means::Alone).await.document.unwrap()
    }

    /// The verification template of a key.
    pub async fn template(&self, key: &'static str) -> VerificationTemplateId {
        self.on_inquiry(move |cx, inquiry| {
            let version = inquiries::version(cx.tx, cx.scope, &inquiry.item.template_version)?;
            Ok(version.definition.verification(key).unwrap().id.clone())
        })
        .await
        .unwrap()
    }

    /// Retrieves with the key of the tenant.
    pub async fn get(&self, path: &str) -> Reply {
        self.app.request(Method::GET, path).key(&self.tenant.key).send().await
    }

    /// Sends a request without a body with the key of the tenant.
    pub async fn send(&self, method: Method, path: &str) -> Reply {
        self.app.request(method, path).key(&self.tenant.key).send().await
    }

    /// The resource of a verification.
    pub async fn verification(&self, id: &VerificationId) -> Value {
        self.get(&format!("/verifications/{id}")).await.at("/data").clone()
    }

    /// The names of events of this environment, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let reply = self.get("/events?page[size]=100").await;
        let names = reply.at("/data").as_array().unwrap().iter().rev();
        names.map(|event| event["attributes"]["name"].as_str().unwrap().to_owned()).collect()
    }
}

/// A picture on its way: it is none that could be looked at, and that does not matter.
pub fn picture(says: &str, filename: &str) -> Arc<BroughtFile> {
    let bytes = [b"\x89PNG\r\n\x1a\n", says.as_bytes()].concat();
    let upload = Upload { filename: filename.to_owned(), mime_type: "image/png", page_count: Some(1), bytes };
    let now = muster_testkit::db::NOW;
    Arc::new(verifications::bring(upload, &mut IdSource::random(now)).unwrap())
}

/// The statuses of the checks of a verification, by name.
pub fn outcome(verification: &Value, name: &str) -> String {
    let checks = verification["attributes"]["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["name"] == name);
    found.map(|check| check["status"].as_str().unwrap().to_owned()).unwrap_or_default()
}
