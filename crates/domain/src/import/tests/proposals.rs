//! What is proposed for the columns of a file, and what is left to a person.

use super::*;
use crate::import::{Proposal, propose};

const LEGISLATORS: &str = "\
bioguide_id,first_name,middle_name,last_name,full_name,birthday,gender,chamber,state,district,party,term_start,term_end,phone,address,url,wikidata_id,govtrack_id
C000127,Maria,,Cantwell,Maria Cantwell,1958-10-13,F,sen,WA,,Democrat,2025-01-03,2031-01-03,202-224-3441,511 Hart Senate Office Building Washington DC 20510,https://www.cantwell.senate.gov,Q22250,300018
K000367,Amy,Jean,Klobuchar,Amy Klobuchar,1960-05-25,F,sen,MN,,Democrat,2025-01-03,2031-01-03,202-224-3244,425 Dirksen Senate Office Building Washington DC 20510,https://www.klobuchar.senate.gov,Q22237,412242
S000033,Bernard,,Sanders,Bernard Sanders,1941-09-08,M,sen,VT,,Independent,2025-01-03,2031-01-03,202-224-5141,332 Dirksen Senate Office Building Washington DC 20510,https://www.sanders.senate.gov,Q359442,400357";

const ACCOUNTS: &str = "\
reference_id,name_first,name_middle,name_last,birthdate,social_security_number,tags
C000127,Maria,,Cantwell,1958-10-13,,Democrat
K000367,Amy,Jean,Klobuchar,1960-05-25,,Democrat
S000033,Bernard,,Sanders,1941-09-08,,Independent";

fn legislator() -> AccountType {
    let choices = |options: [&str; 2]| json!({"options": options});
    create(json!({
        "name": "Legislator",
        "field-schemas": [
            {"key": "name"}, {"key": "birthdate"}, {"key": "phone_number"},
            {"key": "full_name", "type": "string", "label": "Full name"},
            {"key": "gender", "type": "choices", "config": choices(["F", "M"])},
            {"key": "chamber", "type": "choices", "config": choices(["sen", "rep"])},
            {"key": "state", "type": "string", "config": {"max-char-length": 2}},
            {"key": "district", "type": "integer", "config": {"min": 0}},
            {"key": "party", "type": "string"},
            {"key": "term_start", "type": "date"},
            {"key": "term_end", "type": "date"},
            {"key": "office", "type": "string", "config": {"max-char-length": 1024}},
            {"key": "website", "type": "string"},
            {"key": "wikidata_id", "type": "string"},
            {"key": "govtrack_id", "type": "string"},
        ],
    }))
}

fn user() -> AccountType {
    AccountType::user(&mut IdSource::new(NOW, [7; 32]), NOW)
}

/// The columns and rows of a file whose cells have no commas.
fn table(file: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut rows = file.lines().map(|line| texts(&line.split(',').collect::<Vec<_>>()));
    (rows.next().unwrap(), rows.collect())
}

fn mapped(proposal: &Proposal) -> Vec<String> {
    let entries = proposal.mapping.iter();
    entries
        .map(|entry| {
            let format = entry.format.as_ref().map(|format| format!(" as {format}")).unwrap_or_default();
            format!("{} → {}{format}", entry.column().unwrap(), entry.target)
        })
        .collect()
}

fn unresolved(proposal: &Proposal) -> Vec<&str> {
    proposal.unresolved.iter().map(|(column, _)| column.as_str()).collect()
}

/// What is proposed for columns with one row of cells.
fn propose_row(columns: &[(&str, &str)]) -> Proposal {
    let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let cells: Vec<String> = columns.iter().map(|(_, cell)| (*cell).to_owned()).collect();
    propose(&customer(), &names, &[cells])
}

#[test]
fn the_legislators_are_mapped_but_for_what_only_a_person_knows() {
    let (columns, rows) = table(LEGISLATORS);
    let proposal = propose(&legislator(), &columns, &rows);
    assert_eq!(unresolved(&proposal), ["bioguide_id", "address", "url"]);
    assert_eq!(
        mapped(&proposal),
        [
            "first_name → fields.name.first",
            "middle_name → fields.name.middle",
            "last_name → fields.name.last",
            "full_name → fields.full_name",
            "birthday → fields.birthdate",
            "gender → fields.gender",
            "chamber → fields.chamber",
            "state → fields.state",
            "district → fields.district",
            "party → fields.party",
            "term_start → fields.term_start",
            "term_end → fields.term_end",
            "phone → fields.phone_number",
            "wikidata_id → fields.wikidata_id",
            "govtrack_id → fields.govtrack_id",
        ]
    );
}

#[test]
fn the_columns_of_the_older_importer_are_mapped_whole() {
    let (columns, rows) = table(ACCOUNTS);
    let proposal = propose(&user(), &columns, &rows);
    assert_eq!(unresolved(&proposal), [""; 0]);
    let config = PipelineConfig { mapping: proposal.mapping, ..PipelineConfig::default() };
    let plan = config.check(&user(), &columns).unwrap();
    let row = plan.map(&rows[1]);
    assert_eq!(row.key.as_deref(), Some("K000367"));
    let name = json!({"first": "Amy", "middle": "Jean", "last": "Klobuchar"});
    assert_eq!(Value::Object(row.fields), json!({"name": name, "birthdate": "1960-05-25"}));
    assert_eq!(row.tags.unwrap().names, ["Democrat"]);
}

#[test]
fn names_are_recognised_in_many_spellings() {
    let proposal = propose_row(&[
        ("Customer ID", "7"),
        ("Given Name", "Ada"),
        ("SURNAME", "Lovelace"),
        ("Date of Birth", "1990-12-31"),
        ("E-Mail", "ada@example.com"),
        ("Mobile", "+49 30 1"),
        ("Zip", "10115"),
        ("Country", "DE"),
        ("isVIP", "yes"),
        ("Status", "open"),
        ("Employer", "Acme"),
        ("office floor", "3"),
        ("", ""),
    ]);
    assert_eq!(
        mapped(&proposal),
        [
            "Customer ID → reference-id",
            "Given Name → fields.name.first",
            "SURNAME → fields.name.last",
            "Date of Birth → fields.birthdate",
            "E-Mail → fields.email_address",
            "Mobile → fields.phone_number",
            "Zip → fields.address.postal_code",
            "Country → fields.address.country_code",
            "isVIP → fields.is_vip",
            "Status → account-status",
            "Employer → relations.employer",
            "office floor → fields.office.floor",
        ]
    );
    assert_eq!((proposal.ignore.as_slice(), unresolved(&proposal).len()), ([String::new()].as_slice(), 0));
}

#[test]
fn a_date_gets_the_only_pattern_that_fits_and_none_if_two_do() {
    for (cell, format) in [
        ("31/12/1990", "%d/%m/%Y"),
        ("12/31/1990", "%m/%d/%Y"),
        ("31.12.1990", "%d.%m.%Y"),
        ("19901231", "%Y%m%d"),
        ("5 May 1990", "%d %b %Y"),
        ("December 31, 1990", "%B %d, %Y"),
        ("1990-12-31 00:00:00", "%Y-%m-%d %H:%M:%S"),
    ] {
        assert_eq!(mapped(&propose_row(&[("dob", cell)])), [format!("dob → fields.birthdate as {format}")]);
    }
    let unclear = propose_row(&[("dob", "05/06/1990")]);
    assert_eq!(
        unclear.unresolved[0].1,
        "has dates that can be read in several ways; map it with the format that is meant, %d/%m/%Y or %m/%d/%Y"
    );
    let rows = [texts(&["05/06/1990"]), texts(&["25/06/1990"])];
    let clear = propose(&customer(), &texts(&["dob"]), &rows);
    assert_eq!(mapped(&clear), ["dob → fields.birthdate as %d/%m/%Y"]);
    // Which of them is meant does not matter where both are the same day.
    assert_eq!(mapped(&propose_row(&[("dob", "05/05/1990")])).len(), 1);
    assert_eq!(propose_row(&[("dob", "31/12/90")]).mapping, []);
}

#[test]
fn nothing_is_mapped_that_its_field_would_refuse() {
    for (column, cell) in [
        ("children", "many"),
        ("children", "31"),
        ("nickname", "a name of more than twenty characters"),
        ("tier", "gold"),
        ("status", "lost"),
        ("contact", "nobody"),
        ("country", "Germany"),
        ("address", "1 Main Street"),
        ("selfie_photo", "a.jpg"),
        ("fax", "1"),
    ] {
        let proposal = propose_row(&[(column, cell)]);
        let [(name, why)] = proposal.unresolved.as_slice() else { panic!("{column}: {proposal:?}") };
        assert!(name == column && !why.contains(cell) | (cell == "1"), "{column}: {why}");
    }
}

#[test]
fn two_columns_are_not_mapped_to_one_target() {
    let proposal =
        propose_row(&[("id", "1"), ("reference_id", "2"), ("first name", "A"), ("First_Name", "B")]);
    assert_eq!(mapped(&proposal), ["reference_id → reference-id"]);
    assert_eq!(
        proposal.unresolved[0].1,
        "looks like reference-id, which the column reference_id fits better"
    );
    assert!(proposal.unresolved[1].1.contains("as the column First_Name does"), "{proposal:?}");
    let id = IdSource::new(NOW, [7; 32]).mint::<crate::AccountId>();
    let proposal = propose_row(&[("id", id.as_str())]);
    assert!(proposal.unresolved[0].1.starts_with("holds account IDs"), "{proposal:?}");
}
