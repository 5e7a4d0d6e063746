//! What `include` shows is shown to those only who may read it by itself.

use hyper::Method;
use muster_api::{operations, permission_to_include};
use muster_domain::{ApiVersion, Grants, Permission};
use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;
use crate::inquiries;

/// Relationships that lead to nothing that this version has, or to nothing that it shows.
const EMPTY: [&str; 4] = ["transaction", "reviewer", "device", "network"];

#[test]
fn every_relationship_that_can_be_included_has_a_permission() {
    for operation in operations() {
        for name in operation.includes {
            assert_eq!(
                permission_to_include(name).is_none(),
                EMPTY.contains(name),
                "{}: say who may include {name}",
                operation.id
            );
        }
    }
}

async fn key(app: &TestApp, scopes: &[Permission], version: Option<ApiVersion>) -> String {
    let grants = scopes.iter().copied().collect::<Grants>();
    app.key_with(|key| {
        key.permissions = grants;
        key.api_version = version.unwrap_or(key.api_version);
    })
    .await
}

async fn get(app: &TestApp, key: &str, path: &str) -> Reply {
    app.request(Method::GET, path).key(key).send().await
}

/// The types of what stands beside the data of a reply.
fn types(reply: &Reply) -> Vec<&str> {
    let included = reply.json.get("included").and_then(Value::as_array);
    included.into_iter().flatten().filter_map(|one| one["type"].as_str()).collect()
}

on_both! {
    async fn an_include_without_the_permission_to_read_it_is_refused(db: TestDb) {
        let app = TestApp::start(db).await;
        for operation in operations() {
            let own: Vec<Permission> = operation.permissions().collect();
            for name in operation.includes {
                let Some(needed) = permission_to_include(name).filter(|needed| !own.contains(needed)) else { continue };
                let path = format!("{}?include={name}", operation.path.replace(['{', '}'], ""));
                let send = async |scopes: &[Permission]| {
                    let key = key(&app, scopes, None).await;
                    app.request(operation.method.clone(), &path).key(&key).json(&json!({})).send().await
                };
                let expected = format!("403 Forbidden: This API key does not have the permission {}", needed.as_str());
                assert_eq!(send(&own).await.problem(), expected, "{} {name}", operation.id);
                let both = [&own[..], &[needed]].concat();
                assert_ne!(send(&both).await.status, 403, "{} {name}", operation.id);
            }
        }
    }

    async fn old_versions_leave_out_unasked_what_the_key_may_not_read(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "name-first": "Xanthippe" }))).await.id().to_owned();
        let template = inquiries::template(&app).await;
        let inquiry = inquiries::create(&app, &template, json!({ "account-id": account }), json!({})).await.id().to_owned();
        let old = ApiVersion::parse("2023-01-05");
        let few = key(&app, &[Permission::InquiryRead], old).await;
        let more = key(&app, &[Permission::InquiryRead, Permission::AccountRead], old).await;
        let path = format!("/inquiries/{inquiry}");

        let narrow = get(&app, &few, &path).await;
        let wide = get(&app, &more, &path).await;

        assert!(types(&wide).contains(&"account") && wide.text().contains("Xanthippe"));
        assert!(types(&narrow).contains(&"inquiry-template"), "{}", narrow.text());
        assert!(!types(&narrow).contains(&"account") && !narrow.text().contains("Xanthippe"));
        assert_eq!(narrow.at("/data"), wide.at("/data"));
    }
}
