//! Cells made at random: mapping never panics, and what it makes has the form that the type wants.

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::import::{Plan, propose};

/// What the type judges by itself: limits, texts that have no form of their own, and what stands inside JSON.
const JUDGED_BY_THE_TYPE: [&str; 13] = [
    "must have at most",
    "must not contain control characters",
    "must be a whole number from 0 to 30",
    "must be an e-mail address",
    "must be an ID that starts with",
    "must be nested at most",
    "must not contain the character U+0000",
    // Items and members of JSON.
    "must be a text",
    "must be an object with the members",
    "must not be null",
    "must be a whole number",
    "is not a member of this field",
    "must have at least one entry",
];

fn pick(rng: &mut StdRng, below: usize) -> usize {
    usize::try_from(rng.next_u64() >> 1).unwrap_or(0) % below
}

/// A cell: made of what cells are made of, in any order.
fn cell(rng: &mut StdRng) -> String {
    const WHOLE: [&str; 22] = [
        "",
        " ",
        r"\N",
        "1990-12-31",
        "31/12/1990",
        "2026-03-02T09:14:07Z",
        "12",
        "-3.5",
        "1,234",
        "true",
        "No",
        "prem",
        "Standard",
        "a;b",
        "[1,2]",
        "[\"std\"]",
        "{\"floor\": 3}",
        "{\"a\":{\"type\":\"json\"}}",
        "Open",
        "jo@example.com",
        "doc_1",
        "null",
    ];
    const PIECES: [&str; 24] = [
        "1", "9", "0", "-", "/", ".", ",", ";", ":", " ", "e", "E", "+", "[", "]", "{", "}", "\"", "\u{0}",
        "\n", "é", "١", "🦀", "\u{a0}",
    ];
    match pick(rng, 3) {
        0 => WHOLE[pick(rng, WHOLE.len())].to_owned(),
        1 => (0..pick(rng, 12)).map(|_| PIECES[pick(rng, PIECES.len())]).collect(),
        _ => {
            let mut cell: Vec<char> = WHOLE[pick(rng, WHOLE.len())].chars().collect();
            for _ in 0..=pick(rng, 2) {
                let at = pick(rng, cell.len() + 1);
                cell.splice(at..at, PIECES[pick(rng, PIECES.len())].chars());
            }
            cell.into_iter().collect()
        }
    }
}

/// Every kind of field, with options where there are some.
fn everything() -> (Plan, usize) {
    let entries = json!([
        {"target": "reference-id"},
        {"target": "fields.name-first"},
        {"target": "fields.address.city", "blank-means": "clear"},
        {"target": "fields.birthdate"},
        {"target": "fields.nickname", "trim": false},
        {"target": "fields.children", "thousands": ","},
        {"target": "fields.balance"},
        {"target": "fields.is-vip"},
        {"target": "fields.last-visit", "zone": "Europe/Berlin"},
        {"target": "fields.contact"},
        {"target": "fields.tier"},
        {"target": "fields.plans"},
        {"target": "fields.hobbies"},
        {"target": "fields.years", "thousands": "."  , "decimal": ","},
        {"target": "fields.office.street"},
        {"target": "fields.office.floor", "blank-means": "clear"},
        {"target": "fields.extra"},
        {"target": "fields.passport"},
        {"target": "fields.identification-numbers"},
        {"target": "tags", "mode": "replace", "blank-means": "clear"},
        {"target": "account-status"},
        {"target": "relations.employer"},
        {"target": "relations.friends"},
    ]);
    let mut mapping = entries.as_array().unwrap().clone();
    for (at, entry) in mapping.iter_mut().enumerate() {
        entry["column"] = json!(format!("c{at}"));
    }
    let count = mapping.len();
    let columns: Vec<String> = (0..count).map(|at| format!("c{at}")).collect();
    let config = pipeline(json!({"mapping": mapping, "create-without-key": true}));
    (config.check(&customer(), &columns).unwrap(), count)
}

#[test]
fn what_is_mapped_without_a_fault_has_the_form_that_the_type_wants() {
    let ty = customer();
    let (plan, count) = everything();
    let mut rng = StdRng::seed_from_u64(17);
    let (mut values, mut faults, mut judged) = (0, 0, BTreeSet::<&str>::new());
    for _ in 0..20_000 {
        let mut cells = vec![String::new(); count];
        for _ in 0..3 {
            cells[pick(&mut rng, count)] = cell(&mut rng);
        }
        cells.truncate(pick(&mut rng, 2 * count));
        let row = plan.map(&cells);
        faults += row.faults.len();
        values += row.fields.len();
        let Err(violations) = ty.read_changes(&serde_json::Map::new(), &row.fields) else { continue };
        for violation in violations {
            let known = JUDGED_BY_THE_TYPE.iter().find(|known| violation.message.starts_with(**known));
            assert!(known.is_some(), "{violation} for {cells:?}");
            judged.extend(known.copied());
            assert!(plan.fault(&violation).column.is_some(), "{violation}");
        }
    }
    assert!(values > 10_000 && faults > 5_000 && judged.len() > 4, "{values} {faults} {judged:?}");
}

#[test]
fn whatever_is_proposed_passes_the_check_and_reads_its_sample() {
    const NAMES: [&str; 16] = [
        "id",
        "reference_id",
        "first name",
        "dob",
        "birthdate",
        "email",
        "contact",
        "tier",
        "plans",
        "years",
        "children",
        "last_visit",
        "tags",
        "status",
        "office street",
        "x",
    ];
    let ty = customer();
    let mut rng = StdRng::seed_from_u64(18);
    let mut entries = 0;
    for _ in 0..2_000 {
        let columns: Vec<String> = (0..4).map(|_| NAMES[pick(&mut rng, NAMES.len())].to_owned()).collect();
        let sample: Vec<Vec<String>> = (0..2).map(|_| (0..4).map(|_| cell(&mut rng)).collect()).collect();
        let proposal = propose(&ty, &columns, &sample);
        let unresolved = proposal.unresolved.iter().map(|(column, _)| column.clone());
        let ignore_columns = proposal.ignore.iter().cloned().chain(unresolved).collect();
        entries += proposal.mapping.len();
        let mut config = PipelineConfig { mapping: proposal.mapping, ignore_columns, ..Default::default() };
        config.create_without_key = true;
        match config.check(&ty, &columns) {
            Ok(plan) => {
                for cells in &sample {
                    assert!(plan.map(cells).faults.is_empty(), "{columns:?} {cells:?}");
                }
            }
            Err(violations) => {
                let allowed = |line: &String| line.contains("the key");
                assert!(lines(&violations).iter().all(allowed), "{columns:?} {violations:?}");
            }
        }
    }
    assert!(entries > 1_000, "{entries}");
}
