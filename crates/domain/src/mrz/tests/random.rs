//! Zones made at random, with their check digits, and what becomes of them when one character changes.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::super::digits::{as_digit, as_letter, check_digit};
use super::super::{Zone, ZoneKind, find};
use super::{read, today};

fn digit(field: &str) -> char {
    char::from(check_digit(field.as_bytes()))
}

/// What a zone is made of.
struct Parts {
    code: String,
    issuer: String,
    names: String,
    number: String,
    birth: String,
    sex: char,
    expiry: String,
    optional: String,
}

fn fill(text: &str, width: usize) -> String {
    format!("{text:<<width$}")
}

impl Parts {
    fn write(&self, kind: ZoneKind) -> String {
        let Self { code, issuer, names, number, birth, sex, expiry, optional } = self;
        let (code, issuer) = (fill(code, 2), fill(issuer, 3));
        let (number_digit, birth_digit, expiry_digit) = (digit(number), digit(birth), digit(expiry));
        let second = format!("{number}{number_digit}{issuer}{birth}{birth_digit}{sex}{expiry}{expiry_digit}");
        let checked = format!("{number}{number_digit}{birth}{birth_digit}{expiry}{expiry_digit}");
        match kind {
            ZoneKind::Td3 => {
                let data = fill(optional, 14);
                let data = format!("{data}{}", digit(&data));
                let composite = digit(&format!("{checked}{data}"));
                format!("{code}{issuer}{}\n{second}{data}{composite}", fill(names, 39))
            }
            ZoneKind::Td2 => {
                let data = fill(optional, 7);
                let composite = digit(&format!("{checked}{data}"));
                format!("{code}{issuer}{}\n{second}{data}{composite}", fill(names, 31))
            }
            ZoneKind::MrvA => format!("{code}{issuer}{}\n{second}{}", fill(names, 39), fill(optional, 16)),
            ZoneKind::MrvB => format!("{code}{issuer}{}\n{second}{}", fill(names, 31), fill(optional, 8)),
            ZoneKind::Td1 => self.write_card(&format!("{number}{number_digit}")),
        }
    }

    /// A card of three lines, with its number and what follows it.
    fn write_card(&self, number: &str) -> String {
        let Self { code, issuer, names, birth, sex, expiry, optional, .. } = self;
        let (first, data) = (fill(number, 25), fill(optional, 11));
        let dates = format!("{birth}{}{expiry}{}", digit(birth), digit(expiry));
        let composite = digit(&format!("{first}{dates}{data}"));
        let (code, issuer, names) = (fill(code, 2), fill(issuer, 3), fill(names, 30));
        let (birth_digit, expiry_digit) = (digit(birth), digit(expiry));
        format!(
            "{code}{issuer}{first}\n{birth}{birth_digit}{sex}{expiry}{expiry_digit}{issuer}{data}{composite}\n{names}"
        )
    }
}

fn plain() -> Parts {
    Parts {
        code: "P".to_owned(),
        issuer: "UTO".to_owned(),
        names: "ERIKSSON<<ANNA".to_owned(),
        number: "L898902C3".to_owned(),
        birth: "740812".to_owned(),
        sex: 'F',
        expiry: "301231".to_owned(),
        optional: String::new(),
    }
}

/// A passport with these dates.
pub(super) fn with_dates(birth: &str, expiry: &str) -> String {
    Parts { birth: birth.to_owned(), expiry: expiry.to_owned(), ..plain() }.write(ZoneKind::Td3)
}

/// A card with a number of more than nine characters.
pub(super) fn with_long_number(principal: &str, rest: &str) -> String {
    let check = digit(&format!("{principal}{rest}"));
    Parts { code: "I".to_owned(), ..plain() }.write_card(&format!("{principal}<{rest}{check}"))
}

fn text(rng: &mut StdRng, alphabet: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(alphabet[below(rng, alphabet.len())])).collect()
}

fn below(rng: &mut StdRng, end: usize) -> usize {
    usize::try_from(rng.next_u32()).unwrap() % end
}

fn random(rng: &mut StdRng, kind: ZoneKind) -> Parts {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const ALL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let code = match kind {
        ZoneKind::Td3 => "P",
        ZoneKind::MrvA | ZoneKind::MrvB => "V",
        ZoneKind::Td1 | ZoneKind::Td2 => ["I", "ID", "AC", "IR"][below(rng, 4)],
    };
    let mut date =
        |years: usize| format!("{:02}{:02}{:02}", below(rng, years), 1 + below(rng, 12), 1 + below(rng, 28));
    let (birth, expiry) = (date(100), date(100));
    let (surname, given, number, optional) =
        (1 + below(rng, 12), 1 + below(rng, 10), 1 + below(rng, 9), below(rng, 8));
    Parts {
        code: code.to_owned(),
        issuer: ["UTO", "D", "FRA", "GBD"][below(rng, 4)].to_owned(),
        names: format!("{}<<{}", text(rng, LETTERS, surname), text(rng, LETTERS, given)),
        number: fill(&text(rng, ALL, number), 9),
        birth,
        sex: ['F', 'M', '<'][below(rng, 3)],
        expiry,
        optional: text(rng, ALL, optional),
    }
}

const KINDS: [ZoneKind; 5] = [ZoneKind::Td1, ZoneKind::Td2, ZoneKind::Td3, ZoneKind::MrvA, ZoneKind::MrvB];

#[test]
fn random_zones_are_read_back() {
    let mut rng = StdRng::seed_from_u64(9303);
    for round in 0..3_000 {
        let kind = KINDS[round % KINDS.len()];
        let parts = random(&mut rng, kind);
        let written = parts.write(kind);
        let zone = read(&written);
        assert_eq!((zone.kind, zone.faults.as_slice()), (kind, [].as_slice()), "{written}");
        assert_eq!(format!("{}<<{}", zone.surname, zone.given_names), parts.names, "{written}");
        assert_eq!(zone.number, parts.number.trim_end_matches('<'), "{written}");
        assert_eq!((&zone.issuer, &zone.nationality), (&parts.issuer, &parts.issuer), "{written}");
        assert_eq!(zone.optional.concat(), parts.optional, "{written}");
        let date = |date: Option<crate::time::Date>| date.unwrap().strftime("%y%m%d").to_string();
        assert_eq!((date(zone.birthdate), date(zone.expires_on)), (parts.birth, parts.expiry), "{written}");
    }
}

/// Whether two zones say the same about everything that a check digit covers.
fn says_the_same(a: &Zone, b: &Zone) -> bool {
    a.kind == b.kind
        && a.number == b.number
        && a.birthdate == b.birthdate
        && a.expires_on == b.expires_on
        && a.optional == b.optional
}

/// A change that the sum cannot notice: the values of both characters are the same modulo ten.
fn is_blind(a: u8, b: u8) -> bool {
    check_digit([&a]) == check_digit([&b])
}

#[test]
fn one_changed_character_in_a_checked_field_is_noticed() {
    const ALL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";
    let mut rng = StdRng::seed_from_u64(74);
    for _ in 0..40 {
        let zone = random(&mut rng, ZoneKind::Td3).write(ZoneKind::Td3);
        let good = read(&zone);
        let line = zone.len() - 44;
        for at in (0..10).chain(13..20).chain(21..44).map(|at| line + at) {
            for &other in ALL {
                let mut changed = zone.clone().into_bytes();
                let before = changed[at];
                if before == other || is_blind(before, other) || as_digit(other) == Some(before) {
                    continue;
                }
                changed[at] = other;
                let changed = String::from_utf8(changed).unwrap();
                let found = find(&changed, today());
                let noticed = found.as_ref().is_none_or(|found| !found.faults.is_empty());
                assert!(
                    noticed || found.is_some_and(|found| says_the_same(&good, &found)),
                    "{zone}\n{changed}"
                );
            }
        }
    }
}

#[test]
fn arbitrary_text_never_panics() {
    let mut rng = StdRng::seed_from_u64(3);
    for _ in 0..5_000 {
        let length = below(&mut rng, 200);
        let text: String = text(&mut rng, b"PVIACD<<<<<<ABC019\n F", length);
        let _ = find(&text, today());
    }
    assert_eq!(as_letter(b'7'), None);
}
