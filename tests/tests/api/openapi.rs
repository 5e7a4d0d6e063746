//! The OpenAPI documents: served to anyone, in step with the code, and full of examples that work.

mod examples;

use hyper::Method;
use muster_api::openapi::{document, written};
use muster_api::versions::ApiVersion;
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::Value;

#[test]
fn the_committed_document_is_that_of_the_code() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.yaml");
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    let is_same = committed == written(ApiVersion::NEWEST).yaml;
    assert!(is_same, "docs/openapi.yaml is not what the code says; run: cargo xtask openapi");
}

#[test]
fn every_operation_stands_in_every_document() {
    for version in ApiVersion::ALL {
        let document = document(version);
        for operation in muster_api::operations() {
            let method = operation.method.as_str().to_ascii_lowercase();
            let found = &document["paths"][operation.path][method];
            assert_eq!(found["operationId"], operation.id, "{version}");
            assert_eq!(
                found["x-muster-extension"] == Value::Bool(true),
                operation.extension,
                "{}",
                operation.id
            );
        }
    }
}

on_both! {
    async fn documents_are_served_without_a_key(db: TestDb) {
        let app = TestApp::start(db).await;
        let get = async |path: &str| app.request(Method::GET, path).authorization(None).send().await;

        let newest = get("/openapi.json").await;
        assert_eq!((newest.status, newest.at("/openapi")), (200, &Value::from("3.1.0")));
        assert_eq!(newest.at("/info/version"), ApiVersion::NEWEST.as_str());
        assert_eq!(newest.at("/servers/0/url"), "/api/v1");
        for version in ApiVersion::ALL {
            let reply = get(&format!("/openapi.json?version={version}")).await;
            assert_eq!(reply.json, document(version));
        }
        let unknown = get("/openapi.json?version=1999-01-01").await;
        assert!(unknown.problem().starts_with("400 Bad Request: version must be one of 2025-12-08, "));
        let yaml = get("/openapi.yaml?version=2023-01-05").await;
        assert_eq!(yaml.header("content-type"), "application/yaml; charset=utf-8");
        assert_eq!(yaml.text(), written(ApiVersion::parse("2023-01-05").unwrap()).yaml);
        let again = app.request(Method::GET, "/openapi.yaml?version=2023-01-05").header("if-none-match", yaml.header("etag"));
        assert_eq!(again.send().await.status, 304);
    }

    async fn the_reference_page_brings_all_it_needs(db: TestDb) {
        let app = TestApp::start(db).await;
        let get = async |path: &str| app.request(Method::GET, path).authorization(None).send().await;
        let home = get("/").await;
        assert_eq!((home.status, home.header("location")), (307, "/api/reference"));

        let page = get("/api/reference").await;

        let html = page.text();
        assert!(page.status == 200 && html.contains("<title>Muster API reference</title>"), "{html}");
        for version in ApiVersion::ALL {
            assert!(html.contains(&format!("<option>{version}</option>")));
        }
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        let again = app.request(Method::GET, "/api/reference").header("if-none-match", page.header("etag"));
        assert_eq!(again.send().await.status, 304);
        let parts: Vec<&str> = html.split('"').filter(|part| part.starts_with("/api/reference/")).collect();
        assert_eq!(parts.len(), 4);
        for part in parts {
            let asset = get(part).await;
            let kind = if part.ends_with(".css") { "text/css" } else { "text/javascript" };
            assert!(asset.status == 200 && asset.header("content-type").starts_with(kind), "{part}");
            assert!(asset.header("cache-control").contains("immutable") && asset.bytes.len() > 500, "{part}");
        }
        assert_eq!(get("/api/reference/0000/reference.js").await.status, 404);
    }
}
