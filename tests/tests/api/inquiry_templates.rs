//! Inquiry templates: what authors save, publish and translate, and what inquiries will find.

use std::time::Duration;

use muster_testkit::{Reply, TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::attributes;

const DEMO: &str = include_str!("../../../examples/templates/demo.toml");

/// A template with two pages of text and a government ID.
fn hello(name: &str, title: &str) -> Value {
    json!({
        "name": name,
        "languages": ["en", "fr"],
        "field-schemas": [{ "key": "name-first" }, { "key": "tier", "type": "choices", "config": { "options": ["gold"] } }],
        "verifications": [{ "key": "government_id", "kind": "government-id" }],
        "settings": { "redirect-schemes": ["https", "myapp"] },
        "theme": { "color-primary": "#205c52" },
        "steps": [
            { "name": "start", "kind": "text", "display-name": "Start", "title": title, "next": "id" },
            { "name": "id", "kind": "government-id", "verification": "government_id", "next": "success" },
            { "name": "success", "kind": "complete" },
        ],
    })
}

fn saving(definition: Value, meta: Value) -> Value {
    let mut body = attributes(json!({ "definition": definition }));
    body["meta"] = meta;
    body
}

async fn create(app: &TestApp, definition: Value) -> Reply {
    let reply = app.post("/inquiry-templates", saving(definition, json!({}))).await;
    assert_eq!(reply.status, 201, "{}", reply.problem());
    reply
}

async fn update(app: &TestApp, id: &str, definition: Value, meta: Value) -> Reply {
    app.patch(&format!("/inquiry-templates/{id}"), saving(definition, meta)).await
}

/// Status, live and ID of each version, newest first.
async fn versions(app: &TestApp, id: &str) -> Vec<(String, bool, String)> {
    let listed = app.get(&format!("/inquiry-template-versions?filter[inquiry-template-id]={id}")).await;
    let shown = |one: &Value| {
        let text = |path: &str| one.pointer(path).unwrap().as_str().unwrap().to_owned();
        (text("/attributes/status"), one["attributes"]["live"] == true, text("/id"))
    };
    listed.at("/data").as_array().unwrap().iter().map(shown).collect()
}

fn version_of(reply: &Reply) -> String {
    reply.at("/meta/inquiry-template-version-id").as_str().unwrap().to_owned()
}

on_both! {
    async fn a_template_shows_its_head_its_fields_and_its_live_version(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = create(&app, hello("Hello", "Hello")).await;

        let shown = app.get(&format!("/inquiry-templates/{}?include=latest-published-version", made.id())).await;
        let attributes = shown.at("/data/attributes");
        assert_eq!((&attributes["name"], &attributes["status"]), (&json!("Hello"), &json!("active")));
        assert_eq!(attributes["hosted-flow-redirect-uri-schemes"], json!(["https", "myapp"]));
        assert_eq!(attributes["field-schemas"][0]["key"], "name-first");
        assert_eq!(attributes["field-schemas"][0]["config"]["max-char-length"], 255);
        assert_eq!(shown.at("/data/relationships/latest-published-version/data/id"), &json!(version_of(&made)));
        let version = shown.at("/included/0/attributes");
        assert_eq!((&version["live"], &version["enabled-locales"]), (&json!(true), &json!(["en", "fr"])));
        assert_eq!((&version["theme"]["color-primary"], &version["theme"]["logo"]), (&json!("#205c52"), &Value::Null));
        assert_eq!(app.all("/inquiry-templates").await.len(), 1);
    }

    async fn what_changes_nothing_makes_no_version(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = create(&app, hello("Hello", "Hello")).await;
        let same = update(&app, made.id(), hello("Hello", "Hello"), json!({})).await;
        assert_eq!((same.at("/meta/changes"), version_of(&same)), (&json!([]), version_of(&made)));

        let renamed = update(&app, made.id(), hello("Good day", "Hello"), json!({})).await;
        assert_eq!(version_of(&renamed), version_of(&made), "the name is not part of a version");
        assert_eq!(renamed.at("/data/attributes/name"), &json!("Good day"));

        let changed = update(&app, made.id(), hello("Good day", "Welcome"), json!({})).await;
        assert_eq!(changed.at("/meta/changes"), &json!(["steps start.title: changes"]));
        let (new, old) = (version_of(&changed), version_of(&made));
        assert_eq!(versions(&app, made.id()).await, [
            ("published".to_owned(), true, new),
            ("published".to_owned(), false, old),
        ]);
    }

    /// A version that was read long ago is not read again: it must still be the right one that is live.
    async fn another_process_sees_what_was_published(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = create(&app, hello("Hello", "Hello")).await;
        app.advance(Duration::from_secs(600));
        let second = app.second_process();
        let path = format!("/inquiry-templates/{}?include=latest-published-version", made.id());
        for one in [&app, &second] {
            assert_eq!(one.get(&path).await.at("/included/0/id"), &json!(version_of(&made)));
        }
        let mut other = hello("Hello", "Hello");
        other["theme"]["color-primary"] = json!("#ff0000");
        let changed = update(&second, made.id(), other, json!({})).await;
        let shown = app.get(&path).await;
        assert_eq!(shown.at("/included/0/id"), &json!(version_of(&changed)));
        assert_eq!(shown.at("/included/0/attributes/theme/color-primary"), &json!("#ff0000"));
    }

    async fn a_draft_is_not_live_and_is_never_passed_over(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = create(&app, hello("Hello", "Hello")).await;
        let (id, live) = (made.id(), version_of(&made));
        let draft = update(&app, id, hello("Hello", "Draft"), json!({ "publish": false })).await;
        let again = update(&app, id, hello("Hello", "Draft 2"), json!({ "publish": false })).await;
        assert_eq!(version_of(&again), version_of(&draft), "there is one draft");
        assert_eq!(again.at("/data/relationships/latest-published-version/data/id"), &json!(live));
        let refused = update(&app, id, hello("Hello", "Other"), json!({})).await;
        assert_eq!(refused.status, 409, "{}", refused.problem());

        let published = app.post(&format!("/inquiry-templates/{id}/publish"), json!({})).await;
        assert_eq!(version_of(&published), version_of(&draft));
        assert_eq!(versions(&app, id).await.iter().filter(|one| one.1).count(), 1);
        let nothing = app.post(&format!("/inquiry-templates/{id}/publish"), json!({})).await;
        assert_eq!(nothing.status, 409);

        let stranger = create(&app, hello("Other", "Other")).await;
        let meta = json!({ "meta": { "inquiry-template-version-id": version_of(&stranger) } });
        let refused = app.post(&format!("/inquiry-templates/{id}/publish"), meta).await;
        assert_eq!(refused.status, 400, "a version of another template");
        let meta = json!({ "meta": { "inquiry-template-version-id": live } });
        let reverted = app.post(&format!("/inquiry-templates/{id}/publish"), meta).await;
        let shown = app.get(&format!("/inquiry-template-versions/{}", version_of(&reverted))).await;
        assert_eq!(shown.at("/data/attributes/definition/steps/0/title"), &json!("Hello"));
        assert_eq!(versions(&app, id).await[0], ("published".to_owned(), true, version_of(&reverted)));
    }

    async fn verification_templates_keep_their_ids_by_key(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = create(&app, hello("Hello", "Hello")).await;
        let verification = async |version: &str| {
            let shown = app.get(&format!("/inquiry-template-versions/{version}")).await;
            shown.at("/data/relationships/verification-templates/data/0").clone()
        };
        let first = verification(&version_of(&made)).await;
        assert_eq!(first["type"], "verification-template/government-id");
        let mut stricter = hello("Hello", "Hello");
        stricter["verifications"][0]["minimum-age"] = json!(18);
        let changed = update(&app, made.id(), stricter, json!({})).await;
        assert_ne!(version_of(&changed), version_of(&made));
        assert_eq!(verification(&version_of(&changed)).await, first);

        let mut other = hello("Hello", "Hello");
        other["verifications"][0]["kind"] = json!("selfie");
        other["steps"][1]["kind"] = json!("selfie");
        let refused = update(&app, made.id(), other, json!({})).await;
        assert_eq!(refused.status, 422);
        assert!(refused.problem().contains("choose another key"), "{}", refused.problem());
    }

    async fn translations_are_merged_into_a_draft(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = create(&app, hello("Hello", "Hello")).await;
        let path = format!("/inquiry-templates/{}/translations", made.id());
        let row = |step: &str, component: &str| json!({
            "step": step, "component": component, "attributeName": "text",
            "locale_values": [{ "locale": "fr", "value": "Bonjour" }, { "locale": "es", "value": "Hola" }],
        });
        let before = app.get(&path).await;
        assert_eq!(before.id(), version_of(&made));
        let title = json!({
            "step": "start", "step-display-name": "Start", "component": "title", "attribute-name": "text",
            "locale-values": [{ "locale": "en", "value": "Hello" }, { "locale": "fr", "value": null }],
        });
        assert_eq!(before.at("/data/attributes/translations"), &json!([title]));

        let imported = app.post(&path, attributes(json!({ "translations": [row("start", "title")] }))).await;
        assert_eq!((imported.status, imported.at("/data/attributes/status")), (200, &json!("draft")));
        assert_eq!(imported.at("/data/attributes/enabled-locales"), &json!(["en", "fr", "es"]));
        let after = app.get(&path).await;
        assert_eq!(after.id(), imported.id());
        assert_eq!(after.at("/data/attributes/translations/0/locale-values/2"), &json!({ "locale": "es", "value": "Hola" }));
        assert_eq!(versions(&app, made.id()).await[1], ("published".to_owned(), true, version_of(&made)));

        for (row, place) in [(row("nowhere", "title"), "step"), (row("start", "footer"), "component")] {
            let refused = app.post(&path, attributes(json!({ "translations": [row] }))).await;
            assert_eq!(refused.status, 422);
            assert!(refused.problem().contains(&format!("translations/0/{place}")), "{}", refused.problem());
        }
    }

    async fn what_makes_no_sense_is_refused_with_its_place(db: TestDb) {
        let app = TestApp::start(db).await;
        let mut lost = hello("Hello", "Hello");
        lost["steps"][1]["next"] = json!("nowhere");
        let refused = app.post("/inquiry-templates", saving(lost, json!({}))).await;
        assert_eq!(refused.status, 422);
        assert!(refused.problem().contains("definition/steps/1/next"), "{}", refused.problem());
        create(&app, hello("Hello", "Hello")).await;
        let taken = app.post("/inquiry-templates", saving(hello(" HELLO ", "Hello"), json!({}))).await;
        assert_eq!(taken.status, 409);
        let unfiltered = app.get("/inquiry-template-versions").await;
        assert_eq!(unfiltered.status, 400);
    }

    /// The text file, the JSON form and the stored form are one thing.
    async fn the_demo_goes_in_and_comes_out_as_it_is(db: TestDb) {
        let app = TestApp::start(db).await;
        let spec = muster_domain::inquiry_template::InquiryTemplateSpec::from_toml(DEMO).unwrap();
        let made = create(&app, spec.to_value()).await;
        let path = format!("/inquiry-template-versions/{}", version_of(&made));
        let shown = app.get(&path).await.at("/data/attributes/definition").clone();
        assert_eq!(update(&app, made.id(), shown, json!({})).await.at("/meta/changes"), &json!([]));
    }

    async fn two_who_save_at_once_both_count(db: TestDb) {
        let app = TestApp::start(db).await;
        let made = create(&app, hello("Hello", "Hello")).await;
        let (one, other) = tokio::join!(
            update(&app, made.id(), hello("Hello", "One"), json!({})),
            update(&app, made.id(), hello("Hello", "Other"), json!({})),
        );
        assert_eq!((one.status, other.status), (200, 200));
        let all = versions(&app, made.id()).await;
        assert_eq!((all.len(), all.iter().filter(|one| one.1).count()), (3, 1), "{all:?}");
    }
}
