//! The attributes of a report that depend on its kind.

use std::collections::BTreeMap;

use muster_app::reports::{Dismissal, Hit, HitList, Report};
use muster_domain::ReportKind;
use muster_domain::report::shape::{Member, Null, Shape};
use serde_json::{Map, Value, json};

/// Those that the kind has, each as far as something is known of it.
pub fn attributes(report: &Report) -> Map<String, Value> {
    let mut members = Map::new();
    for member in report.kind.attributes() {
        let found = value(report, member.name);
        // What a table of ours does not allow is not shown rather than shown wrongly.
        let fitted = found.and_then(|value| member.shape.fit(&value).ok());
        if let Some(value) = fitted.or_else(|| nothing(member)) {
            members.insert(member.name.to_owned(), value);
        }
    }
    members
}

/// What stands for a member of which nothing is known; none where it is to be left out.
fn nothing(member: &Member) -> Option<Value> {
    match (member.null, member.shape) {
        (Null::Allowed, _) => Some(Value::Null),
        (Null::Never, Shape::List(_)) => Some(json!([])),
        (Null::Never, Shape::Object(_) | Shape::Map(_) | Shape::Open) => Some(json!({})),
        (Null::Never, _) => None,
    }
}

/// A member by its name, before it is fitted to its shape.
fn value(report: &Report, name: &str) -> Option<Value> {
    use ReportKind::{
        AddressLookup, AdverseMedia, BusinessAdverseMedia, BusinessWatchlist, CryptoAddressWatchlist,
        PoliticallyExposedPerson, Profile, Watchlist,
    };
    let query = |name: &str| report.query.get(name).cloned();
    let ran = report.result.is_some();
    match (report.kind, name) {
        (Watchlist, "matched-lists") | (CryptoAddressWatchlist, "result") => ran.then(|| lists(&report.hits)),
        (Watchlist, "country-code") => query("address-country-code"),
        (Watchlist, "ignore-list") => Some(report.dismissals.iter().map(ignored_on_list).collect()),
        (BusinessWatchlist, name) => Some(business_lists(&report.hits, name)),
        (PoliticallyExposedPerson, "result") => ran.then(|| entities(&report.hits)),
        (PoliticallyExposedPerson, "ignore-list") => {
            Some(report.dismissals.iter().map(ignored_person).collect())
        }
        (AdverseMedia | BusinessAdverseMedia, "related-sources") => Some(entities(&report.hits)),
        (AdverseMedia, "ignore-list-entity") => Some(report.dismissals.iter().map(ignored_entity).collect()),
        (AdverseMedia, "ignore-list-media") => Some(ignored_media(report)),
        (AdverseMedia, "birthdate-year") => {
            let year = report.query.text("birthdate")?.get(..4)?;
            year.parse::<i64>().ok().map(Value::from)
        }
        (BusinessAdverseMedia, "query") => Some(json!({ "business-name": query("term") })),
        (BusinessAdverseMedia, "result") => Some(json!({ "adverse-media": articles(&report.hits) })),
        (AddressLookup, "error-message") => report.last_run.as_ref()?.error.clone().map(Value::from),
        (Profile, "social-security-number-last-4") => {
            let number = report.query.text("social-security-number")?;
            number.get(number.len().checked_sub(4)?..).map(Value::from)
        }
        (_, "query") => Some(Value::Object(report.query.members().clone())),
        (_, name) => {
            report.result.as_ref().and_then(|result| result.get(name)).cloned().or_else(|| query(name))
        }
    }
}

fn entities(hits: &[Hit]) -> Value {
    hits.iter().map(|hit| hit.shown.clone()).collect()
}

/// What stands for the list of a hit that has none.
fn list_of(hit: &Hit) -> HitList {
    hit.list.clone().unwrap_or_else(|| HitList {
        slug: String::new(),
        name: String::new(),
        url: None,
        flag_code: None,
        types: Vec::new(),
    })
}

/// A list as watchlists show it, with the entities of some hits.
fn list(list: &HitList, entities: &[Value]) -> Value {
    let types: Vec<&str> = list.types.iter().map(String::as_str).collect();
    json!({
        "name": list.name,
        "url": list.url,
        "list-type": types.first().copied().unwrap_or("sanction"),
        "list-types": types,
        "slug": list.slug,
        "flag-code": list.flag_code,
        "entities": entities,
    })
}

/// The lists of hits, each once, with the names under which it has them. What a hit shows is a list: one entity of
/// the public schema for each of its names.
fn lists(hits: &[Hit]) -> Value {
    let mut by_slug: BTreeMap<String, (HitList, Vec<Value>)> = BTreeMap::new();
    for hit in hits {
        let list = list_of(hit);
        let (_, found) = by_slug.entry(list.slug.clone()).or_insert_with(|| (list, Vec::new()));
        found.extend(names_of(&hit.shown));
    }
    by_slug.into_values().map(|(of, found)| list(&of, &found)).collect()
}

fn names_of(shown: &Value) -> Vec<Value> {
    match shown {
        Value::Array(names) => names.clone(),
        one => vec![one.clone()],
    }
}

fn business_lists(hits: &[Hit], name: &str) -> Value {
    let wanted = match name {
        "sanction-list" => "sanction",
        "fitness-probity-list" => "fitness_probity",
        "warning-list" => "warning",
        _ => {
            let mut slugs: Vec<String> = hits.iter().map(|hit| list_of(hit).slug).collect();
            slugs.sort_unstable();
            slugs.dedup();
            return json!(slugs);
        }
    };
    let mut lists: Vec<HitList> = hits.iter().map(list_of).collect();
    lists.retain(|list| list.types.iter().any(|kind| kind == wanted));
    lists.sort_by(|a, b| a.slug.cmp(&b.slug));
    lists.dedup_by(|a, b| a.slug == b.slug);
    lists.iter().map(|list| json!({ "name": list.name, "url": list.url })).collect()
}

/// What all entries of an ignore list have.
fn ignored(dismissal: &Dismissal, what: &Value) -> Value {
    let run = dismissal.run_completed_at.unwrap_or(dismissal.at);
    json!({
        "ignored-at": dismissal.at.to_rfc3339_millis(),
        "run-history-completed-at": run.to_rfc3339_millis(),
        "match": what,
        "user": dismissal.by,
        "ignore-reason": dismissal.reason,
    })
}

fn ignored_on_list(dismissal: &Dismissal) -> Value {
    let mut names = names_of(&dismissal.hit.shown);
    for name in names.iter_mut().filter_map(Value::as_object_mut) {
        name.insert("group-id".to_owned(), dismissal.hit.key.clone().into());
    }
    ignored(dismissal, &list(&list_of(&dismissal.hit), &names))
}

/// The public schema has one source of a person that was dismissed, and many of one that was not.
fn ignored_person(dismissal: &Dismissal) -> Value {
    let mut person = dismissal.hit.shown.clone();
    let first = person.get("sources").and_then(Value::as_object).and_then(|all| all.values().next()).cloned();
    person["sources"] = first.unwrap_or_else(|| json!({}));
    for (name, value) in person.as_object_mut().into_iter().flatten() {
        // Nor does it have null in lists.
        if let (Value::Array(items), true) = (value, name != "positions") {
            items.retain(|item| !item.is_null());
        }
    }
    let mut entry = ignored(dismissal, &person);
    entry["is-internal"] = false.into();
    entry
}

fn ignored_entity(dismissal: &Dismissal) -> Value {
    let mut entry = ignored(dismissal, &dismissal.hit.shown);
    entry["entity-id"] = dismissal.hit.key.clone().into();
    entry
}

/// Articles that were dismissed, by their addresses.
fn ignored_media(report: &Report) -> Value {
    let entries = report.dismissed_media.iter().map(|one| {
        let entry = json!({
            "entity-id": one.entity,
            "ignored-at": one.at.to_rfc3339_millis(),
            "user": one.by,
            "ignore-reason": one.reason,
        });
        (one.url.clone(), entry)
    });
    Value::Object(entries.collect())
}

/// All articles of hits, in short.
fn articles(hits: &[Hit]) -> Vec<Value> {
    let all = hits.iter().filter_map(|hit| hit.shown.get("media")?.as_array()).flatten();
    all.map(|article| {
        let of = |name: &str| article.get(name).cloned();
        json!({ "title": of("title"), "url": of("url"), "date": of("date") })
    })
    .collect()
}
