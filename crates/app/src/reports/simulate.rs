//! What stands for a provider in a sandbox: made up, always the same, for a few canned inputs (spec D.4).
//!
//! Reports that hold it carry the tag `simulated`, and their runs say so.

use muster_domain::ReportKind;
use muster_domain::report::ReportQuery;
use serde_json::{Map, Value, json};

use super::Hit;
use super::apply::Answer;
use super::provider::hits_of;

/// Who is somebody in every sandbox.
const PERSON: (&str, &str) = ("Alexander", "Sample");

/// What a sandbox tells of a query.
pub(super) fn answer(kind: ReportKind, query: &ReportQuery) -> Answer {
    let (attributes, has_match) = match kind {
        ReportKind::AdverseMedia => (adverse_media(query), false),
        ReportKind::BusinessAdverseMedia => (business_adverse_media(query), false),
        ReportKind::EmailAddress => email_address(query),
        ReportKind::PhoneNumber => phone_number(query),
        ReportKind::AddressLookup => (address(query), false),
        ReportKind::BusinessLookup => business(query),
        ReportKind::Profile => (profile(), true),
        ReportKind::ProfileNonAuthoritative => (other_profile(), true),
        ReportKind::SocialMedia => (social_media(), true),
        ReportKind::Synthetic => (synthetic(), false),
        _ => (json!({}), false),
    };
    let mut attributes = match attributes {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    let hits: Vec<Hit> = hits_of(kind, &mut attributes);
    Answer { attributes, hits, has_match, simulated: true }
}

/// Whether two names are the same words in whatever order.
fn is_named(query: &ReportQuery, name: &str) -> bool {
    let words = |text: &str| {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.sort_unstable();
        words
    };
    words(&query.whole_name()) == words(name)
}

fn adverse_media(query: &ReportQuery) -> Value {
    if !is_named(query, "Kim Jong Un") {
        return json!({ "related-sources": [] });
    }
    let article = json!({
        "date": "2020-02-29", "title": "An article that nobody wrote", "snippet": "A simulated article.",
        "url": "https://news.example/simulated-article",
    });
    let source = json!({ "name": "Simulated News", "country-codes": ["US"], "types": ["adverse-media"] });
    json!({ "related-sources": [{
        "entity-id": "simulated-person", "name": "Kim Jong Un", "akas": ["Jong Kim Un"], "birthdates": ["1984"],
        "match-types": ["name_exact"], "media": [article], "sources": [source],
    }] })
}

fn business_adverse_media(query: &ReportQuery) -> Value {
    if !is_named(query, "Globovision") {
        return json!({ "related-sources": [] });
    }
    let article = json!({
        "date": "2020-02-29", "title": "An article that nobody wrote", "snippet": "A simulated article.",
        "url": "https://news.example/simulated-business-article",
    });
    let source = json!({ "name": "Simulated News", "country_codes": ["US"], "token": "simulated", "types": ["adverse-media"] });
    json!({ "related-sources": [{
        "id": "simulated-business", "name": "Globovision", "akas": [], "birthdates": [], "match_types": ["name_exact"],
        "media": [article], "sources": [source],
    }] })
}

fn email_address(query: &ReportQuery) -> (Value, bool) {
    let address = query.text("email-address").unwrap_or_default().to_lowercase();
    let is_low = address == "alexanderjsample@example.com";
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let told = json!({
        "email-reputation": if is_low { "low" } else { "high" }, "email-domain-reputation": "high",
        "email-reference-count": if is_low { 0 } else { 12 }, "email-is-suspicious": is_low,
        "email-is-spam": is_low, "email-is-blocklisted": is_low, "email-is-disposable": false,
        "email-is-deliverable": true, "email-is-valid-mx": true, "email-is-free-provider": false,
        "email-domain-exists": true, "email-domain": domain,
    });
    (told, false)
}

fn phone_number(query: &ReportQuery) -> (Value, bool) {
    let digits: String =
        query.text("phone-number").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let (level, recommendation, score) = match digits.as_str() {
        "14155555555" => ("high", "block", 900),
        "15005550006" => ("low", "allow", 50),
        _ => ("medium", "flag", 400),
    };
    let told = json!({
        "phone-type": "MOBILE", "phone-carrier": "Simulated Carrier", "phone-risk-level": level,
        "phone-risk-recommendation": recommendation, "phone-risk-score": score,
    });
    (told, false)
}

fn address(query: &ReportQuery) -> Value {
    let of = |name: &str| query.get(name).cloned().unwrap_or(Value::Null);
    json!({
        "resolved-addressee": of("addressee"), "resolved-address-street-1": of("address-street-1"),
        "resolved-address-street-2": of("address-street-2"), "resolved-address-city": of("address-city"),
        "resolved-address-subdivision": of("address-subdivision"),
        "resolved-address-postal-code": of("address-postal-code"), "analysis-dpv-match-code": "Y",
        "analysis-active": "Y", "metadata-record-type": "S",
    })
}

fn business(query: &ReportQuery) -> (Value, bool) {
    let name = query.text("business-name").unwrap_or_default();
    if !name.eq_ignore_ascii_case("Globovision") {
        return (
            json!({ "match-status-business-name": "no_match", "match-status-address": "no_match" }),
            false,
        );
    }
    let told = json!({
        "result": {
            "name": "Globovision", "aliases": [], "legal-entity-type": "corporation",
            "industry-classifications": [], "identifiers": [], "addresses": [], "websites": [],
            "phone-numbers": [], "agents": [], "officers": [], "sources": [{ "name": "Simulated Registry" }],
        },
        "match-status-business-name": "match", "match-status-address": "match",
    });
    (told, true)
}

fn profile() -> Value {
    let (first, last) = PERSON;
    let record = json!({
        "names": [{ "name-full": format!("{first} {last}"), "name-first": first, "name-last": last }],
        "birthdates": ["1977-07-17"], "addresses": [], "social-security-numbers": [],
        "phone-numbers": ["+15005550006"], "email-addresses": ["alexanderjsample@example.com"],
        "deceased": false, "drivers-licenses": [],
    });
    json!({ "identity-records": [record], "omitted-identity-records": [] })
}

fn other_profile() -> Value {
    let (first, last) = PERSON;
    json!({ "result": {
        "name": format!("{first} {last}"), "birthdate": "1977-07-17",
        "emails": [{ "address": "alexanderjsample@example.com", "type": "personal" }],
        "phone-numbers": ["+15005550006"], "location": null, "education": [], "experience": [],
        "social-media-profiles": [],
    } })
}

fn social_media() -> Value {
    json!({
        "linkedin-url": "https://linkedin.example/alexandersample", "linkedin-username": "alexandersample",
        "github-username": "alexandersample",
    })
}

fn synthetic() -> Value {
    json!({
        "sentilink-abuse-score": 100, "sentilink-first-party-synthetic-score": 100,
        "sentilink-third-party-synthetic-score": 100,
    })
}
