//! A flow from its first page to its last.

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{
    ANSWERS, PDF, PNG, attribute, begin, begin_code, begin_document, inquiry, inquiry_with, template_with,
};
use crate::bodies::attributes;
use muster_testkit::Browser;

/// A passport that fits what the tests answer, good until 2033.
const ZONE: &str =
    "P<UTOMUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F3304156<<<<<<<<<<<<<<04";

on_both! {
    async fn a_person_walks_from_the_first_page_to_the_last(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry_with(&app, json!({}), json!({ "redirect-uri": "https://shop.example/done?cart=7#top" })).await;
        let (mut browser, page) = begin_document(&app, &inquiry).await;
        assert_eq!(attribute(&app, &inquiry, "status").await, "pending");
        let page = browser.upload(&page, &[], &[("file-1", "bill.pdf", PDF), ("file-2", "photo.png", PNG)]).await;
        assert_eq!(page.title(), "Your passport", "{}", page.html);
        let page = browser.upload(&page, &[("class", "pp"), ("mrz", ZONE)], &[("front", "front.png", PNG)]).await;
        assert_eq!(page.title(), "Done", "{}", page.html);
        let onward = format!("https://shop.example/done?cart=7&#38;inquiry-id={inquiry}&#38;status=completed#top");
        assert!(page.html.contains(&onward), "{}", page.html);

        let shown = app.get(&format!("/inquiries/{inquiry}")).await;
        assert_eq!(shown.text_at("/data/attributes/status"), "completed");
        assert_eq!(shown.text_at("/data/attributes/next-step-name"), "success");
        assert_eq!(shown.text_at("/data/attributes/fields/name-first/value"), "Erika");
        let count = |name: &str| shown.at(&format!("/data/relationships/{name}/data")).as_array().unwrap().len();
        assert_eq!((count("verifications"), count("documents"), count("sessions")), (3, 2, 1));
        let account = shown.text_at("/data/relationships/account/data/id");
        let account = app.get(&format!("/accounts/{account}")).await;
        assert_eq!(account.text_at("/data/attributes/fields/email_address/value"), "erika@example.org");

        let again = browser.open(&format!("/verify/{inquiry}")).await;
        assert_eq!(again.title(), "Done", "who comes back sees the end again");
        let stranger = Browser::new(&app).open(&format!("/verify?inquiry-id={inquiry}")).await;
        assert_eq!((stranger.status, stranger.title()), (409, "There is nothing more to do"));
    }

    async fn events_tell_the_walk_in_its_order(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, mut page) = begin_code(&app, &inquiry).await;
        for title in ["Your bill", "Your passport", "Done"] {
            // Nobody answers within milliseconds.
            app.advance(std::time::Duration::from_secs(1));
            page = browser.send(&page, "simulate", &[("outcome", "passed")]).await;
            assert_eq!(page.title(), title, "{}", page.html);
        }
        let wanted = [
            "inquiry.created", "verification.created", "inquiry.started", "verification.submitted",
            "verification.passed", "inquiry.transitioned", "document.created", "verification.submitted",
            "verification.passed", "inquiry.transitioned", "document.created", "verification.passed",
            "account.created", "inquiry.transitioned", "inquiry.completed",
        ];
        let told = app.events().await;
        assert!(told.iter().any(|event| event == "account.updated-fields"), "{told:?}");
        let mut rest = told.iter();
        for name in wanted {
            assert!(rest.any(|event| event == name), "{name} is missing or early in {told:?}");
        }
    }

    async fn faults_stand_beside_their_inputs_and_what_was_typed_stays(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let mut browser = Browser::new(&app);
        let page = browser.open(&format!("/verify/{inquiry}")).await;
        let typed = [("name-first", "<i>E</i>"), ("birthdate", "2021-02-03"), ("email-address", "nobody")];
        let page = browser.send(&page, "submit", &typed).await;
        assert_eq!(page.status, 422);
        assert_eq!(page.fault("birthdate"), "The date must not be after 2020-12-31.");
        assert!(page.fault("email-address").contains("e-mail"), "{}", page.html);
        assert_eq!(page.fault("name-first"), "");
        assert_eq!(page.value("name-first"), "&#60;i&#62;E&#60;/i&#62;");
        assert_eq!(attribute(&app, &inquiry, "fields/name-first/value").await, Value::Null);
        let page = browser.send(&page, "submit", &ANSWERS).await;
        assert_eq!(page.title(), "Thanks so far");
    }

    async fn a_form_that_is_sent_twice_counts_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let mut browser = Browser::new(&app);
        let first = browser.open(&format!("/verify/{inquiry}")).await;
        let mut other = Browser::new(&app);
        for cookie in browser.cookies() {
            other.take_cookie(&format!("{cookie}; Path=/verify/{inquiry}"));
        }
        let (one, two) = tokio::join!(
            browser.send_only(&first, "submit", &ANSWERS),
            other.send_only(&first, "submit", &[("name-first", "Max"), ("email-address", "max@example.org")]),
        );
        assert_eq!((one.status, two.status), (303, 303));
        let moved = app.events().await.iter().filter(|name| *name == "inquiry.transitioned").count();
        assert_eq!(moved, 1, "one of them was too late");
        let page = browser.open(&format!("/verify/{inquiry}")).await;
        let name = attribute(&app, &inquiry, "fields/name-first/value").await;
        // An old page, sent again much later, changes nothing either.
        let replayed = browser.send(&first, "submit", &[("name-first", "Eve"), ("email-address", "eve@example.org")]).await;
        assert_eq!((page.title(), replayed.title()), ("Thanks so far", "Thanks so far"));
        assert_eq!(attribute(&app, &inquiry, "fields/name-first/value").await, name);
    }

    async fn attempts_that_are_used_up_fail_the_inquiry(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin_document(&app, &inquiry).await;
        let page = browser.send(&page, "simulate", &[("outcome", "failed")]).await;
        let page = browser.send(&page, "simulate", &[("outcome", "failed")]).await;
        assert_eq!(page.title(), "Your passport");
        assert!(page.html.contains("That did not work"), "{}", page.html);
        let page = browser.send(&page, "simulate", &[("outcome", "failed")]).await;
        assert_eq!(page.title(), "Failed", "the template allows two attempts: {}", page.html);
        assert_eq!(attribute(&app, &inquiry, "status").await, "failed");
    }

    async fn an_account_that_is_there_is_changed_and_one_that_refuses_does_not_stop_the_person(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template_with(&app, "Flow", json!({})).await;
        let mut body = attributes(json!({ "inquiry-template-id": template }));
        body["meta"] = json!({ "auto-create-account-reference-id": "erika" });
        let made = app.post("/inquiries", body).await;
        let account = made.text_at("/data/relationships/account/data/id").to_owned();
        let (mut browser, mut page) = begin_code(&app, made.id()).await;
        // Archived accounts take no changes.
        app.post(&format!("/accounts/{account}/archive"), json!({})).await;
        for _ in 0..3 {
            page = browser.send(&page, "simulate", &[("outcome", "passed")]).await;
        }
        assert_eq!(page.title(), "Done", "{}", page.html);
        assert_eq!(attribute(&app, made.id(), "status").await, "completed");
    }

    async fn the_language_is_that_of_the_link_of_the_choice_or_of_the_browser(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let mut browser = Browser::new(&app);
        browser.headers.push(("accept-language", "de-AT,de;q=0.9".to_owned()));
        let page = browser.open(&format!("/verify/{inquiry}")).await;
        assert_eq!(page.title(), "Wer sind Sie?");
        assert!(page.html.contains("<html lang=\"de\"") && page.html.contains("Weiter"), "{}", page.html);
        let page = browser.send(&page, "language", &[("language", "en")]).await;
        assert_eq!(page.title(), "Who are you?");
        let page = browser.open(&format!("/verify/{inquiry}?language=de")).await;
        assert_eq!((page.title(), page.path.as_str()), ("Wer sind Sie?", format!("/verify/{inquiry}").as_str()));
    }

    async fn whoever_leaves_can_come_back(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin(&app, &inquiry).await;
        let asked = browser.open(&format!("/verify/{inquiry}/leave")).await;
        assert_eq!(asked.title(), "Leave for now?");
        let left = browser.send(&page, "leave", &[]).await;
        assert_eq!(left.title(), "See you later");
        assert!(app.events().await.contains(&"inquiry-session.canceled".to_owned()));
        assert_eq!(browser.open(&format!("/verify/{inquiry}")).await.title(), "Thanks so far");
    }
}
