//! The methods of what accounts live among: types, events, keys, logs.

use muster_client::{ApiKeySettings, Client, Error, EventContext, Snapshot, Value, json};

use super::values;
use crate::scene::{Scene, everything};

pub async fn account_types(scene: &Scene, operation: &str) -> Vec<Value> {
    let types = scene.muster.account_types();
    match operation {
        "list-all-account-types" => {
            let all = types.list().await.unwrap();
            assert!(all.contains(&scene.account_type));
            values(all)
        }
        "retrieve-an-account-type" => {
            let found = types.retrieve(&scene.account_type.id).await.unwrap();
            assert_eq!((&found.name, found.account_status_ids.len()), (&scene.account_type.name, 2));
            let vat = found.field_schemas.iter().find(|field| field.key == "vat_number").unwrap();
            assert_eq!((vat.kind.as_str(), vat.config.max_char_length), ("string", Some(20)));
            values([found])
        }
        "create-an-account-type" => {
            let made = types.create(&everything("Made")).await.unwrap();
            assert_eq!((made.name.as_str(), made.identifiers[0].unique), ("Made", true));
            assert_eq!(types.create(&everything("Made")).await.unwrap_err().status(), Some(409));
            values([made])
        }
        _ => {
            let made = types.create(&everything("Old")).await.unwrap();
            let revised = types.update(&made.id, &everything("Revised").status("Blocked", "red")).await;
            let revised = revised.unwrap();
            assert_eq!(
                (&revised.account_type.id, revised.account_type.account_statuses.len()),
                (&made.id, 3)
            );
            assert!(!revised.changes.is_empty());
            values([revised.account_type])
        }
    }
}

pub async fn events(scene: &Scene) -> Vec<Value> {
    let (accounts, events) = (scene.muster.accounts(), scene.muster.events());
    let id = accounts.create(&scene.new_account("Ada")).await.unwrap().account.id;
    accounts.add_tag(&id, "told").await.unwrap();
    accounts.add_relation(&id, "partners", &scene.other).await.unwrap();
    let created = events.list().object_ids([&id]).names(["account.created"]).send().await.unwrap();
    let [event] = created.items.as_slice() else { panic!("one event, not {created:?}") };
    assert_eq!(event.account().and_then(|account| account.text("name.first")), Some("Ada"));
    assert_eq!(events.retrieve(&event.id).await.unwrap(), *event);
    assert_eq!(events.list().ids([&event.id]).all().await.unwrap(), std::slice::from_ref(event));
    let told = events.list().object_ids([&id]).all().await.unwrap();
    let context =
        |wanted: fn(&EventContext) -> bool| told.iter().any(|one| one.context.as_ref().is_some_and(wanted));
    assert!(context(|one| matches!(one, EventContext::Tags { added_tags, .. } if added_tags == &["told"])));
    assert!(context(|one| matches!(one, EventContext::Relation { target_account_id: Some(_), .. })));
    let all = events.list().all().await.unwrap();
    assert!(all.iter().any(|one| matches!(one.payload.data, Snapshot::AccountType(_))));
    // What the client has no type for is told by its ID alone.
    values(all.into_iter().filter(|one| !matches!(one.payload.data, Snapshot::Other { .. })))
}

pub async fn api_keys(scene: &Scene, operation: &str) -> Vec<Value> {
    let keys = scene.muster.api_keys();
    let settings = ApiKeySettings::new()
        .name("Reporting")
        .note(Some("nightly"))
        .permissions(["account.read"])
        .ip_address_allowlist(["127.0.0.1"])
        .api_attributes_blocklist(["account-status"]);
    let issued = keys.create(&settings).await.unwrap();
    let (id, value) = (issued.api_key.id.as_str(), issued.value.clone().unwrap());
    assert!(!format!("{issued:?}").contains(&value));
    let narrow = Client::new(scene.muster.base_url(), &value).unwrap();
    let account = narrow.get(&format!("/accounts/{}", scene.account)).await.unwrap();
    assert_eq!(account.pointer("/data/attributes/account-status"), None);
    let lacking = narrow.accounts().retrieve(&scene.account).await.unwrap_err();
    assert!(matches!(lacking, Error::Unexpected { status: 200, .. }), "{lacking}");

    let changes = ApiKeySettings::new().note(None).api_key_inflection("camel").api_version("2023-01-05");
    let changed = keys.update(id, &changes.file_access_token_expires_in(3600)).await.unwrap();
    assert_eq!((changed.note.as_deref(), changed.api_key_inflection.as_str()), (None, "camel"));
    assert_eq!(keys.retrieve(id).await.unwrap().file_access_token_expires_in, 3600);
    let copy = keys.copy(id).await.unwrap();
    assert!(copy.api_key.id != id && copy.value.is_some() && copy.value != issued.value);
    let ended = keys.expire(id, 0).await.unwrap();
    assert!(ended.expires_at.is_some());
    let listed = keys.list().names(["Reporting"]).all().await.unwrap();
    assert!(listed.contains(&ended));
    match operation {
        "create-an-api-key" | "clone-api-key" => values([issued, copy]),
        _ => values(listed.into_iter().chain([changed, ended])),
    }
}

pub async fn user_audit_logs(scene: &Scene) -> Vec<Value> {
    let refused = scene.muster.user_audit_logs().list().send().await.unwrap_err();
    assert_eq!(refused.status(), Some(403), "it is not for a sandbox: {refused}");
    scene.muster.api_keys().create(&ApiKeySettings::new().name("Told")).await.unwrap();
    let production = scene.app.sibling_environment().await;
    let logs = scene.with_key(&production.key).user_audit_logs();
    let all = logs.list().all().await.unwrap();
    let told = all.iter().find(|one| one.path == "/api/v1/api-keys").unwrap();
    assert_eq!((told.method.as_str(), told.response_status), ("POST", 201));
    assert_eq!(logs.retrieve(&told.id).await.unwrap(), *told);
    values(all)
}

pub async fn api_logs(scene: &Scene) -> Vec<Value> {
    let logs = scene.muster.api_logs();
    let refused =
        scene.muster.accounts().run_action(&scene.account, "accac_1", &json!({})).await.unwrap_err();
    let id = refused.refusal().unwrap().request_id.clone().unwrap();
    let log = logs.retrieve(&id).await.unwrap();
    assert_eq!((log.response.status, log.request.method.as_str()), (422, "POST"));
    assert!(log.request.path.ends_with("/run-action"), "{}", log.request.path);
    let page = logs.list().page_size(5).send().await.unwrap();
    assert!(page.items.len() == 5 && page.next.is_some());
    values(page.items.into_iter().chain([log]))
}
