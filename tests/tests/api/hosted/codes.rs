//! Codes by e-mail on the page that asks for them.

use std::sync::Arc;
use std::time::Duration;

use muster_app::outside::{Failure, Letter, Mail, Outside};
use muster_testkit::{Browser, TestApp, TestDb, on_both};
use serde_json::json;

use super::{ANSWERS, attribute, begin_code, inquiry, template_with};

/// Letters that were handed over.
#[derive(Default)]
struct Mailbox(std::sync::Mutex<Vec<Letter>>);

impl Mail for Mailbox {
    fn send(&self, letter: &Letter) -> Result<(), Failure> {
        self.0.lock().unwrap().push(letter.clone());
        Ok(())
    }
}

impl Mailbox {
    fn last_code(&self) -> String {
        let letters = self.0.lock().unwrap();
        let text = &letters.last().unwrap().text;
        text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).unwrap().to_owned()
    }
}

async fn with_mail(db: TestDb) -> (TestApp, Arc<Mailbox>) {
    let mail = Arc::new(Mailbox::default());
    let outside = Outside { mail: Some(Arc::clone(&mail) as Arc<dyn Mail>), ..Outside::default() };
    (TestApp::start_outside(db, outside).await, mail)
}

on_both! {
    async fn without_a_mail_server_a_sandbox_shows_the_code(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin_code(&app, &inquiry).await;
        assert!(page.html.contains("123456"), "{}", page.html);
        let page = browser.send(&page, "submit", &[("code", "123457")]).await;
        assert_eq!((page.status, page.fault("code")), (422, "This code is not right. Tries left: 4."));
        assert_eq!(browser.send(&page, "submit", &[("code", "123 456")]).await.title(), "Your bill");
    }

    async fn with_one_the_code_goes_out_and_is_nowhere_else(db: TestDb) {
        let (app, mail) = with_mail(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin_code(&app, &inquiry).await;
        assert!(page.html.contains("We sent a code to erika@example.org."), "{}", page.html);
        let before = app.dump();
        app.run_jobs().await;
        let code = mail.last_code();
        assert_eq!(mail.0.lock().unwrap().last().unwrap().to, "erika@example.org");
        assert!(!page.html.contains(&code), "the page does not tell it");
        for dump in [before, app.dump()] {
            assert!(!dump.windows(6).any(|window| window == code.as_bytes()), "the database does not hold it");
        }
        assert_eq!(browser.send(&page, "submit", &[("code", &code)]).await.title(), "Your bill");
    }

    async fn a_new_code_can_be_had_after_a_while_and_at_another_address(db: TestDb) {
        let (app, mail) = with_mail(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin_code(&app, &inquiry).await;
        let early = browser.send(&page, "resend", &[]).await;
        assert!(early.status == 422 && early.html.contains("seconds"), "{}", early.html);
        app.run_jobs().await;
        let old = mail.last_code();
        app.advance(Duration::from_secs(31));
        let wrong = browser.send(&page, "address", &[("address", "nobody")]).await;
        assert!(wrong.fault("address").contains("e-mail"), "{}", wrong.html);
        let page = browser.send(&page, "address", &[("address", "e@new.example")]).await;
        assert!(page.html.contains("We sent a code to e@new.example."), "{}", page.html);
        app.run_jobs().await;
        assert_eq!(mail.0.lock().unwrap().last().unwrap().to, "e@new.example");
        let new = mail.last_code();
        if old != new {
            assert_eq!(browser.send(&page, "submit", &[("code", &old)]).await.status, 422);
        }
        assert_eq!(browser.send(&page, "submit", &[("code", &new)]).await.title(), "Your bill");
        assert_eq!(attribute(&app, &inquiry, "fields/email-address/value").await, "e@new.example");
    }

    /// The address that a code did not go to is nobody's proven one.
    async fn a_code_proves_only_the_address_that_it_went_to(db: TestDb) {
        let (app, mail) = with_mail(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin_code(&app, &inquiry).await;
        app.run_jobs().await;
        let code = mail.last_code();
        // Too early for another code: the address is changed, and no code goes to it.
        let page = browser.send(&page, "address", &[("address", "e@new.example")]).await;
        assert_eq!(page.status, 422);
        assert_eq!(attribute(&app, &inquiry, "fields/email-address/value").await, "e@new.example");
        let refused = browser.send(&page, "submit", &[("code", &code)]).await;
        assert_eq!(refused.fault("code"), "This code has expired. Please ask for a new one.", "{}", refused.html);
        app.advance(Duration::from_secs(31));
        let page = browser.send(&page, "resend", &[]).await;
        app.run_jobs().await;
        assert_eq!(mail.0.lock().unwrap().last().unwrap().to, "e@new.example");
        let code = mail.last_code();
        assert_eq!(browser.send(&page, "submit", &[("code", &code)]).await.title(), "Your bill");
    }

    async fn a_code_that_is_late_or_tried_too_often_is_void(db: TestDb) {
        let app = TestApp::start(db).await;
        let inquiry = inquiry(&app).await;
        let (mut browser, page) = begin_code(&app, &inquiry).await;
        app.advance(Duration::from_mins(20));
        let late = browser.send(&page, "submit", &[("code", "123456")]).await;
        assert_eq!(late.fault("code"), "This code has expired. Please ask for a new one.");
        let page = browser.send(&page, "resend", &[]).await;
        for _ in 0..5 {
            browser.send(&page, "submit", &[("code", "000000")]).await;
        }
        let spent = browser.send(&page, "submit", &[("code", "123456")]).await;
        assert_eq!(spent.fault("code"), "This code was tried too often. Please ask for a new one.");
        app.advance(Duration::from_secs(31));
        let page = browser.send(&page, "resend", &[]).await;
        assert_eq!(browser.send(&page, "submit", &[("code", "123456")]).await.title(), "Your bill");
    }

    async fn production_without_a_mail_server_says_so_and_goes_no_further(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template_with(&app, "Flow", json!({})).await;
        let production = app.sibling_environment().await;
        let mut browser = Browser::new(&app);
        let link = format!("/verify?inquiry-template-id={template}&environment-id={}", production.environment);
        let page = browser.open(&link).await;
        let page = browser.send(&page, "submit", &ANSWERS).await;
        let page = browser.send(&page, "submit", &[]).await;
        assert!(page.html.contains("no mail server is configured"), "{}", page.html);
        for (act, texts) in [("resend", &[][..]), ("submit", &[("code", "123456")]), ("simulate", &[("outcome", "passed")])] {
            let page = browser.send(&page, act, texts).await;
            assert_eq!(page.title(), "Your code", "{act}: {}", page.html);
        }
    }
}
