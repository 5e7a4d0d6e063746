//! `/events`

use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use crate::bodies::{account_type, attributes, everything, reference};

on_both! {
    async fn an_event_is_answered_in_the_documented_shape(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "reference-id": "u-1", "name-first": "Ada" }))).await;

        let list = app.get("/events").await;

        let id = list.ids()[0];
        assert!(id.starts_with("evt_"), "{id}");
        assert_eq!(list.json, json!({
            "data": [{
                "type": "event",
                "id": id,
                "attributes": {
                    "name": "account.created",
                    "payload": { "data": account.at("/data") },
                    "created-at": "2026-03-02T09:14:07.413Z"
                }
            }],
            "links": { "prev": null, "next": null }
        }));
        assert_eq!(app.get(&format!("/events/{id}")).await.at("/data"), list.at("/data/0"));
    }

    async fn an_event_of_tags_tells_which_ones(db: TestDb) {
        let app = TestApp::start(db).await;
        let account = app.post("/accounts", attributes(json!({ "tags": ["a", "b"] }))).await;
        app.patch(&format!("/accounts/{}", account.id()), attributes(json!({ "tags": ["b", "c"] }))).await.good();

        let events = app.all("/events?filter[name]=account.updated-tags").await;

        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["attributes"]["context"], json!({ "added-tags": ["c"], "removed-tags": ["a"] }));
        for event in app.all("/events?filter[name]=account.created,account.tag-added").await {
            assert_eq!(event["attributes"].get("context"), None);
        }
    }

    async fn events_are_filtered_by_name_id_and_object(db: TestDb) {
        let app = TestApp::start(db).await;
        let a = app.post("/accounts", reference("a")).await.id().to_owned();
        let b = app.post("/accounts", reference("b")).await.id().to_owned();
        app.patch(&format!("/accounts/{a}"), attributes(json!({ "name-first": "Ada" }))).await.good();
        let all: Vec<String> = app.get("/events").await.ids().into_iter().map(str::to_owned).collect();
        let (updated_a, created_b, created_a) = (&all[0], &all[1], &all[2]);
        let get = async |query: &str| {
            let reply = app.get(&format!("/events?{query}")).await;
            reply.ids().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };

        assert_eq!(get("filter[name]=account.created").await, all[1..]);
        assert_eq!(get("filter[name]=account.created,account.updated-fields").await, all);
        assert_eq!(get("filter[name]=nonsense").await, Vec::<String>::new());
        assert_eq!(get(&format!("filter[object-id]={a}")).await, [updated_a.clone(), created_a.clone()]);
        assert_eq!(get(&format!("filter[object-id]={a},{b}")).await, all);
        assert_eq!(get(&format!("filter[id]={created_b},{updated_a},{created_b},nonsense")).await, all[..2]);
        assert_eq!(get(&format!("filter[id]={created_b}&filter[object-id]={a}")).await, Vec::<String>::new());
        assert_eq!(get(&format!("filter[name]=account.created&filter[object-id]={a}")).await, std::slice::from_ref(created_a));
        assert_eq!(get("filter[object-id]=act_111111111111111111111111").await, Vec::<String>::new());
    }

    async fn events_are_paged_newest_first_in_both_directions(db: TestDb) {
        let app = TestApp::start(db).await;
        for i in 0..12 {
            app.post("/accounts", reference(&format!("r-{i}"))).await.good();
        }
        let all = app.get("/events?page[size]=100").await;

        for filter in ["", "filter[name]=account.created&"] {
            let first = app.get(&format!("/events?{filter}page[size]=5")).await;
            let second = app.get(first.text_at("/links/next")).await;
            let third = app.get(second.text_at("/links/next")).await;
            let back = app.get(third.text_at("/links/prev")).await;

            assert_eq!([first.ids(), second.ids(), third.ids()].concat(), all.ids(), "{filter}");
            assert_eq!(back.ids(), second.ids(), "{filter}");
            assert_eq!([first.at("/links/prev"), third.at("/links/next")], [&Value::Null; 2], "{filter}");
        }
        assert_eq!(all.at("/data/11/attributes/payload/data/attributes/reference-id"), "r-0");
    }

    /// An event shows its account as it was then, however much has happened since.
    async fn the_past_stays_as_it_was(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let account = app.post("/accounts", attributes(json!({
            "account-type-id": ty, "reference-id": "first", "tags": ["old"], "fields": { "text": "one", "count": 1 }
        }))).await;
        let changes = [
            json!({ "fields": { "text": "two", "city": "Bergen" } }),
            json!({ "account-status": "Approved" }),
            json!({ "reference-id": "second" }),
            json!({ "fields": { "text": null } }),
            json!({ "tags": ["new"] }),
            json!({ "fields": { "count": 2 }, "reference-id": null, "tags": [] }),
        ];
        let mut replies = vec![account.at("/data").clone()];
        for change in changes {
            app.advance(std::time::Duration::from_secs(10));
            let reply = app.patch(&format!("/accounts/{}", account.id()), attributes(change)).await;
            reply.good();
            replies.push(reply.at("/data").clone());
        }

        let path = format!("/events?filter[object-id]={}", account.id());
        let events: Vec<Value> = app.all(&path).await.into_iter().rev().collect();
        let names = ["created", "updated-fields", "status-updated", "updated-reference-id", "updated-fields",
            "updated-tags", "tag-added", "tag-removed",
            "updated-fields", "updated-reference-id", "updated-tags", "tag-removed"];
        assert_eq!(names.map(|name| json!(format!("account.{name}"))).to_vec(),
            events.iter().map(|event| event["attributes"]["name"].clone()).collect::<Vec<_>>());
        // After the last event of each request the account is what that request was answered.
        for (last, reply) in [0, 1, 2, 3, 4, 7, 11].into_iter().zip(&replies) {
            assert_eq!(&events[last]["attributes"]["payload"]["data"], reply, "event {last}");
        }
    }

    /// Walking back starts at the nearest stored snapshot, of which there is one every 32 events.
    async fn a_long_history_is_walked_back_right(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let account = app.post("/accounts", attributes(json!({ "account-type-id": ty, "tags": ["t0"] }))).await;
        let path = format!("/accounts/{}", account.id());
        let mut replies = vec![account.at("/data").clone()];
        for i in 1..=75 {
            let mut fields = json!({ "text": format!("text {i}"), "numbers": [i] });
            if i % 3 == 0 {
                fields["city"] = if i % 2 == 0 { Value::Null } else { json!(format!("city {i}")) };
            }
            let reply = app.patch(&path, attributes(json!({ "fields": fields }))).await;
            reply.good();
            replies.push(reply.at("/data").clone());
        }

        let events = app.all(&format!("/events?filter[object-id]={}", account.id())).await;

        assert_eq!(events.len(), 76);
        for (event, reply) in events.iter().rev().zip(&replies) {
            assert_eq!(&event["attributes"]["payload"]["data"], reply);
            let alone = app.get(&format!("/events/{}", event["id"].as_str().unwrap())).await;
            assert_eq!(alone.at("/data"), event);
        }
    }

    /// One request can cause several events; they stay in the order in which they are told.
    async fn several_events_of_a_request_are_in_order(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = account_type(&app, everything()).await;
        let account = app.post("/accounts", attributes(json!({ "account-type-id": ty }))).await;

        for i in 0..20 {
            let status = if i % 2 == 0 { "Approved" } else { "New" };
            let change = json!({ "account-status": status, "reference-id": format!("r-{i}"), "fields": { "text": format!("{i}") } });
            app.patch(&format!("/accounts/{}", account.id()), attributes(change)).await.good();
        }

        let names: Vec<String> = app.events().await.into_iter().skip(2).collect();
        for three in names.chunks(3) {
            assert_eq!(three, ["account.updated-fields", "account.status-updated", "account.updated-reference-id"]);
        }
        assert_eq!(names.len(), 60);
    }

    async fn a_change_of_a_type_is_an_event(db: TestDb) {
        let app = TestApp::start(db).await;
        let ty = app.post("/account-types", attributes(json!({ "name": "Legislator" }))).await;
        let path = format!("/account-types/{}", ty.id());
        app.patch(&path, attributes(json!({ "name": "Senator" }))).await.good();

        let events = app.all("/events").await;

        assert_eq!(app.events().await, ["account-type.created", "account-type.updated"]);
        assert_eq!(events[0]["attributes"]["payload"]["data"]["attributes"]["name"], "Senator");
        assert_eq!(events[1]["attributes"]["payload"]["data"]["attributes"]["name"], "Legislator");
        assert_eq!(events[1]["attributes"]["payload"]["data"]["id"], ty.id());
    }

    async fn an_unknown_event_is_not_found(db: TestDb) {
        let app = TestApp::start(db).await;
        for id in ["evt_111111111111111111111111", "evt_1", "act_111111111111111111111111"] {
            assert_eq!(app.get(&format!("/events/{id}")).await.problem(), "404 Record not found", "{id}");
        }
        assert_eq!(app.get("/events/x?include=account").await.problem(),
            "400 Bad Request: include: this endpoint can include none");
    }
}
