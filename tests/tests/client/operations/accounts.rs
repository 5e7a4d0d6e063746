//! The methods of accounts.

use muster_client::{
    Account, AccountChanges, Batch, BatchOutcome, Consolidation, Outcome, Query, TagReference, Value,
    attribute, field, identifier, json,
};

use super::values;
use crate::scene::Scene;

pub async fn list_accounts(scene: &Scene) -> Vec<Value> {
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

pub async fn create(scene: &Scene) -> Vec<Value> {
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

pub async fn update(scene: &Scene) -> Vec<Value> {
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
    assert_eq!((again.reference_id.as_deref(), again.fields["employees"].integer()), (Some("v"), Some(3)));
    values([changed, again])
}

pub async fn batch(scene: &Scene) -> Vec<Value> {
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

pub async fn search(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let create = async |name: &str, mail: &str, employees: i64| {
        let new = scene.new_account(name).reference_id(name).field("email_address", mail);
        accounts.create(&new.field("employees", employees)).await.unwrap()
    };
    create("Kim", "kim@example.com", 3).await;
    create("Lea", "lea@example.com", 5).await;
    let names = |found: &[Account]| {
        found.iter().map(|one| one.text("name.first").unwrap().to_owned()).collect::<Vec<_>>()
    };
    let either = Query::or([
        field("email_address").eq("kim@example.com"),
        field("email_address").eq("lea@example.com"),
    ]);
    let sorted = accounts.search(&either).page_size(1).ascending(&field("employees")).all().await.unwrap();
    assert_eq!(names(&sorted), ["Kim", "Lea"]);
    let back = accounts.search(&either).descending(&field("employees")).send().await.unwrap();
    assert_eq!(names(&back.items), ["Lea", "Kim"]);
    for (condition, expected) in [
        (field("employees").gt(3), "Lea"),
        (field("employees").gte(4), "Lea"),
        (field("employees").lt(5), "Kim"),
        (field("employees").lte(4), "Kim"),
        (Query::not(attribute("reference_id").eq("Lea")), "Kim"),
    ] {
        let found = accounts.search(&Query::and([either.clone(), condition])).all().await.unwrap();
        assert_eq!(names(&found), [expected]);
    }
    let by_number = accounts.search(&identifier("vat_number").eq("PT501234567")).all().await.unwrap();
    assert_eq!(by_number[0].id, scene.account);
    let any = accounts.search(&Query::any()).all().await.unwrap();
    assert_eq!(any, accounts.list().all().await.unwrap());
    let refused = accounts.search(&field("phone").eq("x")).send().await.unwrap_err();
    assert_eq!(refused.status(), Some(400));
    values(sorted)
}

pub async fn lifecycle(scene: &Scene) -> Vec<Value> {
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

pub async fn tags(scene: &Scene) -> Vec<Value> {
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

pub async fn relations(scene: &Scene) -> Vec<Value> {
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

pub async fn consolidation(scene: &Scene) -> Vec<Value> {
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
    assert_eq!(
        (undone.restored_account_ids.as_slice(), undone.kept_fields.len()),
        ([from.clone()].as_slice(), 0)
    );
    assert!(is_listed().await);
    accounts.consolidate(&into, &Consolidation::of([&from])).await.unwrap();
    assert_eq!(accounts.unconsolidate_all(&into).await.unwrap().restored_account_ids, [from.as_str()]);
    values([preview.account, merged, undone.account])
}

pub async fn timeline(scene: &Scene) -> Vec<Value> {
    let accounts = scene.muster.accounts();
    let id = accounts.create(&scene.new_account("Ada")).await.unwrap().account.id;
    let changes =
        AccountChanges::new().field("risk", "high").status("Approved").reference_id("t").tags(["t"]);
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
