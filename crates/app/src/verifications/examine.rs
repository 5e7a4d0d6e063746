//! What Muster finds out by itself: the rules of the template, what was given, and what the inquiry knows.

use std::collections::BTreeMap;

use muster_domain::field::StoredFile;
use muster_domain::inquiry_template::{self, FieldValues, VerificationConfig};
use muster_domain::mrz::{self, Zone};
use muster_domain::time::Date;
use muster_domain::verification::document::{self, FileFacts};
use muster_domain::verification::government_id::{self, Evidence, IdProperties, Side, ZoneGiven};
use muster_domain::verification::{ChecksWanted, Examination, Requirement};
use serde_json::Value;

use super::submit::{GivenDocument, GivenId};
use crate::inquiries::Inquiry;

/// The checks that a template asks for.
pub(super) fn wanted(config: &VerificationConfig) -> ChecksWanted {
    let requirement = |requirement| match requirement {
        inquiry_template::Requirement::Required => Requirement::Required,
        _ => Requirement::NotRequired,
    };
    let checks = config.enabled_checks().map(|(name, required)| (name.to_owned(), requirement(required)));
    ChecksWanted(checks.collect())
}

/// What was read of an identity document, and what Muster thinks of it.
pub(super) struct Examined {
    pub(super) examination: Examination,
    pub(super) read: IdProperties,
}

/// Examines an identity document.
pub(super) fn government_id(
    config: &VerificationConfig,
    inquiry: &Inquiry,
    given: &GivenId,
    today: Date,
) -> Examined {
    let zone =
        given.lines.as_deref().filter(|lines| !lines.trim().is_empty()).map(|text| mrz::find(text, today));
    let known = known(config, inquiry);
    let nothing = IdProperties::default();
    let evidence = Evidence {
        front: side(given.front.as_ref().map(|file| file.stored())),
        back: side(given.back.as_ref().map(|file| file.stored())),
        selected_class: given.id_class.as_deref(),
        selected_country: given.country.as_deref(),
        zone: given_zone(zone.as_ref()),
        printed: &given.printed,
        inquiry: &known,
        account: &nothing,
    };
    let rules = id_rules(config, &known);
    let mut read = evidence.read();
    for (key, selected) in [("id_class", &given.id_class), ("issuing_authority", &given.country)] {
        if let (None, Some(selected)) = (read.get(key), selected) {
            read.0.insert(key.to_owned(), selected.clone());
        }
    }
    Examined { examination: government_id::examine(&rules, &evidence, today), read }
}

fn given_zone(zone: Option<&Option<Zone>>) -> ZoneGiven<'_> {
    match zone {
        None => ZoneGiven::Nothing,
        Some(None) => ZoneGiven::Unreadable,
        Some(Some(zone)) => ZoneGiven::Zone(zone),
    }
}

fn side(file: Option<&StoredFile>) -> Side {
    match file {
        None => Side::Absent,
        Some(file) if file.mime_type.starts_with("image/") || file.mime_type == "application/pdf" => {
            Side::Pictured
        }
        Some(_) => Side::Unreadable,
    }
}

fn id_rules(config: &VerificationConfig, known: &IdProperties) -> government_id::Rules {
    government_id::Rules {
        wanted: wanted(config),
        countries: config.countries.clone(),
        id_classes: config.id_classes.clone(),
        minimum_age: config.minimum_age.and_then(|age| u16::try_from(age).ok()),
        compared_properties: known.0.keys().cloned().collect(),
        ..government_id::Rules::by_default()
    }
}

/// What the inquiry knows of the person, by properties of documents: what was given at its creation goes before what
/// the person wrote since. Without a word of the template, fields of the same names are compared.
fn known(config: &VerificationConfig, inquiry: &Inquiry) -> IdProperties {
    let usual =
        ["name-first", "name-last", "birthdate"].map(|name| (name.to_owned(), name.replace('-', "_")));
    let pairs: BTreeMap<String, String> = match config.comparisons.is_empty() {
        true => usual.into_iter().collect(),
        false => config.comparisons.clone(),
    };
    let value = |field: &str| {
        let text = |values: &FieldValues| values.get(field).and_then(Value::as_str).map(str::to_owned);
        text(&inquiry.prefill).or_else(|| text(&inquiry.fields))
    };
    let found =
        pairs.iter().filter_map(|(property, field)| Some((property.replace('-', "_"), value(field)?)));
    IdProperties(found.collect())
}

/// Examines a paper.
pub(super) fn document(config: &VerificationConfig, given: &GivenDocument, today: Date) -> Examination {
    let facts = |file: &StoredFile| FileFacts {
        media_type: Some(file.mime_type.clone()),
        size_bytes: file.byte_size,
        pages: file.page_count,
    };
    let files: Vec<FileFacts> = given.files.iter().map(|file| facts(file.stored())).collect();
    let filled: Vec<String> = given.fields.keys().cloned().collect();
    let mut rules = document::Rules { wanted: wanted(config), ..document::Rules::by_default() };
    if !given.media_types.is_empty() {
        rules.media_types.clone_from(&given.media_types);
    }
    let evidence = document::Evidence { files: &files, expires_on: given.expires_on, filled_fields: &filled };
    document::examine(&rules, &evidence, today)
}
