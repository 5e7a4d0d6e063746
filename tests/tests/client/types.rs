//! Nothing of a reply is lost on its way into a type.

use muster_client::{
    Account, AccountType, BatchItem, BatchOutcome, Event, ExtendedAccountType, FieldOrigin, FieldValue,
    TimelineEntry,
};
use muster_testkit::{TestDb, on_both};
use serde::Serialize;
use serde_json::Value;

use crate::scene::{PDF, Scene};
use crate::schema::{deep, without_nothing};

/// Compares what the server sent with what the types have of it.
fn assert_whole<T: Serialize>(sent: &Value, typed: &[T]) {
    let sent = deep(&sent["data"]);
    let sent = if sent.is_array() { sent } else { Value::Array(vec![sent]) };
    let typed = serde_json::to_value(typed).unwrap();
    assert_eq!(without_nothing(typed), without_nothing(sent));
}

on_both! {
    async fn every_reply_comes_back_whole(db: TestDb) {
        let scene = Scene::start(db).await;
        let (muster, id) = (&scene.muster, scene.account.as_str());
        let accounts = muster.accounts();
        accounts.add_relation(id, "partners", &scene.other).await.unwrap();
        accounts.set_tags(id, ["seen", "known"]).await.unwrap();
        let sent = muster.get("/accounts?page[size]=100").await.unwrap();
        assert_whole::<Account>(&sent, &accounts.list().all().await.unwrap());
        let sent = muster.get(&format!("/accounts/{id}")).await.unwrap();
        assert_whole::<Account>(&sent, &[accounts.retrieve(id).await.unwrap()]);
        let sent = muster.get(&format!("/accounts/{id}/timeline")).await.unwrap();
        assert_whole::<TimelineEntry>(&sent, &accounts.timeline(id).send().await.unwrap().items);
        let sent = muster.get(&format!("/accounts/{id}/field-origins")).await.unwrap();
        assert_whole::<FieldOrigin>(&sent, &accounts.field_origins(id).await.unwrap());
        let sent = muster.get("/account-types").await.unwrap();
        assert_whole::<ExtendedAccountType>(&sent, &muster.account_types().list().await.unwrap());
        let ty = &scene.account_type.id;
        let sent = muster.get(&format!("/account-types/{ty}")).await.unwrap();
        assert_whole::<AccountType>(&sent, &[muster.account_types().retrieve(ty).await.unwrap()]);
        let sent = muster.get("/events?page[size]=100").await.unwrap();
        assert_whole::<Event>(&sent, &muster.events().list().page_size(100).send().await.unwrap().items);
    }

    async fn values_are_of_their_kinds(db: TestDb) {
        let scene = Scene::start(db).await;
        let account = scene.muster.accounts().retrieve(&scene.account).await.unwrap();
        assert_eq!(account.reference_id.as_deref(), Some("customer, 1"));
        assert_eq!((account.account_status.as_str(), account.tags), ("Approved", vec!["vip".to_owned()]));
        let account = scene.muster.accounts().retrieve(&scene.account).await.unwrap();
        assert_eq!(account.text("name.first"), Some("Ines"));
        assert_eq!(account.fields["name"].get("last").and_then(FieldValue::text), Some("Sala"));
        assert_eq!(account.text("name.middle"), None, "it is not set");
        assert_eq!(account.text("email_address"), Some("ines.sala@example.com"));
        assert_eq!(account.fields["employees"].integer(), Some(12));
        assert_eq!(account.fields["share"].number(), Some(0.25));
        assert_eq!(account.fields["regulated"].boolean(), Some(false));
        assert_eq!(account.text("founded_on"), Some("1990-12-31"));
        assert!(account.text("seen_at").is_some_and(|at| at.starts_with("2026-01-31T12:00:00")));
        assert_eq!(account.text("risk"), Some("low"));
        assert_eq!(account.fields["topics"].choices(), ["low", "high"]);
        let visits = account.fields["visits"].items();
        assert_eq!(visits[0].get("note").and_then(FieldValue::text), Some("first"));
        assert!(matches!(visits[1].get("on"), Some(FieldValue::Date(None))));
        assert!(matches!(&account.fields["extra"], FieldValue::Json(value) if value["a"][1] == 2.5));
        let file = account.fields["passport"].file().unwrap();
        assert_eq!((file.filename.as_str(), file.mime_type.as_str()), ("passport.pdf", "application/pdf"));
        let mut here = file.clone();
        let path = here.url.find("/files/").unwrap();
        here.url.replace_range(..path, &format!("http://{}", scene.app.address()));
        assert_eq!(scene.muster.download(&here).await.unwrap(), PDF);
        let mut altered = here.clone();
        altered.url.push('x');
        assert_eq!(scene.muster.download(&altered).await.unwrap_err().status(), Some(403));
        let unknown = account.fields.values().find(|value| matches!(value, FieldValue::Other(..)));
        assert!(unknown.is_none(), "a kind that the client does not know: {unknown:?}");
        assert_eq!(account.fields["name"].bare()["first"], "Ines");
    }

    async fn what_is_read_can_be_sent_back(db: TestDb) {
        let scene = Scene::start(db).await;
        let account = scene.muster.accounts().retrieve(&scene.account).await.unwrap();
        let mut same = muster_client::Batch::new();
        let mut changes = muster_client::AccountChanges::new();
        for (key, value) in &account.fields {
            changes = changes.field(key, value.clone());
        }
        same = same.update(&account.id, &changes);
        let reply = scene.muster.accounts().batch(&same).await.unwrap();
        let outcomes: Vec<(BatchOutcome, &[muster_client::Problem])> =
            reply.items.iter().map(|item: &BatchItem| (item.outcome, item.errors.as_slice())).collect();
        assert_eq!(outcomes, [(BatchOutcome::Unchanged, [].as_slice())]);
    }

    async fn no_value_is_in_the_debug_of_a_type(db: TestDb) {
        let scene = Scene::start(db).await;
        let accounts = scene.muster.accounts();
        let new = scene.new_account("Xanthippe");
        let saved = accounts.create(&new).await.unwrap();
        let id = saved.account.id.clone();
        let batch = muster_client::Batch::new().create(&new);
        let shown = format!(
            "{:?} {new:?} {batch:?} {saved:?} {:?} {:?}",
            scene.muster,
            accounts.timeline(&id).send().await.unwrap(),
            scene.muster.events().list().object_ids([&id]).send().await.unwrap(),
        );
        assert!(!shown.contains("Xanthippe"), "{shown}");
        assert!(!shown.contains(&scene.app.tenant.key));
        assert!(shown.contains(&id));
    }
}
