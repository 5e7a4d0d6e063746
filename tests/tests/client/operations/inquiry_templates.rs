//! The methods of inquiry templates.

use std::time::Duration;

use muster_client::{InquiryTemplateDraft, LocaleValue, Translation, Value, json};

use super::values;
use crate::scene::Scene;

/// A template that says hello.
fn hello(name: &str) -> Value {
    json!({
        "name": name,
        "field-schemas": [{ "key": "name-first" }],
        "verifications": [{ "key": "email", "kind": "email-address" }],
        "steps": [
            { "name": "start", "kind": "text", "title": "Hello", "next": "success" },
            { "name": "success", "kind": "complete" },
        ],
    })
}

pub async fn all(scene: &Scene, operation: &str) -> Vec<Value> {
    let templates = scene.muster.inquiry_templates();
    let made = templates.create(&InquiryTemplateDraft::new(hello(operation))).await.unwrap();
    let id = made.template.id.as_str();
    assert_eq!(templates.retrieve(id).await.unwrap(), made.template);
    assert_eq!(made.template.latest_published_version_id.as_deref(), Some(made.version_id.as_str()));
    assert!(templates.list().all().await.unwrap().contains(&made.template));

    scene.app.advance(Duration::from_millis(1));
    let french = LocaleValue { locale: "fr".to_owned(), value: Some("Bonjour".to_owned()) };
    let title = Translation {
        step: "start".to_owned(),
        component: "title".to_owned(),
        attribute_name: "text".to_owned(),
        locale_values: vec![french.clone()],
        ..Translation::default()
    };
    let draft = templates.import_translations(id, &[title]).await.unwrap();
    assert_eq!((draft.status.as_str(), draft.live, draft.enabled_locales.len()), ("draft", false, 2));
    let texts = templates.translations(id).await.unwrap();
    assert!(texts.id == draft.id && texts.translations[0].locale_values.contains(&french));
    assert_eq!(templates.publish(id).await.unwrap().version_id, draft.id);
    assert_eq!(templates.publish(id).await.unwrap_err().status(), Some(409));

    scene.app.advance(Duration::from_millis(1));
    let other = format!("Other {operation}");
    let renamed = InquiryTemplateDraft::new(hello(&other)).description("Another name");
    let saved = templates.update(id, &renamed.clone().unpublished()).await.unwrap();
    assert_eq!(templates.update(id, &renamed).await.unwrap_err().status(), Some(409));
    let replaced = templates.update(id, &renamed.replacing_draft()).await.unwrap();
    assert_eq!((&replaced.template.name, &replaced.version_id), (&other, &saved.version_id));
    scene.app.advance(Duration::from_millis(1));
    let reverted = templates.republish(id, &made.version_id).await.unwrap();
    let versions = templates.versions(id).all().await.unwrap();
    assert_eq!(versions.iter().filter(|one| one.live).count(), 1);
    assert!(versions[0].live && versions[0].id == reverted.version_id);
    let whole = templates.retrieve_version(&made.version_id).await.unwrap();
    assert_eq!(
        (&whole.definition["steps"][0]["title"], whole.verification_template_ids.len()),
        (&json!("Hello"), 1)
    );
    match operation {
        "retrieve-inquiry-template-translations" => values([texts]),
        "retrieve-an-inquiry-template-version" => values([whole]),
        "list-all-inquiry-template-versions" => values(versions),
        "import-inquiry-template-translations" => values([draft]),
        _ => values([made.template, reverted.template]),
    }
}
