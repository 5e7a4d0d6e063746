//! Having files by their links.

use std::time::Duration;

use hyper::Method;
use muster_testkit::files::PUBLIC_URL;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::json;

use super::{field, file, papers, pdf, png, url};
use crate::bodies::attributes;

async fn passport(app: &TestApp, bytes: &[u8], filename: &str) -> (String, String) {
    let ty = papers(app).await;
    let fields = json!({ "passport": file(bytes, filename) });
    let created = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;
    (created.id().to_owned(), url(&field(&created, "passport")).to_owned())
}

fn refusal(reply: &Reply) -> (u16, String) {
    assert_eq!(reply.header("cache-control"), "private, no-store");
    (reply.status, reply.at("/errors/0/details").as_str().unwrap().to_owned())
}

on_both! {
    async fn a_file_comes_as_it_was_given(db: TestDb) {
        let app = TestApp::start(db).await;
        let (_, link) = passport(&app, &pdf("x"), "Pässe \"2026\".pdf").await;

        let reply = app.follow(&link).await;

        assert_eq!((reply.status, reply.bytes.to_vec()), (200, pdf("x")));
        for (name, value) in [
            ("content-type", "application/pdf"),
            ("content-length", "10"),
            ("content-disposition", "inline; filename=\"file.pdf\"; filename*=UTF-8''P%C3%A4sse%20%222026%22.pdf"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "sandbox; default-src 'none'"),
            ("cache-control", "private, no-store"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(reply.header(name), value, "{name}");
        }
    }

    async fn what_could_run_is_saved_and_not_shown(db: TestDb) {
        let app = TestApp::start(db).await;
        let svg = b"<?xml version=\"1.0\"?><!-- x --><svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>";
        let (id, link) = passport(&app, svg, "x.svg").await;
        let reply = app.follow(&link).await;
        assert_eq!(reply.header("content-type"), "image/svg+xml");
        assert!(reply.header("content-disposition").starts_with("attachment; filename=\"file.svg\""));

        for (bytes, name, kind) in [
            (b"a;b\n1;2\n".to_vec(), "t.csv", "text/csv; charset=utf-8"),
            (b"hello".to_vec(), "t.txt", "text/plain; charset=utf-8"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp41isom".to_vec(), "v.mp4", "video/mp4"),
        ] {
            let body = attributes(json!({ "fields": { "passport": file(&bytes, name) } }));
            let changed = app.patch(&format!("/accounts/{id}"), body).await;
            changed.good();
            let reply = app.follow(url(&field(&changed, "passport"))).await;
            assert_eq!((reply.header("content-type"), reply.bytes.to_vec()), (kind, bytes), "{name}");
            assert!(reply.header("content-disposition").starts_with("attachment;"), "{name}");
        }
    }

    async fn a_link_ends_and_the_next_reply_has_a_new_one(db: TestDb) {
        let app = TestApp::start(db).await;
        let (id, link) = passport(&app, &png("x"), "x.png").await;

        app.advance(Duration::from_secs(21_590));
        assert_eq!(app.follow(&link).await.status, 200);
        app.advance(Duration::from_secs(10));
        let expired = (403, "This link to a file has expired; take a new one from the API".to_owned());
        assert_eq!(refusal(&app.follow(&link).await), expired);
        let now = app.get(&format!("/accounts/{id}")).await;
        assert_eq!(app.follow(url(&field(&now, "passport"))).await.bytes, png("x"));
    }

    async fn only_the_link_as_it_was_given_opens_a_file(db: TestDb) {
        let app = TestApp::start(db).await;
        let (_, link) = passport(&app, &png("mine"), "x.png").await;
        let stranger = app.second_environment().await;
        let theirs = app.request(Method::POST, "/accounts").key(&stranger.key)
            .json(&attributes(json!({ "selfie-photo": { "data": file(&png("theirs"), "y.png") } }))).send().await;
        let other = url(&field(&theirs, "selfie_photo")).to_owned();
        assert_eq!(app.follow(&other).await.bytes, png("theirs"));
        let (path, token) = link.split_once("?access_token=").unwrap();
        let (other_path, other_token) = other.split_once("?access_token=").unwrap();

        let mut forged = vec![
            format!("{path}?access_token={other_token}"),
            format!("{other_path}?access_token={token}"),
            format!("{path}?access_token="),
            path.to_owned(),
            format!("{path}?access_token={token}AA"),
            format!("{}?access_token={token}", path.replace(".png", ".html")),
            format!("{}?access_token={token}", path.trim_end_matches(".png")),
            format!("{PUBLIC_URL}/files/x?access_token={token}"),
            format!("{PUBLIC_URL}/files/%ff?access_token={token}"),
            format!("{path}?access_token=%ff"),
        ];
        forged.extend((0..token.len()).map(|at| {
            let mut bytes = token.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            format!("{path}?access_token={}", String::from_utf8(bytes).unwrap())
        }));
        for url in forged {
            let reply = app.follow(&url).await;
            let expected = (403, "This link to a file is not valid; take a new one from the API".to_owned());
            assert_eq!(refusal(&reply), expected, "{url}");
        }
        assert_eq!(app.follow(&link).await.bytes, png("mine"));
    }

    async fn an_erased_file_is_gone(db: TestDb) {
        let app = TestApp::start(db).await;
        let (id, link) = passport(&app, &png("x"), "x.png").await;
        let (_, other) = {
            let second = app.post("/accounts", attributes(json!({ "selfie-photo": file(&png("y"), "y.png") }))).await;
            (second.id().to_owned(), url(&field(&second, "selfie_photo")).to_owned())
        };
        let environment = app.tenant.environment.clone();
        let account: muster_domain::AccountId = id.parse().unwrap();

        let erased = app.app.db.write("test.erase", move |tx| {
            muster_store::files::erase_of(tx, &environment, account.as_str())
        });
        assert_eq!(erased.await.unwrap(), 1);

        assert_eq!(refusal(&app.follow(&link).await), (410, "This file was erased".to_owned()));
        assert_eq!(app.follow(&other).await.bytes, png("y"), "another account keeps its files");
    }

    async fn a_file_stands_nowhere_in_the_clear(db: TestDb) {
        let app = TestApp::start(db).await;
        let secret = "Gwendolyn-Ottoline-Passport-Scan".repeat(20);
        let (_, link) = passport(&app, &pdf(&secret), "gwendolyn_passport.pdf").await;
        assert_eq!(app.follow(&link).await.bytes, pdf(&secret));
        let encoded = file(&pdf(&secret), "")["data"].as_str().unwrap()[40..80].to_owned();

        let dump = app.dump();

        for text in ["Gwendolyn-Ottoline", "gwendolyn_passport", &encoded] {
            let found = dump.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "{text} is in the database");
        }
        assert!(dump.windows(8).any(|window| window == b"passport"), "the key of the field is, so others would be found");
    }
}
