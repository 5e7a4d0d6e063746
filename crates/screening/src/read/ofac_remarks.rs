//! The remarks of OFAC: a sentence of pieces between semicolons, in words that have grown over decades.

use crate::country::code_of;
use crate::date::{BirthDate, Certainty, PartialDate};
use crate::entity::{Alias, Country, CountryRole, CryptoAddress, Entity, Name, Quality};

/// Adds to an entity what its remarks say; pieces of other kinds are passed over.
pub(super) fn apply(remarks: &str, entity: &mut Entity) {
    for piece in remarks.split(';') {
        let piece = piece.trim();
        let piece = piece.strip_prefix("alt. ").unwrap_or(piece);
        let piece = piece.strip_suffix('.').unwrap_or(piece);
        let after = |start: &str| piece.strip_prefix(start).map(str::trim);
        if let Some(text) = after("DOB ") {
            entity.birth_dates.extend(birth_date(text));
        } else if let Some(place) = after("POB ") {
            let country = place.rsplit(',').next().and_then(code_of);
            add_country(entity, country, CountryRole::BirthPlace);
            entity.places.push(place.to_owned());
        } else if let Some(country) = after("nationality ") {
            add_country(entity, code_of(country), CountryRole::Nationality);
        } else if let Some(country) = after("citizen ") {
            add_country(entity, code_of(country), CountryRole::Citizenship);
        } else if let Some(sex) = after("Gender ") {
            entity.sex = Some(sex.to_ascii_lowercase());
        } else if let Some(address) = after("Digital Currency Address - ") {
            entity.crypto_addresses.extend(crypto_address(address));
        } else if let Some(name) = quoted_alias(piece) {
            entity.akas.push(Alias { name: Name::whole(name), quality: Quality::Weak });
        }
    }
}

fn add_country(entity: &mut Entity, code: Option<&str>, role: CountryRole) {
    entity.countries.extend(code.map(|code| Country { code: code.to_owned(), role }));
}

fn crypto_address(text: &str) -> Option<CryptoAddress> {
    let (currency, address) = text.split_once(' ')?;
    Some(CryptoAddress { currency: currency.to_owned(), address: address.trim().to_owned() })
}

/// The name in `a.k.a. 'NAME'`: such names are too common to tell anybody apart.
fn quoted_alias(piece: &str) -> Option<&str> {
    let rest = ["a.k.a. ", "f.k.a. ", "n.k.a. "].iter().find_map(|start| piece.strip_prefix(start))?;
    let name = rest.trim().strip_prefix('\'')?;
    Some(name.strip_suffix('\'').unwrap_or(name)).filter(|name| !name.is_empty())
}

/// Reads `01 Jan 1960`, `Jan 1960`, `1960`, `circa 1960`, and spans with ` to ` or `-` between two of them.
fn birth_date(text: &str) -> Option<BirthDate> {
    let about = text.strip_prefix("circa ");
    let certainty = if about.is_some() { Certainty::About } else { Certainty::Stated };
    let text = about.unwrap_or(text);
    let (from, until) = match text.split_once(" to ").or_else(|| text.split_once('-')) {
        Some((from, until)) => (from, Some(until.trim().trim_start_matches("circa "))),
        None => (text, None),
    };
    let until = until.map(date);
    // A span whose end cannot be read would be wrong as a day.
    if until == Some(None) {
        return None;
    }
    Some(BirthDate { on: date(from)?, until: until.flatten(), certainty })
}

fn date(text: &str) -> Option<PartialDate> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [year] => PartialDate::of_year(number(year)?),
        [month, year] => PartialDate::of_month(number(year)?, month_of(month)?),
        [day, month, year] => PartialDate::of_day(number(year)?, month_of(month)?, day.parse().ok()?),
        _ => None,
    }
}

fn number(year: &str) -> Option<u16> {
    year.parse().ok()
}

fn month_of(name: &str) -> Option<u8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = name.to_ascii_lowercase();
    (1..).zip(MONTHS).find_map(|(number, month)| name.starts_with(month).then_some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(remarks: &str) -> Vec<String> {
        let mut entity = Entity::default();
        apply(remarks, &mut entity);
        let show = |date: &BirthDate| {
            let until = date.until.map(|until| format!("..{until}")).unwrap_or_default();
            let about = if date.certainty == Certainty::About { "~" } else { "" };
            format!("{about}{}{until}", date.on)
        };
        entity.birth_dates.iter().map(show).collect()
    }

    #[test]
    fn every_form_of_a_birth_date_is_read() {
        assert_eq!(
            dates(
                "DOB 02 Apr 1966; alt. DOB Apr 1966; alt. DOB 1966; alt. DOB circa 1966; alt. DOB circa 1979-1982."
            ),
            ["1966-04-02", "1966-04", "1966", "~1966", "~1979..1982"]
        );
        assert_eq!(
            dates("DOB 1965 to 1970; alt. DOB 01 Jan 1965 to 31 Dec 1966; DOB circa 12 Mar 1961."),
            ["1965..1970", "1965-01-01..1966-12-31", "~1961-03-12"]
        );
        assert_eq!(dates("DOB unknown; DOB 31 Feb 1960; DOB 1965 to late"), Vec::<String>::new());
    }

    #[test]
    fn countries_addresses_and_weak_names_are_read() {
        let mut entity = Entity::default();
        apply(
            "POB Tehran, Iran; nationality Korea, North; citizen Mexico.; Gender Male; Passport X1; \
             Digital Currency Address - XBT 1abC; alt. Digital Currency Address - ETH 0xAB; a.k.a. 'ABU-'UMAR'.",
            &mut entity,
        );
        let countries: Vec<_> = entity.countries.iter().map(|one| (one.code.as_str(), one.role)).collect();
        let (birth, nation, citizen) =
            (CountryRole::BirthPlace, CountryRole::Nationality, CountryRole::Citizenship);
        assert_eq!(countries, [("IR", birth), ("KP", nation), ("MX", citizen)]);
        assert_eq!(entity.sex.as_deref(), Some("male"));
        let addresses: Vec<_> =
            entity.crypto_addresses.iter().map(|one| (one.currency.as_str(), one.address.as_str())).collect();
        assert_eq!(addresses, [("XBT", "1abC"), ("ETH", "0xAB")]);
        assert_eq!(entity.akas[0].name.text, "ABU-'UMAR");
        assert_eq!(entity.akas[0].quality, Quality::Weak);
        assert_eq!(entity.matched_names().count(), 1);
    }
}
