//! Hits of lists as reports show them.

use muster_domain::ReportKind;
use muster_screening::{Entity, Granularity, Hit as Match, Index, List, ListType, PartialDate};
use serde_json::{Map, Value, json};

use super::{Hit, HitList};
use crate::{Error, Result};

/// A hit as a report keeps it.
///
/// # Errors
/// When the index is damaged.
pub(super) fn hit_of(kind: ReportKind, index: &Index, hit: &Match) -> Result<Hit> {
    let entity = index.entity(hit.entity).map_err(|error| Error::bug(error.to_string()))?;
    let list = index.list(hit.list);
    let shown = match kind {
        ReportKind::PoliticallyExposedPerson => person(&entity, list, hit),
        _ => names(kind, &entity, hit),
    };
    Ok(Hit {
        key: format!("{}:{}", list.slug, entity.id),
        hash: entity.content_hash().0.iter().map(|byte| format!("{byte:02x}")).collect(),
        list: Some(HitList {
            slug: list.slug.clone(),
            name: list.name.clone(),
            url: list.url.clone(),
            flag_code: list.flag_code.clone(),
            types: list.types.iter().map(|one| name_of(*one).to_owned()).collect(),
        }),
        shown,
        why: json!({
            "name": entity.name_at(hit.name.0).map(|name| &name.text),
            "score": f64::from((hit.score * 1000.0).round()) / 1000.0,
            "match-types": hit.types,
            "birthdate": hit.birth_date,
            "country": hit.country,
        }),
    })
}

const fn name_of(list_type: ListType) -> &'static str {
    match list_type {
        ListType::Sanction => "sanction",
        ListType::Warning => "warning",
        ListType::FitnessProbity => "fitness_probity",
        ListType::Pep => "pep",
    }
}

/// The names of an entity that a list report shows: the first, and the one that matched.
fn names(kind: ReportKind, entity: &Entity, hit: &Match) -> Value {
    let birthdates: Vec<Value> = entity.birth_dates.iter().map(|date| birthdate(date.on)).collect();
    let addresses: Vec<Value> = entity
        .crypto_addresses
        .iter()
        .map(|one| json!({ "type": one.currency, "address": one.address }))
        .collect();
    let name = |text: &str, alias_type: &str| {
        let mut shown = json!({ "name": text, "alias-type": alias_type, "birthdates": birthdates });
        if kind == ReportKind::CryptoAddressWatchlist {
            shown["crypto-addresses"] = json!(addresses);
        }
        shown
    };
    let mut all = vec![name(&entity.name.text, "primary_name")];
    if let (1.., Some(alias)) = (hit.name.0, entity.name_at(hit.name.0)) {
        all.push(name(&alias.text, "aka"));
    }
    Value::Array(all)
}

/// A birth date as far as it is known; parts that are not are left out.
fn birthdate(date: PartialDate) -> Value {
    let granularity = match date.granularity() {
        Granularity::Day => "day",
        Granularity::Month => "month",
        Granularity::Year => "year",
    };
    let mut shown = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        shown.extend(value.map(|value| (name.to_owned(), Value::String(value))));
    };
    put("day", date.day().map(|day| format!("{day:02}")));
    put("month", date.month().map(|month| format!("{month:02}")));
    put("year", Some(format!("{:04}", date.year())));
    put("granularity", Some(granularity.to_owned()));
    Value::Object(shown)
}

fn person(entity: &Entity, list: &List, hit: &Match) -> Value {
    let text = |date: PartialDate| String::from(date);
    let positions = entity.positions.iter().map(|one| {
        json!({
            "source-key": list.slug,
            "name": one.name,
            "topics": one.topics,
            "start-date": one.start,
            "end-date": one.end,
        })
    });
    let associates = entity.associates.iter().map(|one| {
        json!({ "name": one.name.as_ref().unwrap_or(&one.id), "relationship": one.relationship, "topics": [] })
    });
    let is_exposed = entity.topics.iter().any(|topic| topic == "role.pep");
    json!({
        "entity-id": entity.id,
        "name": entity.name.text,
        "birthdates": entity.birth_dates.iter().map(|date| text(date.on)).collect::<Vec<_>>(),
        "death-dates": entity.death_dates.iter().map(|date| text(*date)).collect::<Vec<_>>(),
        "locations": entity.places,
        "country": entity.countries.first().map(|country| &country.code),
        "sex": entity.sex,
        "topics": entity.topics,
        "positions": positions.collect::<Vec<_>>(),
        "associates": associates.collect::<Vec<_>>(),
        "affiliations": [],
        "related-urls": entity.sources.iter().map(|link| json!({ "source-key": list.slug, "name": link.url })).collect::<Vec<_>>(),
        "images": [],
        "sources": { &list.slug: { "url": list.url, "name": list.name, "flag-code": list.flag_code } },
        "match-types": hit.types,
        "pep-type": if is_exposed { "pep" } else { "rca" },
    })
}
