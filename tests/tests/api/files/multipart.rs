//! Giving files in forms.

use hyper::Method;
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::json;

use super::{field, papers, pdf, png, url};

/// One part: what stands in `Content-Disposition` behind `form-data; `, further headers, content.
type Part<'a> = (&'a str, &'a str, &'a [u8]);

fn form(boundary: &str, parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (disposition, headers, content) in parts {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{headers}\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

async fn send(app: &TestApp, method: Method, path: &str, (boundary, parts): (&str, &[Part<'_>])) -> Reply {
    let content_type = format!("multipart/form-data; boundary={boundary}");
    let request = app.request(method, path).header("content-type", &content_type);
    request.header("idempotency-key", "form").body_bytes(form(boundary, parts)).send().await
}

on_both! {
    async fn a_form_creates_finds_and_changes_accounts(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = papers(&app).await;
        let (one, two) = (pdf("one"), png("two\r\n--almost-the-boundary"));
        let parts: Vec<Part<'_>> = vec![
            ("name=\"data[attributes][account-type-id]\"", "", ty.as_bytes()),
            ("name=\"data[attributes][tags][]\"", "", b"a"),
            ("name=\"data[attributes][tags][]\"", "", b"b"),
            ("name=\"data[attributes][fields][email]\"", "", "jäne@example.test".as_bytes()),
            ("name=\"data[attributes][fields][count]\"", "Content-Type: application/json\r\n", b"7"),
            ("name=\"data[attributes][fields][passport]\"; filename=\"P 1.pdf\"", "Content-Type: image/png\r\n", &one),
            ("name=\"data[attributes][fields][contract][paper]\"; filename=\"x.png\"; filename*=UTF-8''%C3%A4.png", "", &two),
            ("name=\"data[attributes][fields][scans][]\"; filename=\"s.png\"", "", &two),
            ("name=\"meta[upsert-by]\"", "", b"email"),
        ];

        let created = send(&app, Method::POST, "/accounts", ("xyz", &parts)).await;
        assert_eq!(created.status, 201, "{}", created.text());
        let passport = field(&created, "passport");
        assert_eq!((&passport["filename"], &passport["mime-type"]), (&json!("P 1.pdf"), &json!("application/pdf")));
        assert_eq!(app.follow(url(&passport)).await.bytes, one);
        let paper = field(&created, "contract")["paper"]["value"].clone();
        assert_eq!((paper["filename"].as_str(), app.follow(url(&paper)).await.bytes.to_vec()), (Some("ä.png"), two.clone()));
        assert_eq!(created.at("/data/attributes/tags"), &json!(["a", "b"]));
        assert_eq!(field(&created, "count"), 7);

        // A client that sends a form again makes another boundary.
        let again = send(&app, Method::POST, "/accounts", ("another-boundary", &parts)).await;
        assert_eq!((again.status, &again.bytes), (201, &created.bytes));
        let other = send(&app, Method::POST, "/accounts", ("xyz", &parts[..4])).await;
        assert_eq!(other.status, 400, "another form is not the same request");
        let events = app.events().await.len();
        let form_again = app.request(Method::POST, "/accounts")
            .header("content-type", "Multipart/Form-Data; boundary=\"xyz\"").body_bytes(form("xyz", &parts)).send().await;
        assert_eq!((form_again.status, app.events().await.len()), (200, events), "{}", form_again.text());

        let selfie: [Part<'_>; 1] = [("name=\"data[attributes][fields][passport]\"", "Content-Type: application/json\r\n", b"null")];
        let cleared = send(&app, Method::PATCH, &format!("/accounts/{}", created.id()), ("b", &selfie)).await;
        cleared.good();
        assert!(field(&cleared, "passport").is_null());
    }

    async fn a_selfie_comes_by_either_name(db: TestDb) {
        let app = TestApp::start(db).await;
        let me = png("me");
        for name in ["data[attributes][selfie-photo][data]", "data[attributes][selfie-photo]", "data[attributes][selfiePhoto]"] {
            let disposition = format!("name=\"{name}\"; filename=\"me.png\"");
            let account = app.post("/accounts", json!({})).await;
            let path = format!("/accounts/{}", account.id());
            let reply = send(&app, Method::PATCH, &path, ("b", &[(&disposition, "", &me)])).await;
            assert_eq!(reply.status, 200, "{name}: {}", reply.text());
            assert_eq!(app.follow(url(&field(&reply, "selfie_photo"))).await.bytes, me);
        }
    }

    async fn broken_forms_are_told_what_is_wrong(db: TestDb) {
        let app = TestApp::start(db).await;
        let named = |name: &str| form("b", &[(&format!("name=\"{name}\""), "", b"x")]);
        let many: Vec<Part<'_>> = (0..1001).map(|_| ("name=\"data[attributes][tags][]\"", "", &b"x"[..])).collect();
        let two = |a: &str, b: &str| form("b", &[(&format!("name=\"{a}\""), "", b"x"), (&format!("name=\"{b}\""), "", b"y")]);
        let bracket = "400 Bad Request: the name of part 1 must be like data[attributes][name-first], with every bracket closed";
        let multipart = "multipart/form-data; boundary=b";
        let table: Vec<(&str, Vec<u8>, &str)> = vec![
            ("multipart/form-data", named("a"), "400 Bad Request: the header Content-Type must name the boundary of the parts"),
            ("multipart/form-data; boundary=", named("a"), "400 Bad Request: "),
            ("multipart/form-data; boundary=other", named("a"), "400 Bad Request: the body is not multipart/form-data after part 0"),
            (multipart, b"--b\r\n".to_vec(), "400 Bad Request: the body is not multipart/form-data after part 0"),
            (multipart, b"{}".to_vec(), "400 Bad Request: the body is not multipart/form-data after part 0"),
            (multipart, named("a")[..53].to_vec(), "400 Bad Request: the body is not multipart/form-data after part 1"),
            (multipart, b"--b\r\n\xff\xff: x\r\n\r\nx\r\n--b--".to_vec(), "400 Bad Request: the body is not multipart/form-data after part 0"),
            (multipart, b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--".to_vec(), bracket),
            (multipart, named(""), bracket),
            (multipart, named("[a]"), bracket),
            (multipart, named("data["), bracket),
            (multipart, named("data]"), bracket),
            (multipart, named("data[a"), bracket),
            (multipart, named("data[a]b"), bracket),
            (multipart, named("data[a]]"), bracket),
            (multipart, named("data[[a]]"), bracket),
            (multipart, named(&format!("data{}", "[a]".repeat(64))), "400 Bad Request: the name of part 1 must have at most 64 steps"),
            (multipart, form("b", &many), "400 Bad Request: the body must have at most 1000 parts"),
            (multipart, two("data[attributes][reference-id]", "data[attributes][reference-id]"),
             "400 Bad Request: part 2: data.attributes.reference-id appears twice (send it once)"),
            (multipart, two("data", "data[attributes]"), "400 Bad Request: part 2: data.attributes is also sent as something else"),
            (multipart, two("data[]", "data[attributes]"), "400 Bad Request: part 2: data.attributes is also sent as something else"),
            (multipart, two("data[Jane Doe]", "data[Jane Doe]"), "400 Bad Request: part 2: data.(a member) appears twice"),
            (multipart, form("b", &[("name=\"data\"", "Content-Type: application/json\r\n", b"{")]), "400 Bad Request: part 1: the body is not JSON"),
            (multipart, form("b", &[("name=\"data[attributes][reference-id]\"", "", b"\xff")]), "400 Bad Request: part 1 is no file, and its text is not UTF-8"),
            (multipart, named("unknown"), "400 Bad Request: unknown is not a member of this request"),
            (multipart, named("data[attributes]"), "400 Bad Request: data.attributes must be an object"),
            (multipart, form("b", &[("name=\"data[attributes][reference-id]\"; filename=\"x\"", "", b"x")]), "400 Bad Request: data.attributes.reference_id must be a string"),
        ];
        for (content_type, body, problem) in table {
            let shown = String::from_utf8_lossy(&body).chars().take(80).collect::<String>();
            let reply = app.request(Method::POST, "/accounts").header("content-type", content_type).body_bytes(body).send().await;
            assert!(reply.problem().starts_with(problem), "{shown}: {}", reply.problem());
        }
        let elsewhere = app.request(Method::POST, "/account-types").header("content-type", multipart).body_bytes(named("a")).send().await;
        assert_eq!(elsewhere.problem(), "400 Bad Request: this endpoint takes a JSON body, not multipart/form-data");
        assert_eq!(app.events().await, Vec::<String>::new());
    }

    /// Every way to cut a form short, and one byte of it changed.
    async fn no_form_is_a_fault_of_the_server(db: TestDb) {
        let app = TestApp::start(db).await;
        let good = form("b", &[
            ("name=\"data[attributes][selfie-photo][data]\"; filename=\"me.png\"", "Content-Type: image/png\r\n", &png("me")),
            ("name=\"data[attributes][tags][]\"", "", b"x"),
        ]);
        let mut bodies: Vec<Vec<u8>> = (0..good.len()).step_by(3).map(|end| good[..end].to_vec()).collect();
        for (at, byte) in (0..good.len()).step_by(5).zip([0, 0xff, b'[', b']', b'"', b'\r', b'\n', b'-', b';'].iter().cycle()) {
            let mut body = good.clone();
            body[at] = *byte;
            bodies.push(body);
        }
        for body in bodies {
            let shown = String::from_utf8_lossy(&body).into_owned();
            let request = app.request(Method::POST, "/accounts").header("content-type", "multipart/form-data; boundary=b");
            let reply = request.body_bytes(body).send().await;
            assert!([201, 400, 422].contains(&reply.status), "{shown}: {}", reply.text());
        }
    }
}
