//! The single checks of identity documents.

use super::properties::extent;
use super::{Evidence, IdProperties, Rules, Side, ZoneGiven};
use crate::mrz::issuer::country_of_any;
use crate::time::Date;
use crate::verification::comparison::{Extent, Likeness, names, numbers, plain, texts};
use crate::verification::examination::{Verdict, Verdicts};

/// Classes of documents without a back.
const ONE_SIDED: [&str; 2] = ["pp", "visa"];
/// Shortest and longest number of a document, in letters and digits.
const NUMBER_LENGTHS: std::ops::RangeInclusive<usize> = 4..=24;

/// The machine-readable zone: is there one, and does it agree with itself and with what is printed?
pub(super) fn zone(evidence: &Evidence<'_>, verdicts: &mut Verdicts) {
    let zone = match evidence.zone {
        ZoneGiven::Nothing => return,
        ZoneGiven::Unreadable => {
            verdicts.note("id_mrz_detection", Verdict::failed("mrz_not_detected"));
            return;
        }
        ZoneGiven::Zone(zone) => zone,
    };
    verdicts.note("id_mrz_detection", Verdict::passed());
    let faults = zone.faults.iter().map(|fault| fault.as_str().to_owned()).collect();
    verdicts.note("id_mrz_inconsistency_detection", Verdict::unless(faults));
    let printed: Vec<&str> = evidence.printed.0.keys().map(String::as_str).collect();
    let seen = IdProperties::of_zone(zone);
    if let Some(verdict) = compare(&seen, evidence.printed, &printed, extent(zone)) {
        verdicts.note("id_extraction_inconsistency_detection", verdict);
    }
}

/// What dates tell: expired, impossible, too young.
pub(super) fn dates(rules: &Rules, read: &IdProperties, today: Date, verdicts: &mut Verdicts) {
    let [birth, issue, expiry] = ["birthdate", "issue_date", "expiration_date"].map(|key| read.date(key));
    if let Some(expiry) = expiry {
        verdicts.note("id_expired_detection", reasons(&[(expiry < today, "expired")]));
    }
    if [birth, issue, expiry].iter().any(Option::is_some) {
        let after = |a: Option<Date>, b: Option<Date>| matches!((a, b), (Some(a), Some(b)) if a > b);
        let wrong = [
            (after(birth, Some(today)), "birthdate_in_future"),
            (after(issue, Some(today)), "issue_date_in_future"),
            (after(birth, issue), "issued_before_birth"),
            (after(issue, expiry), "expired_before_issue"),
            (after(birth, expiry), "expired_before_birth"),
        ];
        verdicts.note("id_valid_dates_detection", reasons(&wrong));
    }
    if let (Some(minimum), Some(birth)) = (rules.minimum_age, birth) {
        let young = age(birth, today) < i32::from(minimum);
        verdicts.note(
            "id_age_comparison",
            reasons(&[(young, "below_minimum_age")]).seeing("minimum-age", minimum),
        );
    }
}

/// Whole years between two dates. Who was born on 29 February has a birthday on 1 March in other years.
fn age(birth: Date, today: Date) -> i32 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    i32::from(today.year()) - i32::from(birth.year()) - i32::from(!had_birthday)
}

/// Whether its country and its class are taken.
pub(super) fn allowed(rules: &Rules, evidence: &Evidence<'_>, read: &IdProperties, verdicts: &mut Verdicts) {
    let issuer = read.get("issuing_authority").or(read.get("country_code"));
    // An issuer that is no country must not be covered up by what the person chose; a town hall that is printed may.
    let selected = match evidence.zone {
        ZoneGiven::Zone(_) if issuer.is_some() => None,
        _ => evidence.selected_country,
    };
    let country = issuer.and_then(country_of_any).or(selected.and_then(country_of_any));
    if let Some(country) = country {
        let taken = rules.countries.is_empty() || rules.countries.iter().any(|known| known == country);
        let verdict = reasons(&[(!taken, "disallowed_country")])
            .seeing("country-code", country)
            .seeing("enabled-country-codes", rules.countries.clone())
            .seeing("selected-country-code", evidence.selected_country);
        verdicts.note("id_disallowed_country_detection", verdict);
    } else if let (Some(_), false) = (issuer, rules.countries.is_empty()) {
        verdicts.note("id_disallowed_country_detection", Verdict::failed("unknown_country"));
    }
    let detected = read.get("id_class").or(evidence.selected_class);
    if let Some(detected) = detected {
        let taken =
            rules.id_classes.is_empty() || rules.id_classes.iter().any(|known| is_class(known, detected));
        let verdict = reasons(&[(!taken, "disallowed_type")])
            .seeing("detected-id-class", detected)
            .seeing("selected-id-classes", rules.id_classes.clone());
        verdicts.note("id_disallowed_type_detection", verdict);
    }
}

/// Whether a document may be of a class: a zone cannot tell cards from each other.
fn is_class(known: &str, detected: &str) -> bool {
    let is_card = |class: &str| !ONE_SIDED.contains(&class);
    known == detected || (is_card(known) && is_card(detected))
}

/// Whether there are pictures of all sides.
pub(super) fn sides(evidence: &Evidence<'_>, verdicts: &mut Verdicts) {
    let unreadable = [evidence.front, evidence.back].contains(&Side::Unreadable);
    let wrong = [(evidence.front == Side::Absent, "no_picture"), (unreadable, "unreadable_file")];
    verdicts.note("id_unprocessable_submission_detection", reasons(&wrong));
    let class = match evidence.zone {
        ZoneGiven::Zone(zone) => Some(zone.id_class()),
        _ => evidence.selected_class,
    };
    if class.is_some_and(|class| !ONE_SIDED.contains(&class)) {
        let wrong = [
            (evidence.front != Side::Pictured, "front_missing"),
            (evidence.back != Side::Pictured, "back_missing"),
        ];
        verdicts.note("id_double_side_detection", reasons(&wrong));
    }
}

/// Whether the document shows what it must, and its number looks like one.
pub(super) fn properties(rules: &Rules, read: &IdProperties, verdicts: &mut Verdicts) {
    if !read.is_empty() && !rules.required_properties.is_empty() {
        let missing = rules.required_properties.iter().filter(|key| read.get(key).is_none());
        let reasons = missing.map(|key| format!("{key}_missing")).collect();
        verdicts.note("id_extracted_properties_detection", Verdict::unless(reasons));
    }
    if let Some(number) = read.get("identification_number").or(read.get("document_number")) {
        let plain = plain(number);
        let wrong = [
            (!NUMBER_LENGTHS.contains(&plain.chars().count()), "number_length"),
            (!plain.chars().all(|c| c.is_ascii_alphanumeric()), "number_characters"),
            (!plain.contains(|c: char| c.is_ascii_digit()), "number_without_digits"),
        ];
        verdicts.note("id_number_format_inconsistency_detection", reasons(&wrong));
    }
}

/// Whether the document says of the person what the inquiry and the account say.
pub(super) fn comparisons(
    rules: &Rules,
    evidence: &Evidence<'_>,
    read: &IdProperties,
    verdicts: &mut Verdicts,
) {
    let extent = match evidence.zone {
        ZoneGiven::Zone(zone) => extent(zone),
        _ => Extent::Whole,
    };
    let keys: Vec<&str> = rules.compared_properties.iter().map(String::as_str).collect();
    let subjects = [("id_inquiry_comparison", evidence.inquiry), ("id_account_comparison", evidence.account)];
    for (name, expected) in subjects {
        if let Some(verdict) = compare(read, expected, &keys, extent) {
            verdicts.note(name, verdict);
        }
    }
}

/// Compares properties; none where nothing can be compared.
fn compare(seen: &IdProperties, expected: &IdProperties, keys: &[&str], extent: Extent) -> Option<Verdict> {
    let mut compared = Vec::new();
    let mut reasons = Vec::new();
    for key in keys {
        match likeness(seen, expected, key, extent) {
            Likeness::Unknown => continue,
            Likeness::Same => {}
            Likeness::Different => reasons.push(format!("{key}_mismatch")),
        }
        compared.push((*key).to_owned());
    }
    (!compared.is_empty()).then(|| Verdict::unless(reasons).seeing("compared-properties", compared))
}

fn likeness(seen: &IdProperties, expected: &IdProperties, key: &str, extent: Extent) -> Likeness {
    let (Some(found), Some(wanted)) = (seen.get(key), expected.get(key)) else { return Likeness::Unknown };
    match key {
        "name_first" => {
            let given = |of: &IdProperties, first: &str| match of.get("name_middle") {
                Some(middle) => format!("{first} {middle}"),
                None => first.to_owned(),
            };
            names(&given(seen, found), &given(expected, wanted), extent)
        }
        _ if key.starts_with("name_") => names(found, wanted, extent),
        "identification_number" | "document_number" => numbers(found, wanted),
        "issuing_authority" | "nationality" => match (country_of_any(found), country_of_any(wanted)) {
            (Some(a), Some(b)) => texts(a, b),
            _ => Likeness::Unknown,
        },
        _ if key.ends_with("date") => match (seen.date(key), expected.date(key)) {
            (Some(a), Some(b)) if a == b => Likeness::Same,
            (Some(_), Some(_)) => Likeness::Different,
            _ => Likeness::Unknown,
        },
        "id_class" if is_class(wanted, found) => Likeness::Same,
        _ => texts(found, wanted),
    }
}

fn reasons(wrong: &[(bool, &str)]) -> Verdict {
    Verdict::unless(
        wrong.iter().filter(|(wrong, _)| *wrong).map(|(_, reason)| (*reason).to_owned()).collect(),
    )
}
