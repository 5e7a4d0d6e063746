//! Whether the sample of a column fits a target, and by which format.

use super::entry::MappingEntry;
use super::pattern::{Pattern, date_text};
use super::target::Place;
use crate::account::ReferenceId;
use crate::account_type::AccountType;
use crate::field::{FieldKind, FieldSchema};
use crate::fold::fold;
use crate::id::AccountId;

/// The patterns that are tried for dates. Nothing else is guessed.
const DATE_PATTERNS: [&str; 18] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%d/%b/%Y",
];

/// Completes an entry so that it reads all the cells of a sample.
///
/// # Errors
/// Says why it cannot, without quoting a cell.
pub(super) fn fit(
    ty: &AccountType,
    field: Option<&FieldSchema>,
    mut entry: MappingEntry,
    cells: &[&str],
) -> Result<MappingEntry, String> {
    if field.is_some_and(|field| matches!(field.kind, FieldKind::Date { .. })) {
        entry.format = date_format(cells)?;
    }
    let place = Place::new(ty, &entry, None).map_err(|faults| {
        let reasons: Vec<String> = faults.into_iter().map(|(_, message)| message).collect();
        format!("looks like {}, which {}", entry.target, reasons.join("; "))
    })?;
    let refused = cells.iter().find_map(|cell| refusal(&place, field, cell));
    match refused {
        None => Ok(entry),
        Some(message) => {
            Err(format!("looks like {}, but has cells that do not fit: {message}", entry.target))
        }
    }
}

/// What is wrong with a cell for its target.
fn refusal(place: &Place, field: Option<&FieldSchema>, cell: &str) -> Option<String> {
    match (place, field) {
        (Place::Field { coercion, .. }, Some(field)) => match coercion.value(cell) {
            Err(refusal) => Some(refusal.message),
            Ok(value) => field.check(&value).err().map(|below| {
                below.into_iter().next().map_or_else(String::new, |violation| violation.message)
            }),
        },
        (Place::Status { names, message }, _) => (!names.contains_key(&fold(cell))).then(|| message.clone()),
        (Place::ReferenceId | Place::Relation { .. }, _) => ReferenceId::parse(cell).err(),
        _ => None,
    }
}

/// The pattern that all the dates of a sample have; nothing if it is the default.
fn date_format(cells: &[&str]) -> Result<Option<String>, String> {
    if cells.is_empty() {
        return Ok(None);
    }
    let mut fitting: Vec<(&str, Vec<String>)> = Vec::new();
    for text in DATE_PATTERNS {
        let Ok(pattern) = Pattern::parse(text, None) else { continue };
        let dates = cells.iter().map(|cell| pattern.read(cell).map(|moment| date_text(moment.civil.date())));
        if let Some(dates) = dates.collect::<Option<Vec<_>>>() {
            // Two patterns that read the same dates, such as %b and %B in May, are as good as one.
            if fitting.iter().all(|(_, others)| *others != dates) {
                fitting.push((text, dates));
            }
        }
    }
    match fitting.as_slice() {
        [] => {
            Err("looks like dates of a form that is not known; map it with a format such as %d/%m/%Y"
                .to_owned())
        }
        [("%Y-%m-%d", _)] => Ok(None),
        [(only, _)] => Ok(Some((*only).to_owned())),
        several => {
            let patterns: Vec<&str> = several.iter().map(|(pattern, _)| *pattern).collect();
            Err(format!(
                "has dates that can be read in several ways; map it with the format that is meant, {}",
                patterns.join(" or ")
            ))
        }
    }
}

/// Whether every cell is the ID of an account.
pub(super) fn are_account_ids(cells: &[&str]) -> bool {
    !cells.is_empty() && cells.iter().all(|cell| cell.parse::<AccountId>().is_ok())
}

/// Whether every cell is a country code of two letters.
pub(super) fn are_country_codes(cells: &[&str]) -> bool {
    cells.iter().all(|cell| cell.len() == 2 && cell.bytes().all(|byte| byte.is_ascii_alphabetic()))
}
