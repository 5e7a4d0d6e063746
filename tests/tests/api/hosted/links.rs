//! Links: with the ID of a template, with a code (spec A.9, B.4, B.5).

use muster_testkit::{Browser, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{attribute, inquiry, template_with};
use crate::bodies::attributes;

async fn link(app: &TestApp, inquiry: &str) -> String {
    let made = app.post(&format!("/inquiries/{inquiry}/generate-one-time-link"), json!({})).await;
    let link = made.text_at("/meta/one-time-link").to_owned();
    link.split_once("muster.example").map(|(_, path)| path.to_owned()).unwrap()
}

async fn only_inquiry(app: &TestApp) -> Value {
    let mut all = app.all("/inquiries").await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// A flow that asks for an address and writes it into the account. Returns the ID of its template.
async fn short(app: &TestApp) -> String {
    let definition = json!({
        "name": "Short",
        "field-schemas": [{ "key": "email-address", "type": "email-address" }],
        "steps": [
            { "name": "start", "kind": "form", "title": "Where?", "inputs": [{ "field": "email-address" }], "next": "create" },
            { "name": "create", "kind": "create-account", "next": "update" },
            { "name": "update", "kind": "update-account", "fields": { "email_address": "email-address" }, "next": "success" },
            { "name": "success", "kind": "complete", "title": "Done" },
        ],
    });
    app.post("/inquiry-templates", attributes(json!({ "definition": definition }))).await.id().to_owned()
}

on_both! {
    async fn a_one_time_link_works_once_and_leaves_the_address(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let path = link(&app, &inquiry).await;
        let mut browser = Browser::new(&app);
        browser.headers.push(("sec-purpose", "prefetch".to_owned()));
        assert_eq!(browser.open(&path).await.status, 204, "who only looks ahead uses nothing up");
        browser.headers.clear();
        let page = browser.open(&path).await;
        assert_eq!((page.title(), page.path.as_str()), ("Who are you?", format!("/verify/{inquiry}").as_str()));
        // A page that is loaded twice must not lock anybody out.
        assert_eq!(browser.open(&path).await.status, 200);
        app.advance(std::time::Duration::from_mins(6));
        let used = Browser::new(&app).open(&path).await;
        assert_eq!((used.status, used.title()), (410, "This link does not work any more"));
        assert_eq!(Browser::new(&app).open("/verify?code=nonsense").await.status, 410);
    }

    async fn the_short_form_leads_to_the_same_place(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let path = link(&app, &inquiry).await.replace("/verify?code=", "/v/");
        assert_eq!(Browser::new(&app).open(&path).await.title(), "Who are you?");
    }

    async fn a_link_with_a_template_makes_an_inquiry_and_finds_the_account(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template_with(&app, "Flow", json!({ "redirect-hosts": ["shop.example"] })).await;
        let path = format!(
            "/verify?inquiry_template_id={template}&reference-id=erika&fields[name-first]=Erika&language=de&redirect-uri=https%3A%2F%2Fshop.example%2Fdone"
        );
        let page = Browser::new(&app).open(&path).await;
        assert_eq!(page.title(), "Wer sind Sie?", "{}", page.html);
        assert_eq!(page.value("name-first"), "Erika");
        let made = only_inquiry(&app).await;
        assert_eq!(made["attributes"]["reference-id"], "erika");
        assert_eq!(made["attributes"]["creator"], "Web");
        Browser::new(&app).open(&path).await;
        assert_eq!(app.all("/inquiries").await.len(), 2, "each time another one");
        assert_eq!(app.all("/accounts").await.len(), 1, "of the same account");
    }

    /// Anybody can write a link with the reference ID of somebody else.
    async fn a_link_changes_no_account_that_was_there_before(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = short(&app).await;
        let fields = json!({ "reference-id": "erika", "fields": { "email_address": "erika@example.org" } });
        let account = app.post("/accounts", attributes(fields)).await.id().to_owned();
        let email = async |account: &str| {
            app.get(&format!("/accounts/{account}")).await.at("/data/attributes/fields/email_address/value").clone()
        };
        let answer = async |path: &str| {
            let mut browser = Browser::new(&app);
            let page = browser.open(path).await;
            assert_eq!(browser.send(&page, "submit", &[("email-address", "thief@evil.example")]).await.title(), "Done");
        };
        answer(&format!("/verify?inquiry-template-id={template}&reference-id=erika")).await;
        let made = only_inquiry(&app).await;
        assert_eq!(made["relationships"]["account"]["data"]["id"], account.as_str(), "it is of that account");
        assert_eq!(email(&account).await, "erika@example.org");

        answer(&format!("/verify?inquiry-template-id={template}&reference-id=new")).await;
        let new = app.get("/accounts?filter[reference-id]=new").await.ids()[0].to_owned();
        assert_eq!(email(&new).await, "thief@evil.example", "what the link itself made is its own");

        let own = attributes(json!({ "inquiry-template-id": template, "account-id": account }));
        let own = app.post("/inquiries", own).await.id().to_owned();
        answer(&format!("/verify?inquiry-id={own}")).await;
        assert_eq!(email(&account).await, "thief@evil.example", "who has a key may send anybody");
    }

    async fn a_link_that_makes_no_sense_makes_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template_with(&app, "Flow", json!({})).await;
        let blocked = template_with(&app, "Blocked", json!({ "block-client-creation": true })).await;
        let table = [
            (format!("inquiry-template-id={template}&inquiry-id=inq_1"), 400),
            (format!("inquiry-template-id={template}&account-id=act_1&reference-id=x"), 400),
            (format!("inquiry-template-id={template}&redirect-uri=https%3A%2F%2Fevil.example"), 400),
            (format!("inquiry-template-id={template}&fields[nothing]=1"), 400),
            (format!("inquiry-template-id={template}&environment=production"), 400),
            (format!("inquiry-template-id={blocked}"), 403),
            ("inquiry-template-id=itmpl_1111111111111111111111111".to_owned(), 400),
            ("inquiry-template-id=nonsense".to_owned(), 400),
        ];
        for (query, status) in table {
            let page = Browser::new(&app).open(&format!("/verify?{query}")).await;
            assert_eq!(page.status, status, "{query}: {}", page.html);
        }
        assert!(app.all("/inquiries").await.is_empty() && app.all("/accounts").await.is_empty());
    }

    async fn where_there_are_several_environments_a_link_names_one(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template_with(&app, "Flow", json!({})).await;
        let production = app.sibling_environment().await;
        let path = format!("/verify?inquiry-template-id={template}");
        let page = Browser::new(&app).open(&path).await;
        assert_eq!(page.status, 400);
        assert!(page.html.contains("environment-id"), "{}", page.html);
        let named = format!("{path}&environment-id={}", production.environment);
        let page = Browser::new(&app).open(&named).await;
        assert_eq!(page.title(), "Who are you?");
        assert!(!page.html.contains("class=\"sandbox\""), "production has no bar");
        assert_eq!(Browser::new(&app).open(&format!("{path}&environment=sandbox")).await.status, 200);
    }

    /// What fetches a page again and again without a cookie leaves sessions for the person.
    async fn a_program_without_cookies_does_not_use_all_sessions_up(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let path = format!("/verify/{inquiry}");
        for _ in 0..5 {
            assert_eq!(Browser::new(&app).open(&path).await.status, 200);
        }
        for _ in 0..30 {
            let refused = Browser::new(&app).open(&path).await;
            assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
        }
        let sessions = app.get(&format!("/inquiry-sessions?filter[inquiry-id]={inquiry}")).await;
        assert_eq!(sessions.ids().len(), 5);
        let by_code = link(&app, &inquiry).await;
        assert_eq!(Browser::new(&app).open(&by_code).await.title(), "Who are you?", "who was given a link comes in");
        app.advance(std::time::Duration::from_mins(11));
        let mut browser = Browser::new(&app);
        assert_eq!(browser.open(&path).await.title(), "Who are you?");
        assert_eq!(browser.open(&path).await.status, 200, "a browser with its cookie is let in again");
    }

    async fn an_inquiry_has_as_many_sessions_as_its_template_allows(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = crate::hosted::inquiry_with(&app, json!({ "sessions-max": 2, "expire-on-session-limit": true }), json!({})).await;
        let path = format!("/verify/{inquiry}");
        assert_eq!(Browser::new(&app).open(&path).await.status, 200);
        assert_eq!(Browser::new(&app).open(&path).await.status, 200);
        assert_eq!(Browser::new(&app).open(&path).await.status, 409);
        assert_eq!(attribute(&app, &inquiry, "status").await, "expired");
    }
}
