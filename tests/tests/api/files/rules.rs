//! What a field takes, and what becomes of files that are refused or come at once.

use std::sync::Arc;

use muster_store::params;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{field, file, papers, pdf, png, url};
use crate::bodies::attributes;

fn jpeg(size: usize) -> Vec<u8> {
    let mut bytes = vec![7; size];
    bytes[..4].copy_from_slice(b"\xff\xd8\xff\xe0");
    bytes
}

fn refused() -> Vec<(Value, &'static str)> {
    let sizes = "fields.small must be a file of 10 to 40 bytes (/data/attributes/fields/small)";
    let types = "fields.small must be, by its content, a file of type image/jpeg, text/plain (/data/attributes/fields/small)";
    let name = "fields.small.filename must be a name of 1 to 255 characters without slashes and control characters (/data/attributes/fields/small/filename)";
    let small = |value: Value| json!({ "small": value });
    let named = |filename: &str| small(file(&jpeg(20), filename));
    vec![
        (small(file(&jpeg(9), "a.jpg")), sizes),
        (small(file(&jpeg(41), "a.jpg")), sizes),
        (small(file(&jpeg(4000), "a.jpg")), sizes),
        (small(file(b"", "a.jpg")), sizes),
        (small(file(&png("disguised"), "a.jpg")), types),
        (small(file(&pdf("disguised as a text"), "a.txt")), types),
        (small(file(b"MZ\0\0a program, really", "a.txt")), types),
        (small(file(b"<html><script>alert()</script>", "a.txt")), types),
        (small(file(b"\xff\xfe is no UTF-8 text", "a.txt")), types),
        (named("../etc/passwd"), name),
        (named("a\\b.jpg"), name),
        (named("a\u{0}.jpg"), name),
        (named(" "), name),
        (named(".."), name),
        (named(&"ä".repeat(256)), name),
        (small(json!({ "data": "AAAA", "filename": 7 })), name),
        (
            small(json!({ "data": "%%%%", "filename": "a.jpg" })),
            "fields.small.data must be base64, standard or URL-safe (/data/attributes/fields/small/data)",
        ),
        (
            small(json!({ "data": 7, "filename": "a.jpg" })),
            "fields.small.data must be the file as a text in base64 (/data/attributes/fields/small/data)",
        ),
        (
            small(json!({ "data": "AAAA", "mime-type": "image/jpeg" })),
            "fields.small.mime-type is not a member of a file (/data/attributes/fields/small/mime-type)",
        ),
        (
            small(json!("AAAA")),
            "fields.small must be an object with data (the file in base64) and filename; null clears it (/data/attributes/fields/small)",
        ),
        (
            small(json!({ "url": "https://elsewhere.example/x.jpg" })),
            "fields.small must be an object with data (the file in base64) and filename; null clears it (/data/attributes/fields/small)",
        ),
        (
            json!({ "short": file(&pdf("x"), "a.pdf") }),
            "fields.short must not be a PDF: the pages of this field are limited, and those of a PDF cannot be counted (/data/attributes/fields/short)",
        ),
        (
            json!({ "scans": [file(&png("1"), "1.png"), file(b"\0", "2.png")] }),
            "fields.scans.1 must be, by its content, a file of type image/jpeg, image/png, image/heic, image/heif, image/tiff, image/gif, image/svg+xml, application/pdf, text/plain, text/csv, video/mp4, video/webm, video/quicktime (/data/attributes/fields/scans/1)",
        ),
    ]
}

/// Rows of the table of files.
async fn rows(app: &TestApp) -> i64 {
    static COUNT: muster_store::Statement =
        muster_store::Statement { name: "test", sql: "SELECT COUNT(*) FROM files WHERE environment_id = $1" };
    let environment = app.tenant.environment.clone();
    let counted = app
        .app
        .db
        .read("test.count", move |tx| tx.query_opt(&COUNT, params![&environment], |row| row.int(0)));
    counted.await.unwrap().unwrap()
}

on_both! {
    async fn a_field_takes_what_its_schema_says(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let account = app.post("/accounts", attributes(json!({ "account-type-id": ty }))).await;
        let path = format!("/accounts/{}", account.id());

        for (fields, problem) in refused() {
            let problem = format!("422 Record invalid: {problem}");
            let created = attributes(json!({ "account-type-id": ty, "fields": fields }));
            assert_eq!(app.post("/accounts", created).await.problem(), problem);
            let changed = app.patch(&path, attributes(json!({ "fields": fields }))).await;
            assert_eq!(changed.problem(), problem);
        }
        let selfie = json!({ "selfie-photo": { "data": file(&pdf("me"), "me.jpg") } });
        let selfie = app.post("/accounts", attributes(selfie)).await;
        assert_eq!(selfie.problem(), "422 Record invalid: selfie-photo.data must be, by its content, a file of type \
            image/jpeg, image/png, image/heic, image/heif, image/tiff, image/gif, image/svg+xml (/data/attributes/selfie-photo/data)");
        assert_eq!(rows(&app).await, 0);
    }

    async fn good_files_are_taken_however_they_are_written(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let data = file(&jpeg(40), "")["data"].as_str().unwrap().to_owned();
        let unpadded = data.trim_end_matches('=').to_owned();
        let spread = format!("{}\r\n{}\n", &data[..20], &data[20..]);
        for data in [data.replace('+', "-").replace('/', "_"), unpadded, spread, data] {
            let fields = json!({ "small": { "data": data, "filename": "really.png" } });
            let created = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": fields }))).await;
            created.good();
            let value = field(&created, "small");
            assert_eq!((&value["mime-type"], &value["byte-size"]), (&json!("image/jpeg"), &json!(40)));
            assert!(url(&value).contains(".jpg?"), "the content says what it is, not its name");
        }
        let nameless = json!({ "small": { "data": file(&jpeg(10), "")["data"] } });
        let created = app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": nameless }))).await;
        assert_eq!(field(&created, "small")["filename"], "file.jpg");
        let one_page = json!({ "short": file(&png("x"), "x.png") });
        app.post("/accounts", attributes(json!({ "account-type-id": ty, "fields": one_page }))).await.good();
    }

    async fn a_file_that_is_there_counts_for_required_and_write_once(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let body = json!({ "account-type-id": ty, "fields": { "once": file(&png("1"), "1.png") } });
        let created = app.post("/accounts", attributes(body)).await;

        let body = attributes(json!({ "fields": { "once": file(&png("2"), "1.png") } }));
        let second = app.patch(&format!("/accounts/{}", created.id()), body).await;

        assert_eq!(second.problem(), "422 Record invalid: fields.once has a value already and can be written only once (/data/attributes/fields/once)");
        assert_eq!(rows(&app).await, 1);
    }

    async fn the_largest_file_is_taken_and_one_more_byte_is_not(db: TestDb) {
        let app = TestApp::start(db).await;
        let selfie = |size: usize| attributes(json!({ "selfie-photo": { "data": file(&jpeg(size), "big.jpg") } }));

        let created = app.post("/accounts", selfie(10_000_000)).await;
        let larger = app.post("/accounts", selfie(10_000_001)).await;

        assert_eq!(app.follow(url(&field(&created, "selfie_photo"))).await.bytes, jpeg(10_000_000));
        assert_eq!(larger.problem(), "422 Record invalid: selfie-photo.data must be a file of 1 to 10000000 bytes (/data/attributes/selfie-photo/data)");
        let elsewhere = app.request(hyper::Method::POST, "/account-types").body_bytes(vec![b' '; 5_000_000]).send().await;
        assert_eq!(elsewhere.problem(), "400 Bad Request: the request body must be at most 4194304 bytes");
    }

    async fn creations_of_one_account_at_the_same_time_leave_one_file(db: TestDb) {
        let first = TestApp::start(db).await;
        let apps = Arc::new([first.second_process(), first]);
        let mut running = JoinSet::new();
        for task in 0..16 {
            let apps = Arc::clone(&apps);
            running.spawn(async move {
                let selfie = file(&png(&format!("attempt {task}")), "me.png");
                let body = json!({ "reference-id": "one", "selfie-photo": { "data": selfie } });
                apps[task % 2].post("/accounts", attributes(body)).await.status
            });
        }
        let mut statuses: Vec<u16> = Vec::new();
        while let Some(status) = running.join_next().await {
            statuses.push(status.unwrap());
        }

        statuses.sort_unstable();
        let mut expected = vec![409; 16];
        expected[0] = 201;
        assert_eq!(statuses, expected);
        assert_eq!(rows(&apps[1]).await, 1);
    }
}
