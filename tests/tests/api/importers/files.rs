//! Uploading files: in parts, at once, and badly.

use hyper::Method;
use muster_domain::Permission;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{CUSTOMERS, file, put_part, sent};
use crate::bodies::attributes;

/// Begins an upload.
async fn begin(app: &TestApp, filename: &str) -> String {
    app.post("/importer-files", attributes(json!({ "filename": filename }))).await.id().to_owned()
}

async fn complete(app: &TestApp, file: &str, body: Value) -> muster_testkit::Reply {
    app.post(&format!("/importer-files/{file}/complete"), attributes(body)).await
}

on_both! {
    async fn a_file_comes_in_parts_in_any_order_and_again(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = begin(&app, "large.csv").await;
        let path = format!("/importer-files/{id}");
        let part_size = app.get(&path).await.at("/data/attributes/part-size").as_u64().unwrap();
        let part_size = usize::try_from(part_size).unwrap();
        let mut content = String::from("id,note\n");
        while content.len() < part_size + 3_000_000 {
            content.push_str("c-1,some text that is not short\n");
        }
        let (first, last) = content.as_bytes().split_at(part_size);

        // A part that was sent in a hurry is replaced by the right one, which is shorter.
        put_part(&app, &id, "2", first.to_vec()).await.good();
        let second = put_part(&app, &id, "2", last.to_vec()).await;
        assert_eq!(second.at("/data/attributes/parts"), &json!([2]));
        let missing = complete(&app, &id, json!({})).await;
        assert_eq!(missing.problem(), "422 Record invalid: parts must be all there; part 1 is missing: send it first (/data/attributes/parts)");
        put_part(&app, &id, "1", first[..1000].to_vec()).await.good();
        let short = complete(&app, &id, json!({})).await;
        let text = format!("must all have {part_size} bytes but the last; part 1 has 1000: send it again");
        assert!(short.problem().contains(&text), "{}", short.problem());
        let beyond = put_part(&app, &id, "513", "x").await;
        assert!(beyond.problem().contains("from 1 to 512"), "{}", beyond.problem());
        put_part(&app, &id, "1", first.to_vec()).await.good();
        let again = put_part(&app, &id, "1", first.to_vec()).await;
        assert_eq!(again.at("/data/attributes/parts"), &json!([1, 2]));

        let wrong = complete(&app, &id, json!({ "sha-256": "0".repeat(64) })).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        assert!(wrong.problem().contains("sha-256 is not that of the parts"), "{}", wrong.problem());
        let right = sha256(content.as_bytes());
        let done = complete(&app, &id, json!({ "sha256": right.to_uppercase() })).await;
        assert_eq!(done.status, 200, "{}", done.text());
        assert_eq!(done.text_at("/data/attributes/status"), "ready");
        assert_eq!(done.at("/data/attributes/byte-size"), content.len());
        assert_eq!(done.at("/data/attributes/detected/columns"), &json!(["id", "note"]));
        assert_eq!(complete(&app, &id, json!({})).await.json, done.json, "what is complete stays so");
        assert_eq!(app.get(&path).await.json, done.json);
        assert_eq!(put_part(&app, &id, "1", "x").await.status, 409);
    }

    async fn a_small_file_comes_at_once_and_shows_what_it_is(db: TestDb) {
        let app = TestApp::start(db).await;
        let body = attributes(json!({ "file": sent("\u{feff}Name;Town\r\n\"Ines; S.\";Porto\r\n") }));
        let request = || app.request(Method::POST, "/importer-files").header("idempotency-key", "once").json(&body);
        let made = request().send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        let detected = made.at("/data/attributes/detected");
        assert_eq!((&detected["delimiter"], &detected["quote"], &detected["header"]), (&json!(";"), &json!("\""), &json!(true)));
        assert_eq!(detected["sample"], json!([["Ines; S.", "Porto"]]));
        assert_eq!(request().send().await.json, made.json, "a repetition makes no second file");

        let boundary = "xyz";
        let form = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"data[attributes][file]\"; filename=\"a.csv\"\r\n\r\n{CUSTOMERS}\r\n--{boundary}--\r\n"
        );
        let request = app.request(Method::POST, "/importer-files");
        let request = request.header("content-type", &format!("multipart/form-data; boundary={boundary}"));
        let made = request.body_bytes(form).send().await;
        assert_eq!((made.status, made.text_at("/data/attributes/filename")), (201, "a.csv"), "{}", made.text());
        assert_eq!(made.at("/data/attributes/detected/columns"), &json!(["customer_id", "segments", "remarks"]));
    }

    async fn the_first_rows_are_for_those_who_may_read_accounts(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = file(&app, CUSTOMERS).await;
        let sample = async |scopes: &[Permission], blocklist: &[&str]| {
            let key = app.key_with(|key| {
                key.permissions = scopes.iter().copied().collect();
                key.blocklist = blocklist.iter().map(|one| (*one).to_owned()).collect();
            });
            let key = key.await;
            let shown = app.request(Method::GET, &format!("/importer-files/{id}")).key(&key).narrowed().send().await;
            shown.at("/data/attributes/detected/sample").clone()
        };
        let all = [Permission::ImporterRead, Permission::AccountRead];
        assert_eq!(sample(&all, &[]).await, json!([["c-1", "vip", "tall"], ["c-2", "", "short"]]));
        assert_eq!(sample(&all[..1], &[]).await, Value::Null);
        assert_eq!(sample(&all, &["name-*"]).await, Value::Null);
    }

    async fn a_bad_upload_says_how_to_mend_it(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = begin(&app, "a.csv").await;
        let put = async |number: &str, content: Vec<u8>| put_part(&app, &id, number, content).await.problem();
        assert_eq!(put("0", vec![1]).await, "400 Bad Request: part_number must be a whole number from 1 to 512");
        assert!(put("one", vec![1]).await.starts_with("400 Bad Request: part_number must be a whole number"));
        assert!(put("1", Vec::new()).await.starts_with("400 Bad Request: body must have 1 to 8388608 bytes"));
        assert!(put("18446744073709551615", vec![1]).await.starts_with("400 "));
        assert!(put("1", vec![1; 9 * 1024 * 1024]).await.starts_with("400 Bad Request: body must have 1 to"));
        let nothing = complete(&app, &id, json!({})).await;
        assert!(nothing.problem().contains("part 1 is missing"), "{}", nothing.problem());
        let strange = complete(&app, &id, json!({ "parts": 3 })).await;
        assert!(strange.problem().contains("is not a member of this request; known are sha-256"), "{}", strange.problem());

        let make = async |body: Value| app.post("/importer-files", attributes(body)).await.problem();
        assert!(make(json!({})).await.starts_with("422 Record invalid: filename is missing"));
        assert!(make(json!({ "filename": "a\u{7}b" })).await.starts_with("422 Record invalid: filename must be"));
        assert!(make(json!({ "filename": 7 })).await.starts_with("400 "));
        assert!(make(json!({ "file": "a,b" })).await.contains("must be an object with data"));
        assert!(make(json!({ "file": { "filename": "a" } })).await.contains("must be the file as a text in base64"));
        assert!(make(json!({ "file": { "data": "?" } })).await.contains("must be base64"));
        assert!(make(json!({ "file": { "data": "", "size": 1 } })).await.contains("known are data, filename"));

        // What is no table is kept, and says why.
        let made = app.post("/importer-files", attributes(json!({ "file": sent("a,a\u{0}\n\"1") }))).await;
        assert_eq!((made.status, made.at("/data/attributes/detected")), (201, &Value::Null), "{}", made.text());
        assert!(made.text_at("/data/attributes/fault/message").len() > 20, "{}", made.text());
    }

    async fn a_mapping_is_proposed_and_never_partial(db: TestDb) {
        let app = TestApp::start(db).await;
        let id = file(&app, "reference_id,name_first,mystery\nc-1,Ines,42\n").await;
        let path = format!("/importer-files/{id}/propose-mapping");
        let proposed = app.post(&path, attributes(json!({}))).await;
        assert_eq!(proposed.status, 200, "{}", proposed.text());
        let config = proposed.at("/data/attributes/pipeline-config").clone();
        let mut named: Vec<&str> = config["mapping"].as_array().unwrap().iter().filter_map(|one| one["column"].as_str()).collect();
        let unresolved = proposed.at("/data/attributes/unresolved").as_array().unwrap();
        named.extend(unresolved.iter().filter_map(|one| one["column"].as_str()));
        named.sort_unstable();
        assert_eq!(named, ["mystery", "name_first", "reference_id"], "every column is named");

        let other = app.post(&path, attributes(json!({ "file": { "delimiter": ";" } }))).await;
        assert_eq!(other.at("/data/attributes/detected/columns").as_array().unwrap().len(), 1);
        let bad = app.post(&path, attributes(json!({ "file": { "delimeter": ";" } }))).await;
        assert_eq!(bad.status, 422, "{}", bad.text());
        let nowhere = app.post(&path, attributes(json!({ "account-type-id": "acttp_1" }))).await;
        assert!(nowhere.problem().starts_with("422 Record invalid: account-type-id names no account type"));
    }
}

fn sha256(content: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
