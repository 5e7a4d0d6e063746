//! Small lists for tests.

use muster_screening::{
    Alias, Entity, Index, IndexBuilder, Kind, List, ListType, Name, NameMatching, Options, PersonName,
    Quality, Query,
};

pub fn list(slug: &str, types: &[ListType]) -> List {
    List {
        slug: slug.to_owned(),
        name: slug.to_uppercase(),
        url: None,
        flag_code: None,
        types: types.to_vec(),
    }
}

/// An entity of which the first name is the primary one.
pub fn entity(id: &str, kind: Kind, names: &[&str]) -> Entity {
    let name = |text: &str| match text.split_once(", ").filter(|_| kind == Kind::Person) {
        Some((family, given)) => Name::parts(given, family),
        None => Name::whole(text),
    };
    let akas = names[1..].iter().map(|text| Alias { name: name(text), quality: Quality::Strong });
    Entity {
        id: id.to_owned(),
        kind,
        name: name(names[0]),
        akas: akas.collect(),
        topics: vec!["sanction".to_owned()],
        ..Entity::default()
    }
}

pub fn index(entities: impl IntoIterator<Item = Entity>) -> Index {
    let mut builder = IndexBuilder::new();
    let at = builder.list(list("test", &[ListType::Sanction]));
    for entity in entities {
        builder.add(at, entity).unwrap();
    }
    builder.build().unwrap()
}

pub fn person(term: &str) -> Query {
    Query::person(PersonName { term: Some(term), ..PersonName::default() })
}

pub fn preset(names: NameMatching) -> Options {
    Options { names, ..Options::default() }
}

/// The IDs of the hits, sorted.
pub fn ids(index: &Index, query: &Query, options: &Options) -> Vec<String> {
    let mut ids: Vec<String> =
        index.screen(query, options).iter().map(|hit| index.entity(hit.entity).unwrap().id).collect();
    ids.sort();
    ids
}
