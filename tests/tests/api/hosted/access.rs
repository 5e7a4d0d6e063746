//! Who may see and answer an inquiry (spec A.7, H-15).

use std::time::Duration;

use muster_testkit::{Browser, TestApp, TestDb, on_both};
use serde_json::json;

use super::{ANSWERS, attribute, begin, inquiry, template_with};
use crate::bodies::attributes;

/// What nobody sees without a session.
const PERSONAL: [&str; 3] = ["Erika", "1974-08-12", "erika@example.org"];

fn tells_nothing(html: &str) {
    for text in PERSONAL {
        assert!(!html.contains(text), "{text} stands in {html}");
    }
}

on_both! {
    async fn an_inquiry_that_nobody_has_answered_is_open_to_anyone(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        for _ in 0..2 {
            let page = Browser::new(&app).open(&format!("/verify?inquiry-id={inquiry}")).await;
            assert_eq!((page.status, page.title()), (200, "Who are you?"));
        }
        assert_eq!(attribute(&app, &inquiry, "status").await, "created");
        let sessions = app.get(&format!("/inquiry-sessions?filter[inquiry-id]={inquiry}")).await;
        assert_eq!(sessions.ids().len(), 2);
        assert_eq!(sessions.text_at("/data/0/attributes/status"), "active");
    }

    async fn half_a_flow_is_nobody_elses(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin(&app, &inquiry).await;
        assert_eq!(attribute(&app, &inquiry, "status").await, "created", "a form alone starts nothing");
        let mut stranger = Browser::new(&app);
        for path in [format!("/verify?inquiry-id={inquiry}"), format!("/verify/{inquiry}"), format!("/verify/{inquiry}/leave")] {
            let refused = stranger.open(&path).await;
            assert_eq!((refused.status, refused.title()), (409, "Your session has expired"), "{path}");
            tells_nothing(&refused.html);
            assert!(stranger.cookies().is_empty());
        }
        let refused = stranger.send(&page, "submit", &[]).await;
        assert_eq!(refused.status, 409, "a form without a session");
        assert_eq!(browser.open(&format!("/verify/{inquiry}")).await.title(), "Thanks so far");
    }

    /// Whoever opened it by its ID before the person did does not read along.
    async fn the_first_answer_ends_the_sessions_of_all_others(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let mut stranger = Browser::new(&app);
        let theirs = stranger.open(&format!("/verify?inquiry-id={inquiry}")).await;
        assert_eq!(theirs.title(), "Who are you?");
        let (mut browser, _) = begin(&app, &inquiry).await;
        let refused = stranger.open(&format!("/verify/{inquiry}")).await;
        assert_eq!((refused.status, refused.title()), (409, "Your session has expired"));
        tells_nothing(&refused.html);
        let refused = stranger.send(&theirs, "submit", &ANSWERS).await;
        assert_eq!(refused.status, 409, "{}", refused.html);
        tells_nothing(&refused.html);
        assert_eq!(browser.open(&format!("/verify/{inquiry}")).await.title(), "Thanks so far");
    }

    async fn tokens_of_others_and_tokens_that_were_changed_open_nothing(db: TestDb) {
        let app = TestApp::start(db).await;
        let own = inquiry(&app).await;
        let (_, page) = begin(&app, &own).await;
        let template = template_with(&app, "Other", json!({})).await;
        let made = app.post("/inquiries", attributes(json!({ "inquiry-template-id": template }))).await;
        let other = made.id();
        let mut theirs = Browser::new(&app);
        theirs.open(&format!("/verify/{other}")).await;
        let cookie = theirs.cookies().pop().unwrap();
        let token = cookie.split_once('=').unwrap().1.to_owned();
        let mut tampered = token.clone();
        let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
        tampered.insert(tampered.len() - 3, last);
        for token in [token.as_str(), &tampered, "nonsense", "a.b.c"] {
            let mut thief = Browser::new(&app);
            thief.take_cookie(&format!("muster-session={token}; Path=/verify/{own}"));
            let refused = thief.open(&format!("/verify/{own}")).await;
            assert_eq!(refused.status, 409, "{}", refused.html);
            tells_nothing(&refused.html);
            let refused = thief.send(&page, "submit", &[]).await;
            assert_eq!(refused.status, 409, "{}", refused.html);
            let refused = Browser::new(&app).open(&format!("/verify?inquiry-id={own}&session-token={token}")).await;
            assert_eq!(refused.status, 409, "{}", refused.html);
        }
        assert_eq!(attribute(&app, &own, "next-step-name").await, "thanks");
    }

    async fn a_token_opens_its_inquiry_elsewhere_until_its_time_is_over(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        begin(&app, &inquiry).await;
        let resumed = app.post(&format!("/inquiries/{inquiry}/resume"), json!({})).await;
        let token = resumed.text_at("/meta/session-token").to_owned();
        let mut phone = Browser::new(&app);
        let page = phone.open(&format!("/verify?inquiry_id={inquiry}&session_token={token}")).await;
        assert_eq!((page.title(), page.path.as_str()), ("Thanks so far", format!("/verify/{inquiry}").as_str()));
        app.advance(Duration::from_hours(25));
        let late = phone.open(&format!("/verify/{inquiry}")).await;
        assert_eq!((late.status, late.title()), (410, "This link has expired"));
        app.run_jobs().await;
        let gone = Browser::new(&app).open(&format!("/verify?inquiry-id={inquiry}")).await;
        assert_eq!((gone.status, gone.title()), (410, "This link has expired"));
    }

    async fn a_decision_from_outside_ends_the_flow(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin(&app, &inquiry).await;
        app.post(&format!("/inquiries/{inquiry}/decline"), json!({})).await.good();
        let ended = browser.open(&format!("/verify/{inquiry}")).await;
        assert_eq!((ended.status, ended.title()), (409, "There is nothing more to do"));
        assert_eq!(browser.send(&page, "submit", &[]).await.status, 409);
        tells_nothing(&ended.html);
    }

    async fn forms_come_from_their_own_page_only(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let mut browser = Browser::new(&app);
        let page = browser.open(&format!("/verify/{inquiry}")).await;
        let mut forged = page.clone();
        forged.html = forged.html.replace(page.value("csrf"), "AAAAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(browser.send(&forged, "submit", &ANSWERS).await.status, 403);
        browser.headers.push(("sec-fetch-site", "cross-site".to_owned()));
        assert_eq!(browser.send(&page, "submit", &ANSWERS).await.status, 403);
        browser.headers.clear();
        assert_eq!(browser.send(&page, "submit", &ANSWERS).await.title(), "Thanks so far");
    }

    async fn pages_are_kept_nowhere_and_run_nothing_of_others(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let page = Browser::new(&app).open(&format!("/verify/{inquiry}")).await;
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
        let cookie = page.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Lax", "Secure", &format!("Path=/verify/{inquiry}")] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert_eq!(Browser::new(&app).open("/verify/inq_nonsense").await.status, 404);
        assert_eq!(Browser::new(&app).open("/verify").await.status, 400);
    }

    async fn what_people_type_is_nowhere_in_the_clear(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = crate::hosted::begin_document(&app, &inquiry).await;
        browser.upload(&page, &[], &[("file-1", "rent-of-erika.pdf", crate::hosted::PDF)]).await;
        let dump = app.dump();
        for text in ["Erika", "1974-08-12", "erika@example.org", "rent-of-erika", "%PDF-1.4"] {
            let found = dump.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
            assert!(!found, "{text} stands in the database");
        }
    }
}
