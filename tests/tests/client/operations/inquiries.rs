//! The methods of inquiries and their sessions.

use muster_client::{InquiryChanges, InquiryTemplateDraft, NewInquiry, Query, Value, attribute, json};

use super::values;
use crate::scene::Scene;

async fn template(scene: &Scene, name: &str) -> String {
    let definition = json!({
        "name": name,
        "field-schemas": [{ "key": "name-first" }],
        "steps": [
            { "name": "start", "kind": "text", "title": "Hello", "next": "success" },
            { "name": "success", "kind": "complete" },
        ],
    });
    scene.muster.inquiry_templates().create(&InquiryTemplateDraft::new(definition)).await.unwrap().template.id
}

pub async fn all(scene: &Scene, operation: &str) -> Vec<Value> {
    match operation {
        "list-all-inquiries" | "search-inquiries" => found(scene, operation).await,
        "print-an-inquiry-pdf" => print(scene, operation).await,
        _ => life(scene, operation).await,
    }
}

async fn found(scene: &Scene, operation: &str) -> Vec<Value> {
    let (template, inquiries) = (template(scene, operation).await, scene.muster.inquiries());
    let new = NewInquiry::of_template(&template).reference_id("found, 1").note("a, b");
    let made = inquiries.create(&new).await.unwrap().inquiry;
    scene.app.advance(std::time::Duration::from_millis(1));
    let other =
        inquiries.create(&NewInquiry::of_template(&template).without_new_account()).await.unwrap().inquiry;
    inquiries.expire(&other.id).await.unwrap();
    let list = || inquiries.list().inquiry_template_ids([&template]);

    let both: Vec<String> = list().all().await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(both, [other.id.as_str(), made.id.as_str()]);
    assert_eq!(inquiries.list().note("a, b").all().await.unwrap()[0].note.as_deref(), Some("a, b"));
    assert!(inquiries.list().reference_id("found, 1").all().await.unwrap().contains(&made));
    assert_eq!(list().statuses(["expired"]).all().await.unwrap()[0].id, other.id);
    assert_eq!(
        list().account_ids([made.account_id.clone().unwrap()]).all().await.unwrap(),
        std::slice::from_ref(&made)
    );
    assert_eq!(
        list()
            .ids([&made.id])
            .created_from(&made.created_at)
            .created_until(&made.created_at)
            .all()
            .await
            .unwrap()
            .len(),
        1
    );
    let query =
        Query::and([attribute("inquiry_template_id").eq(template), attribute("status").eq("created")]);
    let searched = inquiries.search(&query).ascending(&attribute("updated_at")).all().await.unwrap();
    assert_eq!(searched, [made]);
    values(searched)
}

async fn life(scene: &Scene, operation: &str) -> Vec<Value> {
    let (template, inquiries) = (template(scene, operation).await, scene.muster.inquiries());
    let new =
        NewInquiry::of_template(&template).account_id(&scene.other).field("name-first", "Ada").tags(["vip"]);
    let created = inquiries.create(&new.with_session().with_one_time_link().expires_in(600)).await.unwrap();
    assert!(created.session_token.is_some() && created.one_time_link_short.is_some());
    let id = created.inquiry.id.as_str();
    assert_eq!(inquiries.retrieve(id).await.unwrap(), created.inquiry);
    assert_eq!((&created.inquiry.tags, created.inquiry.session_ids.len()), (&vec!["vip".to_owned()], 2));

    let changes =
        InquiryChanges::new().field("name-first", "Ida").note(Some("n")).tags(["a"]).redirect_uri(None);
    let changed = inquiries.update(id, &changes).await.unwrap();
    assert_eq!((changed.note.as_deref(), changed.tags.len()), (Some("n"), 1));
    assert_eq!(inquiries.add_tag(id, "b").await.unwrap().tags, ["a", "b"]);
    assert_eq!(inquiries.remove_tag(id, "a").await.unwrap().tags, ["b"]);
    assert_eq!(inquiries.set_tags(id, ["c"]).await.unwrap().tags, ["c"]);
    assert_eq!(
        Some(inquiries.one_time_link(id, Some(60)).await.unwrap().one_time_link),
        created.one_time_link
    );
    assert_eq!(inquiries.expire(id).await.unwrap().status, "expired");
    let (resumed, token) = inquiries.resume(id).await.unwrap();
    assert!(resumed.status == "pending" && token.split('.').count() == 3);
    assert_eq!(inquiries.simulate(id, ["complete_inquiry"]).await.unwrap().status, "completed");
    assert_eq!(inquiries.mark_for_review(id).await.unwrap().status, "needs_review");
    assert_eq!(inquiries.approve(id, Some("ok")).await.unwrap().reviewer_comment.as_deref(), Some("ok"));
    let declined = inquiries.decline(id, None).await.unwrap();
    assert_eq!(inquiries.expire(id).await.unwrap_err().status(), Some(409));
    let redacted = inquiries.redact(id).await.unwrap();
    assert!(redacted.redacted_at.is_some() && redacted.note.is_none());
    values([created.inquiry, declined, redacted])
}

async fn print(scene: &Scene, operation: &str) -> Vec<Value> {
    let (template, inquiries) = (template(scene, operation).await, scene.muster.inquiries());
    let made = inquiries.create(&NewInquiry::of_template(&template)).await.unwrap().inquiry;
    assert!(inquiries.print(&made.id).await.unwrap().starts_with(b"%PDF"));
    Vec::new()
}

pub async fn sessions(scene: &Scene, operation: &str) -> Vec<Value> {
    let (template, sessions) = (template(scene, operation).await, scene.muster.inquiry_sessions());
    let inquiry = scene.muster.inquiries().create(&NewInquiry::of_template(&template)).await.unwrap().inquiry;
    let made = sessions.create(&inquiry.id).await.unwrap();
    assert_eq!((made.inquiry_id.as_str(), made.status.as_str()), (inquiry.id.as_str(), "new"));
    assert_eq!(sessions.retrieve(&made.id).await.unwrap(), made);
    assert_eq!(sessions.list().inquiry_ids([&inquiry.id]).all().await.unwrap(), std::slice::from_ref(&made));
    assert!(sessions.one_time_link(&made.id).await.unwrap().one_time_link.contains("/verify?code="));
    let other = sessions.create(&inquiry.id).await.unwrap();
    assert_eq!(sessions.expire(&other.id).await.unwrap().status, "expired");
    let ended = sessions.expire_all([&inquiry.id]).await.unwrap();
    assert_eq!(ended.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [made.id.as_str()]);
    values(ended)
}
