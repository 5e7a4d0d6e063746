//! Asking a provider (spec D.6).

use muster_domain::ReportKind;
use muster_store::seal::digest16;
use serde_json::{Map, Value, json};

use super::apply::Found;
use super::{Hit, Report};
use crate::{App, Result, Scope};

/// What a provider tells of a report; none where no provider is configured.
///
/// # Errors
/// None: what goes wrong outside is told by the report.
#[expect(clippy::unnecessary_wraps, reason = "the provider hook reads the database")]
pub(super) const fn ask(_app: &App, _scope: &Scope, _report: &Report) -> Result<Option<Found>> {
    Ok(None)
}

/// The member that holds the ID of somebody or something that a provider found.
const fn id_member(kind: ReportKind) -> Option<&'static str> {
    match kind {
        ReportKind::AdverseMedia => Some("entity-id"),
        ReportKind::BusinessAdverseMedia => Some("id"),
        _ => None,
    }
}

/// Takes out of what a provider told who or what it found, for kinds whose hits can be dismissed.
pub(super) fn hits_of(kind: ReportKind, attributes: &mut Map<String, Value>) -> Vec<Hit> {
    let Some(member) = id_member(kind) else { return Vec::new() };
    let Some(Value::Array(entities)) = attributes.remove("related-sources") else { return Vec::new() };
    let hit = |shown: Value| {
        let hash = digest16(&[shown.to_string().as_bytes()]);
        Hit {
            key: shown.get(member).and_then(Value::as_str).unwrap_or_default().to_owned(),
            hash: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            list: None,
            why: json!({ "match-types": shown.get("match-types").or_else(|| shown.get("match_types")) }),
            shown,
        }
    };
    entities.into_iter().map(hit).collect()
}
