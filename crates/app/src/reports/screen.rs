//! Looking somebody or something up in the lists that the operator loaded (spec D.3, D.4).

use muster_domain::ReportKind;
use muster_domain::report::{
    self as domain, Associates, BirthdateMatching, CountryRole as Role, NamePreset, ReportDefinition,
};
use muster_screening::{
    BirthDateRule, CountryRole, CountryRule, Fuzziness, Index, ListType, Lists, NameMatching, NameRules,
    Options, PartialDate, PersonName, Query, Topics,
};

use super::apply::Found;
use super::{Report, SearchedList, found};
use crate::watchlists::{self, LoadedList};
use crate::{App, Result, Scope};

/// What a report says where there is nothing to search: never that nobody was found.
const NO_LIST: &str =
    "no list of this kind is loaded; load one with muster watchlists import, then run the report again";
/// What it says where nothing is left of its name to look for.
const NO_INPUT: &str = "there is nothing in the query that could be looked for";

/// Looks a report up in the lists as they are now. Blocks.
///
/// # Errors
/// What the store reports.
pub(super) fn screen(app: &App, scope: &Scope, report: &Report) -> Result<Found> {
    let screening = app.watchlists.current(&app.db, &scope.environment.organization)?;
    let lists = match lists_of(report, &screening.lists) {
        Ok(lists) => lists,
        Err(why) => return Ok(Found::Failed(why)),
    };
    let query = query_of(report);
    if query.is_empty() {
        return Ok(Found::Failed(NO_INPUT.to_owned()));
    }
    let slugs = lists.iter().map(|loaded| loaded.list.slug.clone()).collect();
    let options = options_of(report, slugs);
    let hits = watchlists::screen(&screening, &query, &options);
    let hits =
        hits.iter().map(|hit| found::hit_of(report.kind, &screening.index, hit)).collect::<Result<_>>()?;
    let searched = lists.into_iter().map(|loaded| SearchedList {
        slug: loaded.list.slug.clone(),
        version: loaded.version.to_string(),
        loaded_at: loaded.imported_at,
    });
    Ok(Found::Hits { hits, lists: searched.collect() })
}

/// Whether a report finds anybody among some entities that it has not dismissed as they are.
///
/// # Errors
/// When the index is damaged.
pub(super) fn finds_any(report: &Report, index: &Index) -> Result<bool> {
    let options = options_of(report, index.lists().iter().map(|list| list.slug.clone()).collect());
    for hit in index.screen(&query_of(report), &options) {
        let hit = found::hit_of(report.kind, index, &hit)?;
        if !report.has_dismissed(&hit) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a list is one that a report looks into.
pub(super) fn looks_into(report: &Report, slug: &str) -> bool {
    report.definition.lists.as_ref().is_none_or(|wanted| wanted.iter().any(|one| one == slug))
}

/// The lists that a report looks into; all that it wants must be there.
fn lists_of<'a>(report: &Report, loaded: &'a [LoadedList]) -> Result<Vec<&'a LoadedList>, String> {
    if let Some(wanted) = &report.definition.lists {
        let is_there = |slug: &&String| loaded.iter().any(|one| one.list.slug == **slug);
        let missing: Vec<&str> = wanted.iter().filter(|slug| !is_there(slug)).map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(format!("lists that its template names are not loaded: {}", missing.join(", ")));
        }
        return Ok(loaded.iter().filter(|one| looks_into(report, &one.list.slug)).collect());
    }
    let fits = |types: &[ListType]| match report.kind {
        ReportKind::PoliticallyExposedPerson => types.contains(&ListType::Pep),
        _ => types.iter().any(|kind| *kind != ListType::Pep),
    };
    let fitting: Vec<&LoadedList> = loaded.iter().filter(|one| fits(&one.list.types)).collect();
    if fitting.is_empty() { Err(NO_LIST.to_owned()) } else { Ok(fitting) }
}

fn query_of(report: &Report) -> Query {
    let text = |name: &str| report.query.text(name);
    let query = match report.kind {
        ReportKind::CryptoAddressWatchlist => {
            Query::crypto_address(text("crypto-address").unwrap_or_default())
        }
        ReportKind::BusinessWatchlist => Query::business(text("term").unwrap_or_default()),
        _ => Query::person(PersonName {
            first: text("name-first"),
            middle: text("name-middle"),
            last: text("name-last"),
            term: text("term"),
        }),
    };
    let country = text("country-code").or_else(|| text("address-country-code"));
    query.born(text("birthdate").and_then(PartialDate::parse)).country(country)
}

fn options_of(report: &Report, slugs: Vec<String>) -> Options {
    let definition = &report.definition;
    let topics = match (report.kind, definition.associates) {
        (ReportKind::PoliticallyExposedPerson, Associates::Excluded) => Topics::Pep,
        (ReportKind::PoliticallyExposedPerson, Associates::Included) => Topics::PepAndRelatives,
        (ReportKind::CryptoAddressWatchlist, _) => Topics::Any,
        _ => Topics::Watchlist,
    };
    Options {
        names: names_of(definition),
        birth_date: match definition.birthdate {
            BirthdateMatching::Off => BirthDateRule::Off,
            BirthdateMatching::ExactDate => BirthDateRule::ExactDate,
            BirthdateMatching::ExactYear => BirthDateRule::ExactYear,
            BirthdateMatching::ApproximateYear => BirthDateRule::WithinOneYear,
        },
        country: CountryRule {
            roles: definition.countries.iter().flat_map(|role| roles_of(*role)).copied().collect(),
        },
        topics,
        lists: Lists::Slugs(slugs),
        #[expect(clippy::cast_possible_truncation, reason = "a score has few digits")]
        score_min: definition.minimum_score.unwrap_or_default() as f32,
    }
}

const fn roles_of(role: Role) -> &'static [CountryRole] {
    match role {
        Role::Citizenship => &[CountryRole::Citizenship],
        Role::Nationality => &[CountryRole::Nationality],
        Role::Birthplace => &[CountryRole::BirthPlace],
        Role::Residency => &[CountryRole::Residence, CountryRole::Address, CountryRole::Registration],
    }
}

fn names_of(definition: &ReportDefinition) -> NameMatching {
    let domain::NameMatching { preset, aliases, partial, joined, first_last, equivalents, fuzziness } =
        definition.names;
    match preset {
        NamePreset::Exact => NameMatching::Exact,
        NamePreset::Strict => NameMatching::Strict,
        NamePreset::Tolerant => NameMatching::Tolerant,
        NamePreset::Custom => NameMatching::Custom(NameRules {
            akas: aliases.unwrap_or_default(),
            partial: partial.unwrap_or_default(),
            joined: joined.unwrap_or_default(),
            first_last: first_last.unwrap_or_default(),
            equivalents: equivalents.unwrap_or_default(),
            fuzziness: match fuzziness.unwrap_or_default() {
                domain::Fuzziness::Off => Fuzziness::Off,
                domain::Fuzziness::Low => Fuzziness::Low,
                domain::Fuzziness::Medium => Fuzziness::Medium,
                domain::Fuzziness::High => Fuzziness::High,
            },
            ..NameRules::default()
        }),
    }
}
