//! `POST /inquiries/search`.

use std::collections::BTreeMap;

use muster_app::inquiries::{Limits, SearchRequest};
use muster_app::{ReadCx, Scope};
use muster_domain::event::{Actor, Source};
use muster_testkit::{TestApp, TestDb, on_both};
use serde_json::{Value, json};

use super::{act, create, simulate, template, template_with};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let at = self.below(from.len());
        &from[at]
    }
}

/// Inquiries of two templates and four accounts in most statuses, as they are shown.
async fn world(app: &TestApp) -> (Vec<Value>, [String; 2]) {
    let templates = [template(app).await, template_with(app, "Other", json!({})).await];
    let ways: [&[&str]; 7] = [
        &[],
        &["start"],
        &["start", "complete"],
        &["start", "fail"],
        &["expire"],
        &["mark_for_review"],
        &["approve"],
    ];
    let mut dice = Dice(1);
    for i in 0..28 {
        let meta = match i % 5 {
            4 => json!({ "auto-create-account": false }),
            n => json!({ "auto-create-account-reference-id": format!("Ref {n}") }),
        };
        let id = create(app, dice.pick::<String>(&templates), json!({}), meta).await.id().to_owned();
        simulate(app, &id, dice.pick::<&[&str]>(&ways)).await.good();
        app.advance(std::time::Duration::from_secs(3000));
    }
    let all = app.all("/inquiries").await;
    for _ in 0..6 {
        // Some change later than they were created.
        let id = dice.pick(&all)["id"].as_str().unwrap();
        act(app, id, "decline").await.good();
    }
    (app.all("/inquiries").await, templates)
}

fn attribute<'a>(inquiry: &'a Value, name: &str) -> Option<&'a str> {
    match name {
        "inquiry_template_id" => inquiry.pointer("/relationships/inquiry-template/data/id"),
        name => inquiry["attributes"].get(name.replace('_', "-")),
    }?
    .as_str()
}

/// What a condition means, the long way round: by what replies show.
fn holds(query: &Value, inquiry: &Value) -> bool {
    let list = |key: &str| query.get(key).and_then(Value::as_array);
    if let Some(all) = list("and") {
        return all.iter().all(|one| holds(one, inquiry));
    }
    if let Some(any) = list("or") {
        return any.iter().any(|one| holds(one, inquiry));
    }
    if let Some(inner) = query.get("not") {
        return !holds(inner, inquiry);
    }
    let (name, wanted) = (query["attribute"].as_str().unwrap(), query["value"].as_str().unwrap());
    let Some(value) = attribute(inquiry, name) else { return false };
    let ordering = match name {
        "reference_id" => value.to_lowercase().as_str().cmp(wanted.to_lowercase().as_str()),
        _ => value.cmp(wanted),
    };
    match query["operator"].as_str().unwrap() {
        "eq" => ordering.is_eq(),
        "gt" => ordering.is_gt(),
        "gte" => ordering.is_ge(),
        "lt" => ordering.is_lt(),
        _ => ordering.is_le(),
    }
}

/// A condition, of whatever shape.
fn condition(dice: &mut Dice, all: &[Value], depth: usize) -> Value {
    let shape = if depth == 2 { 0 } else { dice.below(6) };
    match shape {
        1 | 2 => {
            json!({ "and": (0..=dice.below(3)).map(|_| condition(dice, all, depth + 1)).collect::<Vec<_>>() })
        }
        3 => {
            json!({ "or": (0..=dice.below(3)).map(|_| condition(dice, all, depth + 1)).collect::<Vec<_>>() })
        }
        4 => json!({ "not": condition(dice, all, depth + 1) }),
        _ => {
            let like = dice.pick(all);
            let name =
                *dice.pick(&["status", "created_at", "updated_at", "reference_id", "inquiry_template_id"]);
            let value = attribute(like, name).unwrap_or("nobody").to_owned();
            let operator = match name {
                "created_at" | "updated_at" => *dice.pick(&["eq", "gt", "gte", "lt", "lte"]),
                _ => "eq",
            };
            json!({ "attribute": name, "operator": operator, "value": value })
        }
    }
}

/// What is wanted, in the order in which it is wanted.
fn naive(all: &[Value], body: &BTreeMap<&str, Value>) -> Vec<String> {
    let mut found: Vec<&Value> =
        all.iter().filter(|one| body.get("query").is_none_or(|query| holds(query, one))).collect();
    let sort = body.get("sort");
    let by = sort.map_or("created_at", |sort| sort["attribute"].as_str().unwrap());
    found.sort_by_key(|one| {
        (if by == "created_at" { "" } else { attribute(one, by).unwrap() }, one["id"].as_str().unwrap())
    });
    if sort.is_none_or(|sort| sort["direction"] == "desc") {
        found.reverse();
    }
    found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// All pages of a search, one after the other.
async fn pages(app: &TestApp, body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut next = Some("/inquiries/search".to_owned());
    while let Some(path) = next {
        let page = app.post(&path, body.clone()).await;
        assert_eq!(page.status, 200, "{body} {}", page.problem());
        found.extend(page.ids().into_iter().map(str::to_owned));
        next = page.at("/links/next").as_str().map(str::to_owned);
    }
    found
}

on_both! {
    async fn a_search_finds_what_a_look_at_every_inquiry_finds(db: TestDb) {
        let app = TestApp::start(db).await;
        let (all, _) = world(&app).await;
        let mut dice = Dice(7);
        for _ in 0..80 {
            let mut body = BTreeMap::new();
            if dice.below(10) > 0 {
                body.insert("query", condition(&mut dice, &all, 0));
            }
            if dice.below(4) > 0 {
                let by = *dice.pick(&["created_at", "updated_at", "status"]);
                body.insert("sort", json!({ "attribute": by, "direction": dice.pick(&["asc", "desc"]) }));
            }
            let mut sent = json!(body);
            sent["page"] = json!({ "size": 1 + dice.below(9) });
            assert_eq!(pages(&app, &sent).await, naive(&all, &body), "{sent}");
        }
    }

    async fn limits_cut_pages_and_change_nothing_else(db: TestDb) {
        let app = TestApp::start(db).await;
        let (all, templates) = world(&app).await;
        let environment = app.tenant.environment.clone();
        let mut dice = Dice(11);
        for round in 0..40 {
            let mut body = BTreeMap::from([("query", condition(&mut dice, &all, 0))]);
            if round % 4 == 0 {
                body.insert("query", json!({ "attribute": "inquiry_template_id", "operator": "eq", "value": templates[0] }));
            }
            let by = *dice.pick(&["created_at", "updated_at", "status"]);
            body.insert("sort", json!({ "attribute": by, "direction": dice.pick(&["asc", "desc"]) }));
            let limits = Limits { sorted: 1 + dice.below(4), opened: 1 + dice.below(3) };
            for backwards in [false, true] {
                let mut wanted = naive(&all, &body);
                let (mut found, mut mark, mut pages) = (Vec::new(), None, 0);
                if backwards {
                    // From the last one on, which is not found then.
                    let Some(last) = wanted.pop() else { continue };
                    mark = Some(last.parse().unwrap());
                }
                loop {
                    let (app_in, environment, body, from) = (std::sync::Arc::clone(&app.app), environment.clone(), body.clone(), mark.clone());
                    let page = app.app.db.read("test", move |tx| {
                        let environment = muster_app::keys::environment(tx, &app_in.master, &environment)?;
                        let scope = Scope { environment, actor: Actor::System, source: Source::CommandLine, now: app_in.now() };
                        let cx = &mut ReadCx { tx, scope: &scope, catalogs: &app_in.catalogs, master: &app_in.master };
                        let (after, before) = if backwards { (None, from.clone()) } else { (from.clone(), None) };
                        let request = SearchRequest { query: body.get("query"), sort: body.get("sort"), size: 2, after, before, limits };
                        muster_app::inquiries::search(cx, &request)
                    }).await.unwrap();
                    let ids: Vec<_> = page.page.items.iter().map(|one| one.inquiry.id.clone()).collect();
                    let (more, end) = match backwards {
                        false => (page.page.has_older, ids.last()),
                        true => (page.page.has_newer, ids.first()),
                    };
                    let next = page.resume.clone().or_else(|| end.cloned());
                    match backwards {
                        false => found.extend(ids),
                        true => { found.splice(0..0, ids); }
                    }
                    pages += 1;
                    if !more || pages > 200 {
                        break;
                    }
                    mark = next;
                }
                let found: Vec<String> = found.iter().map(ToString::to_string).collect();
                assert_eq!(found, wanted, "{body:?} {limits:?}");
            }
        }
    }

    async fn what_makes_no_sense_is_refused_at_its_place(db: TestDb) {
        let app = TestApp::start(db).await;
        let leaf = json!({ "attribute": "status", "operator": "eq", "value": "created" });
        let with = |name: &str, value: Value| { let mut one = leaf.clone(); one[name] = value; json!({ "query": one }) };
        for (body, problem) in [
            (json!({ "query": { "and": [{ "or": [{ "not": leaf }] }] } }), "query.and.0.or.0.not must not stand here: and, or and not can be nested 2 levels deep"),
            (json!({ "query": { "or": vec![leaf.clone(); 21] } }), "query.or must be a list of 1 to 20 conditions"),
            (with("attribute", json!("note")), "query.attribute must be status, created_at, updated_at, reference_id or inquiry_template_id"),
            (with("operator", json!("in")), "query.operator must be eq, gt, gte, lt or lte"),
            (with("operator", json!("gt")), "query.operator must be eq for this attribute"),
            (with("value", json!("lost")), "query.value must be one of created, pending, completed, failed, expired, needs_review, approved, declined"),
            (with("value", json!([])), "query.value must be a text, a number, true or false"),
            (json!({ "query": { "attribute": "created_at", "operator": "gt", "value": "soon" } }), "query.value must be a date like 2025-01-01 or an instant like 2025-01-01T09:30:00Z"),
            (json!({ "query": { "attribute": "inquiry_template_id", "operator": "eq", "value": "x" } }), "query.value must be the ID of an inquiry template, itmpl_…"),
            (json!({ "sort": { "attribute": "note" } }), "sort.attribute must be created_at, updated_at or status"),
            (json!({ "sort": { "attribute": "status", "direction": "up" } }), "sort.direction must be asc or desc"),
            (json!({ "page": { "after": "x" } }), "page.after must be an ID that starts with inq_, or be left out"),
            (json!({ "page": { "before": 7 } }), "page.before must be the ID of an inquiry, inq_…, or be left out"),
            (json!({ "shoe": 1 }), "shoe is not a member of this request; known are query, sort, page"),
        ] {
            assert_eq!(app.post("/inquiries/search", body).await.problem(), format!("400 Bad Request: {problem}"));
        }
        let gone = json!({ "sort": { "attribute": "status" }, "page": { "after": "inq_111111111111111111111111" } });
        assert_eq!(app.post("/inquiries/search", gone).await.status, 404);
    }

    async fn what_is_hidden_from_a_key_is_not_searched(db: TestDb) {
        let app = TestApp::start(db).await;
        let key = app.key_with(|key| key.blocklist = vec!["reference-id".to_owned()]).await;
        let query = json!({ "query": { "attribute": "referenceId", "operator": "eq", "value": "x" } });
        let refused = app.request(hyper::Method::POST, "/inquiries/search").key(&key).json(&query).send().await;
        assert_eq!(refused.problem(), "400 Bad Request: query.attribute is hidden from this API key");
    }
}
