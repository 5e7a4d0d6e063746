//! `GET /inquiries`: pages and filters.

use hyper::Method;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{act, create, simulate, template, template_with};

/// Six inquiries: of two templates, two accounts and some statuses, oldest first.
struct Six {
    ids: Vec<String>,
    template: String,
    accounts: Vec<String>,
}

async fn six(app: &TestApp) -> Six {
    let (template, other) = (template(app).await, template_with(app, "Other", json!({})).await);
    let (mut ids, mut accounts) = (Vec::new(), Vec::new());
    for i in 0..6 {
        let of = if i < 4 { &template } else { &other };
        let meta = json!({ "auto-create-account-reference-id": format!("R,{}", i % 2) });
        let made = create(app, of, json!({ "note": format!("note, {}", i % 3) }), meta).await;
        accounts.push(made.text_at("/data/relationships/account/data/id").to_owned());
        ids.push(made.id().to_owned());
        app.advance(std::time::Duration::from_secs(60));
    }
    simulate(app, &ids[0], &["start"]).await.good();
    act(app, &ids[1], "mark-for-review").await.good();
    act(app, &ids[5], "approve").await.good();
    Six { ids, template, accounts }
}

on_both! {
    async fn filters_narrow_each_other(db: TestDb) {
        let app = TestApp::start(db).await;
        let Six { ids, template, accounts } = six(&app).await;
        let created = |i: usize| {
            let path = format!("/inquiries/{}", ids[i]);
            let app = &app;
            async move { app.get(&path).await.text_at("/data/attributes/created-at").to_owned() }
        };
        let (second, fourth) = (created(1).await, created(3).await);
        for (query, wanted) in [
            (String::new(), vec![5, 4, 3, 2, 1, 0]),
            (format!("filter[inquiry-id]={},{},inq_x", ids[0], ids[4]), vec![4, 0]),
            (format!("filter[account-id]={}", accounts[0]), vec![4, 2, 0]),
            (format!("filter[account-id]={},{}", accounts[0], accounts[1]), vec![5, 4, 3, 2, 1, 0]),
            (format!("filter[account-id]={}&filter[status]=created", accounts[0]), vec![4, 2]),
            ("filter[reference-id]=r,1".to_owned(), vec![5, 3, 1]),
            (format!("filter[reference-id]=R,1&filter[account-id]={}", accounts[0]), vec![]),
            ("filter[reference-id]=nobody".to_owned(), vec![]),
            ("filter[note]=note, 1".to_owned(), vec![4, 1]),
            ("filter[note]=note".to_owned(), vec![]),
            (format!("filter[inquiry-template-id]={template}"), vec![3, 2, 1, 0]),
            (format!("filter[inquiry-template-id]={template}&filter[status]=created"), vec![3, 2]),
            (format!("filter[inquiry-template-id]={template}&filter[reference-id]=R,0"), vec![2, 0]),
            ("filter[template-id]=tmpl_1".to_owned(), vec![]),
            ("filter[status]=created,approved".to_owned(), vec![5, 4, 3, 2]),
            ("filter[status]=needs-review".to_owned(), vec![1]),
            ("filter[status]=needs_review,pending".to_owned(), vec![1, 0]),
            (format!("filter[created-at-start]={second}"), vec![5, 4, 3, 2, 1]),
            (format!("filter[created-at-end]={fourth}"), vec![3, 2, 1, 0]),
            (format!("filter[created-at-start]={second}&filter[created-at-end]={fourth}&filter[status]=created"), vec![3, 2]),
            ("filter[created-at-start]=2026-03-02&filter[created-at-end]=2026-03-02".to_owned(), vec![5, 4, 3, 2, 1, 0]),
            ("filter[created-at-end]=2026-03-01".to_owned(), vec![]),
        ] {
            let query = query.replace(' ', "%20");
            let wanted: Vec<&str> = wanted.into_iter().map(|i: usize| ids[i].as_str()).collect();
            let whole = app.get(&format!("/inquiries?{query}")).await;
            assert_eq!(whole.ids(), wanted, "{query}");
            assert_eq!(whole.json.get("included"), None);
            // The same in pages of two, forwards and backwards.
            let (mut forwards, mut last) = (Vec::new(), String::new());
            let mut next = Some(format!("/inquiries?{query}&page[size]=2"));
            while let Some(path) = next {
                let page = app.get(&path).await;
                forwards.extend(page.ids().into_iter().map(str::to_owned));
                next = page.at("/links/next").as_str().map(str::to_owned);
                last = path;
            }
            assert_eq!(forwards, wanted, "{query}");
            if wanted.len() > 2 {
                let before = app.get(&last).await.text_at("/links/prev").to_owned();
                let shown = app.get(&before).await;
                let end = (wanted.len() - 1) / 2 * 2;
                assert_eq!(shown.ids(), wanted[end - 2..end], "{query}");
            }
        }
    }

    async fn filters_that_make_no_sense_are_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        let many = vec!["inq_1"; 101].join(",");
        for (query, problem) in [
            ("filter[note]=a&filter[status]=created".to_owned(), "400 Bad Request: filter[note] must be the only filter"),
            (format!("filter[inquiry-id]={many}"), "400 Bad Request: filter[inquiry_id] takes at most 100 values"),
            ("filter[status]=lost".to_owned(), "400 Bad Request: filter[status] must be among created, pending, completed, failed, expired, needs_review, approved, declined"),
            ("filter[created-at-start]=soon".to_owned(), "400 Bad Request: filter[created_at_start] must be an instant like 2026-01-31T12:00:00Z or a date like 2026-01-31"),
            ("page[after]=act_1".to_owned(), "400 Bad Request: page[after] must be an ID that starts with inq_"),
        ] {
            assert_eq!(app.get(&format!("/inquiries?{query}")).await.problem(), problem);
        }
    }

    async fn a_note_cannot_be_guessed_by_a_key_that_must_not_see_it(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        create(&app, &template, json!({ "note": "Quetzalcoatl" }), json!({})).await.good();
        for (entry, problem) in [
            ("note", "400 Bad Request: filter[note] is hidden from this API key"),
            ("/data/attributes/no*?type=inquiry", "400 Bad Request: filter[note] is hidden from this API key"),
            ("note?type=account", "200 "),
        ] {
            let key = app.key_with(|key| key.blocklist = vec![entry.to_owned()]).await;
            let found = app.request(Method::GET, "/inquiries?filter[note]=Quetzalcoatl").key(&key).narrowed().send().await;
            assert_eq!(found.problem(), problem, "{entry}");
        }
    }

    async fn a_note_is_found_and_nowhere_to_be_read(db: TestDb) {
        let app = TestApp::start(db).await;
        let template = template(&app).await;
        let fields = json!({ "name-first": "Xanthippe", "birthdate": "1961-02-03" });
        let made = create(&app, &template, json!({ "note": "Quetzalcoatl", "fields": fields }), json!({})).await;
        app.patch(&format!("/inquiries/{}", made.id()), crate::bodies::attributes(json!({ "note": "Zarathustra", "fields": { "name-first": "Ludmilla" } }))).await.good();
        app.post(&format!("/inquiries/{}/decline", made.id()), json!({ "meta": { "comment": "Nabuchodonosor" } })).await.good();

        assert_eq!(app.get("/inquiries?filter[note]=Zarathustra").await.ids(), [made.id()]);
        assert_eq!(app.get("/inquiries?filter[note]=Quetzalcoatl").await.ids(), Vec::<&str>::new());
        let dump = app.dump();
        for text in ["Xanthippe", "1961-02-03", "Quetzalcoatl", "Zarathustra", "Ludmilla", "Nabuchodonosor"] {
            assert!(!dump.windows(text.len()).any(|bytes| bytes == text.as_bytes()), "{text}");
        }
    }

    async fn inquiries_of_others_are_not_there(db: TestDb) {
        let app = TestApp::start(db).await;
        let Six { ids, accounts, .. } = six(&app).await;
        let sibling = app.sibling_environment().await;
        for query in [String::new(), format!("?filter[inquiry-id]={}", ids[0]), format!("?filter[account-id]={}", accounts[0]), "?filter[note]=note, 1".replace(' ', "%20")] {
            let reply = app.request(Method::GET, &format!("/inquiries{query}")).key(&sibling.key).send().await;
            assert_eq!(reply.at("/data"), &json!([]), "{query}");
        }
        let one = app.request(Method::GET, &format!("/inquiries/{}", ids[0])).key(&sibling.key).send().await;
        assert_eq!((one.status, one.json["data"].clone()), (404, Value::Null));
    }
}
