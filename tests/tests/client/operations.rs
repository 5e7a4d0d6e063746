//! Every operation of the API has a method of the client, and every method calls its operation.

use muster_api::operations;
use muster_client::{
    AccountChanges, Batch, BatchOutcome, Client, Consolidation, ENDPOINTS, EventContext, Outcome, Snapshot,
    TagReference,
};
use muster_testkit::{TestDb, on_both};
use serde::Serialize;
use serde_json::{Value, json};

use crate::scene::{Scene, everything};
use crate::schema::{faults, named};

#[test]
fn every_operation_has_a_method_and_every_method_an_operation() {
    let mut wanted: Vec<(&str, &str, &str)> =
        operations().iter().map(|operation| (operation.id, operation.method.as_str(), operation.path)).collect();
    let mut had: Vec<(&str, &str, &str)> =
        ENDPOINTS.iter().map(|endpoint| (endpoint.id, endpoint.method, endpoint.path)).collect();
    wanted.sort_unstable();
    had.sort_unstable();
    let missing: Vec<_> = wanted.iter().filter(|one| !had.contains(one)).collect();
    let nowhere: Vec<_> = had.iter().filter(|one| !wanted.contains(one)).collect();
    assert!(missing.is_empty(), "give the client a method for {missing:?}");
    assert!(nowhere.is_empty(), "the API has no {nowhere:?}");
    assert_eq!(wanted, had);
}

on_both! {
    /// Each method in a world of its own; what comes back is held to the document.
    async fn every_method_calls_its_operation_and_comes_back_typed(db: TestDb) {
        let scene = Scene::start(db).await;
        for operation in operations() {
            let typed = call(&scene, operation.id).await;
            let called = scene.called();
            assert!(called.contains(&operation.id), "{} was to be called, not {called:?}", operation.id);
            for value in typed {
                let found = faults(&named(operation.doc.reply.schema()), &value);
                assert!(found.is_empty(), "{}: {found:#?}", operation.id);
            }
        }
    }
}

/// What came back, as values.
fn values<T: Serialize>(typed: impl IntoIterator<Item = T>) -> Vec<Value> {
    typed.into_iter().map(|one| serde_json::to_value(one).unwrap()).collect()
}

/// Calls the method of an operation and looks at what comes back. A new operation gets its line here.
async fn call(scene: &Scene, operation: &str) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let (account, other) = (scene.account.as_str(), scene.other.as_str());
    match operation {
        "list-all-accounts" => list_accounts(scene).await,
        "create-an-account" => create(scene).await,
        "retrieve-an-account" => {
            let found = accounts.retrieve(account).await.unwrap();
            assert_eq!((found.id.as_str(), &found.account_type_id), (account, &scene.account_type.id));
            values([found])
        }
        "update-an-account" => update(scene).await,
        "batch-accounts" => batch(scene).await,
        "redact-an-account" | "archive-an-account" | "restore-an-account" => lifecycle(scene).await,
        "runAccountAction" => {
            let refused = accounts.run_action(account, "accac_1", &json!({})).await.unwrap_err();
            assert_eq!(refused.status(), Some(422), "{refused}");
            Vec::new()
        }
        "accounts-add-tag" | "accounts-remove-tag" | "accounts-set-all-tags" => tags(scene).await,
        "accounts-add-relation" | "accounts-remove-relation" | "accounts-list-all-relations" => {
            relations(scene).await
        }
        "consolidate-into-an-account" | "preview-a-consolidation" | "unconsolidate-an-account" => {
            consolidation(scene).await
        }
        "list-the-timeline-of-an-account" => timeline(scene).await,
        "list-the-field-origins-of-an-account" => {
            let origins = accounts.field_origins(account).await.unwrap();
            assert!(origins.iter().any(|one| one.field == "risk" && one.actor.is_some()), "{origins:?}");
            values(origins)
        }
        "retrieve-an-account-as-of" => {
            let then = accounts.retrieve_as_of(other, "2030-01-01").await.unwrap();
            assert_eq!(then.text("name.first"), Some("Tomasz"));
            let missing = accounts.retrieve_as_of(other, "2001-01-01").await.unwrap_err();
            assert_eq!(missing.status(), Some(404));
            values([then])
        }
        "list-all-account-types" | "retrieve-an-account-type" | "create-an-account-type"
        | "update-an-account-type" => account_types(scene, operation).await,
        "list-all-api-logs" | "retrieve-an-api-log" => api_logs(scene).await,
        "list-all-rate-limits" => values(scene.muster.rate_limits().list().await.unwrap()),
        "list-all-events" | "retrieve-an-event" => events(scene).await,
        _ => panic!("tests/tests/client/operations.rs: teach `call` to call {operation}"),
    }
}

async fn list_accounts(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let found = accounts.list().reference_ids(["customer, 1", "nobody"]).send().await.unwrap();
    assert_eq!(found.items.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [scene.account.as_str()]);
    assert_eq!((&found.next, &found.prev), (&None, &None));
    let none = accounts.list().reference_ids(Vec::<String>::new()).send().await.unwrap();
    assert_eq!(none.items, [], "no reference ID is none, not any");

    let all = accounts.list().all().await.unwrap();
    let mut pages = accounts.list().page_size(1).pages();
    let mut seen = Vec::new();
    let mut last = None;
    while let Some(page) = pages.next().await.unwrap() {
        assert_eq!(page.items.len(), 1);
        seen.extend(page.items.clone());
        last = Some(page);
    }
    assert_eq!(seen, all);
    let back = accounts.list().page_size(1).at(last.unwrap().prev.unwrap()).send().await.unwrap();
    assert_eq!(back.items, all[all.len() - 2..all.len() - 1]);
    values(all)
}

async fn create(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let new = scene.new_account("Ada").reference_id("created");
    let saved = accounts.create(&new).await.unwrap();
    assert_eq!((saved.outcome, saved.account.text("name.first")), (Outcome::Created, Some("Ada")));
    let again = accounts.create(&new.clone().upsert_by("reference-id")).await.unwrap();
    assert_eq!((again.outcome, &again.account.id), (Outcome::Found, &saved.account.id));
    let taken = accounts.create(&new).await.unwrap_err();
    let refusal = taken.refusal().unwrap();
    assert_eq!((refusal.status, refusal.errors[0].title.as_str()), (409, "Conflict"));
    assert!(refusal.request_id.as_ref().is_some_and(|id| taken.to_string().contains(id)), "{taken}");

    // The same key brings back the same account, whoever sends it.
    let nameless = scene.new_account("Grace");
    let first = scene.muster.once("my-key").accounts().create(&nameless).await.unwrap();
    let second = scene.muster.once("my-key").accounts().create(&nameless).await.unwrap();
    assert_eq!(first.account.id, second.account.id);
    let third = accounts.create(&nameless).await.unwrap();
    assert_ne!(first.account.id, third.account.id);

    let wrong = accounts.create(&scene.new_account("Ada").field("employees", "many")).await.unwrap_err();
    let problem = wrong.refusal().unwrap().errors[0].clone();
    assert_eq!(problem.pointer.as_deref(), Some("/data/attributes/fields/employees"));
    assert!(!wrong.to_string().contains("many"), "{wrong}");
    values([saved.account, again.account, first.account])
}

async fn update(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let id = accounts.create(&scene.new_account("Ada").reference_id("u").field("risk", "low")).await.unwrap();
    let id = id.account.id;
    let changes = AccountChanges::new()
        .field("name", json!({ "last": "Byron" }))
        .clear("risk")
        .no_reference_id()
        .status("Approved")
        .tags(["a", "b"]);
    let changed = accounts.update(&id, &changes).await.unwrap();
    assert_eq!((changed.text("name.first"), changed.text("name.last")), (Some("Ada"), Some("Byron")));
    assert_eq!((changed.text("risk"), changed.reference_id.as_deref()), (None, None));
    assert_eq!((changed.account_status.as_str(), changed.tags.len()), ("Approved", 2));
    let again = accounts.update(&id, &AccountChanges::new().reference_id("v").field("employees", 3)).await;
    let again = again.unwrap();
    assert_eq!(
        (again.reference_id.as_deref(), again.fields["employees"].integer()),
        (Some("v"), Some(3))
    );
    values([changed, again])
}

async fn batch(scene: &Scene) -> Vec<Value> {
    let batch = Batch::new()
        .upsert_by("reference-id")
        .create(&scene.new_account("Bo").reference_id("batch"))
        .create(&scene.new_account("Cy").field("employees", "many"))
        .update(&scene.other, &AccountChanges::new().tags(["batched"]));
    let once = scene.muster.once("a-batch");
    let reply = once.accounts().batch(&batch).await.unwrap();
    let outcomes: Vec<BatchOutcome> = reply.items.iter().map(|item| item.outcome).collect();
    assert_eq!(outcomes, [BatchOutcome::Created, BatchOutcome::Refused, BatchOutcome::Updated]);
    assert_eq!((reply.created, reply.updated, reply.unchanged, reply.refused), (1, 1, 0, 1));
    let refused = &reply.items[1];
    assert_eq!(refused.errors[0].pointer.as_deref(), Some("/data/1/attributes/fields/employees"));
    assert_eq!(once.accounts().batch(&batch).await.unwrap(), reply, "a second try tells the same");
    values(reply.items)
}

async fn lifecycle(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let id = accounts.create(&scene.new_account("Ada")).await.unwrap().account.id;
    let archived = accounts.archive(&id).await.unwrap();
    let listed = accounts.list().all().await.unwrap();
    assert!(listed.iter().all(|one| one.id != id), "an archived account is hidden");
    let restored = accounts.restore(&id).await.unwrap();
    let redacted = accounts.redact(&id).await.unwrap();
    assert_eq!((restored.text("name.first"), redacted.text("name.first")), (Some("Ada"), None));
    assert!(restored.redacted_at.is_none() && redacted.redacted_at.is_some());
    values([archived, restored, redacted])
}

async fn tags(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let id = accounts.create(&scene.new_account("Ada")).await.unwrap().account.id;
    let added = accounts.add_tag(&id, "one").await.unwrap();
    let set = accounts.set_tags(&id, ["two", "three"]).await.unwrap();
    let removed = accounts.remove_tag(&id, "three").await.unwrap();
    let cleared = accounts.set_tags(&id, Vec::<String>::new()).await.unwrap();
    assert_eq!((added.tags.as_slice(), set.tags.len()), (["one".to_owned()].as_slice(), 2));
    assert_eq!((removed.tags.as_slice(), cleared.tags.len()), (["two".to_owned()].as_slice(), 0));
    let nowhere = TagReference::Id("tag_111111111111111111111111".to_owned());
    assert_eq!(accounts.add_tag(&id, nowhere).await.unwrap_err().status(), Some(404));
    values([added, set, removed])
}

async fn relations(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let id = accounts.create(&scene.new_account("Ada")).await.unwrap().account.id;
    let related = accounts.add_relation(&id, "partners", &scene.other).await.unwrap();
    let listed = accounts.relations(&id, "partners").created_from("2001-01-01").all().await.unwrap();
    assert_eq!(listed.iter().map(|one| &one.id).collect::<Vec<_>>(), [&scene.other]);
    let before = accounts.relations(&id, "partners").created_until("2001-01-01").all().await.unwrap();
    assert_eq!(before, []);
    let alone = accounts.remove_relation(&id, "partners", &scene.other).await.unwrap();
    assert_eq!(accounts.relations(&id, "partners").all().await.unwrap(), []);
    values(listed.into_iter().chain([related, alone]))
}

async fn consolidation(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let create = async |name: &str| accounts.create(&scene.new_account(name)).await.unwrap().account.id;
    let (into, from) = (create("Ada").await, create("Grace").await);
    let wanted = Consolidation::of([&from]).survivor("name", &from);
    let preview = accounts.preview_consolidation(&into, &wanted).await.unwrap();
    let name = &preview.fields["name"];
    assert_eq!((&name.survivor, name.values.len(), preview.relation_count), (&from, 2, 0));
    let first = name.values[0].field.as_ref().and_then(|field| field.get("first")?.text());
    assert!(first.is_some_and(|first| first == "Ada" || first == "Grace"));

    let merged = accounts.consolidate(&into, &wanted).await.unwrap();
    assert_eq!(merged.text("name.first"), Some("Grace"));
    let is_listed = async || accounts.list().all().await.unwrap().iter().any(|one| one.id == from);
    assert!(!is_listed().await, "the source is hidden");
    let undone = accounts.unconsolidate(&into, &[&from]).await.unwrap();
    assert_eq!((undone.restored_account_ids.as_slice(), undone.kept_fields.len()), ([from.clone()].as_slice(), 0));
    assert!(is_listed().await);
    accounts.consolidate(&into, &Consolidation::of([&from])).await.unwrap();
    assert_eq!(accounts.unconsolidate_all(&into).await.unwrap().restored_account_ids, [from.clone()]);
    values([preview.account, merged, undone.account])
}

async fn timeline(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let id = accounts.create(&scene.new_account("Ada")).await.unwrap().account.id;
    let changes = AccountChanges::new().field("risk", "high").status("Approved").reference_id("t").tags(["t"]);
    scene.app.advance(std::time::Duration::from_millis(1));
    accounts.update(&id, &changes).await.unwrap();
    scene.app.advance(std::time::Duration::from_millis(1));
    accounts.add_relation(&id, "partners", &scene.other).await.unwrap();
    let entries = accounts.timeline(&id).all().await.unwrap();
    assert_eq!(entries.last().unwrap().name.as_deref(), Some("account.created"));
    let changed = entries.iter().find_map(|entry| entry.changes.fields.get("risk")).unwrap();
    assert_eq!(changed.after.as_ref().and_then(|value| value.text()), Some("high"));
    let status = entries.iter().find_map(|entry| entry.changes.account_status.as_ref()).unwrap();
    assert_eq!((status.before.as_deref(), status.after.as_deref()), (Some("New"), Some("Approved")));
    let related = entries.iter().find_map(|entry| entry.changes.target_account_id.as_ref());
    assert_eq!(related, Some(&scene.other));
    values(entries)
}

async fn account_types(scene: &Scene, operation: &str) -> Vec<Value> {
    let types = scene.muster.account_types();
    match operation {
        "list-all-account-types" => {
            let all = types.list().await.unwrap();
            assert!(all.iter().any(|ty| *ty == scene.account_type));
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
            assert_eq!((&revised.account_type.id, revised.account_type.account_statuses.len()), (&made.id, 3));
            assert!(!revised.changes.is_empty());
            values([revised.account_type])
        }
    }
}

async fn events(scene: &Scene) -> Vec<Value> {
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
    let context = |wanted: fn(&EventContext) -> bool| told.iter().any(|one| one.context.as_ref().is_some_and(wanted));
    assert!(context(|one| matches!(one, EventContext::Tags { added_tags, .. } if added_tags == &["told"])));
    assert!(context(|one| matches!(one, EventContext::Relation { target_account_id: Some(_), .. })));
    let all = events.list().all().await.unwrap();
    assert!(all.iter().any(|one| matches!(one.payload.data, Snapshot::AccountType(_))));
    values(all)
}

async fn api_logs(scene: &Scene) -> Vec<Value> {
    let logs = scene.muster.api_logs();
    let refused = scene.muster.accounts().run_action(&scene.account, "accac_1", &json!({})).await.unwrap_err();
    let id = refused.refusal().unwrap().request_id.clone().unwrap();
    let log = logs.retrieve(&id).await.unwrap();
    assert_eq!((log.response.status, log.request.method.as_str()), (422, "POST"));
    assert!(log.request.path.ends_with("/run-action"), "{}", log.request.path);
    let page = logs.list().page_size(5).send().await.unwrap();
    assert!(page.items.len() == 5 && page.next.is_some());
    values(page.items.into_iter().chain([log]))
}

on_both! {
    /// The key of the client, not the data, decides what is refused; what is refused is told as it is.
    async fn a_refused_key_is_told(db: TestDb) {
        let scene = Scene::start(db).await;
        let stranger = Client::new(scene.muster.base_url(), "muster_sandbox_nobody").unwrap();
        let refused = stranger.accounts().retrieve(&scene.account).await.unwrap_err();
        assert_eq!(refused.to_string(), "401 Token is invalid");
        let odd = scene.muster.accounts().retrieve("act_1/../x?y#z").await.unwrap_err();
        assert_eq!(odd.status(), Some(404), "an ID cannot lead elsewhere: {odd}");
    }
}
