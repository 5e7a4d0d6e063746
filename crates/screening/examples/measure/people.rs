//! People who are on no list, and who they are taken for.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;

use muster_screening::{Index, Options, PartialDate, PersonName, Query};
use rand::rngs::StdRng;

use crate::figures::PRESETS;
use crate::variants::{crossed, person};

/// Prints how many people of a file have hits, each hit at Tolerant, and the same for names made of their parts.
pub fn judge(index: &Index, file: &Path, random: &mut StdRng) -> Result<(), Box<dyn Error>> {
    let mut reader = csv::Reader::from_path(file)?;
    let people: Vec<HashMap<String, String>> = reader.deserialize().collect::<Result<_, _>>()?;
    println!();
    for (name, preset) in PRESETS {
        let options = Options { names: preset, ..Options::default() };
        let count = |born: Born| {
            let hits = people.iter().map(|one| index.screen(&query(one, born), &options).len());
            let hits: Vec<usize> = hits.filter(|hits| *hits > 0).collect();
            format!("{} with {} hits", hits.len(), hits.iter().sum::<usize>())
        };
        println!(
            "{name}: of {} people, by name {}; with birth date {}",
            people.len(),
            count(Born::Unknown),
            count(Born::Known)
        );
    }
    let options = Options::default();
    for one in &people {
        for hit in index.screen(&query(one, Born::Unknown), &options) {
            let entity = index.entity(hit.entity)?;
            let listed = entity.name_at(hit.name.0).map(|name| name.text.clone()).unwrap_or_default();
            let born: Vec<String> = entity.birth_dates.iter().map(|date| date.on.to_string()).collect();
            let types: Vec<String> = hit.types.iter().map(|one| format!("{one:?}")).collect();
            println!(
                "  {} (born {}) ~ {listed} ({}; born {}): {:.2} {}",
                one["full_name"],
                one["birthday"],
                entity.id,
                born.join(", "),
                hit.score,
                types.join("+")
            );
        }
    }
    let parts: Vec<_> =
        people.iter().map(|one| (one["first_name"].clone(), one["last_name"].clone())).collect();
    let names = crossed(&parts, 5000, random);
    for (name, preset) in PRESETS {
        let options = Options { names: preset, ..Options::default() };
        let hit = names.iter().filter(|name| !index.screen(&person(name), &options).is_empty()).count();
        println!("{name}: of {} names made of their first and last names {hit} have hits", names.len());
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Born {
    Known,
    Unknown,
}

fn query(one: &HashMap<String, String>, born: Born) -> Query {
    let part = |column: &str| one.get(column).map(String::as_str).filter(|text| !text.is_empty());
    let name = PersonName {
        first: part("first_name"),
        middle: part("middle_name"),
        last: part("last_name"),
        term: None,
    };
    let date = match born {
        Born::Known => part("birthday").and_then(PartialDate::parse),
        Born::Unknown => None,
    };
    Query::person(name).born(date)
}
