//! IDs and the like that stand in examples: those of objects that could be, always the same.

use serde_json::Value;

/// What an ID is an ID of, as paths and examples call it, and one such ID.
const IDS: [(&str, &str); 22] = [
    ("account-id", "act_1x7FJ7DYSJhF5gPbGzd2DgVZ"),
    ("other-account-id", "act_1x7FJ7DYSJhF5gPbGzd2DgVc"),
    ("consolidated-account-id", "act_1x7FJ7DYSJhF5gPbGzd2DgVd"),
    ("relation-schema-key", "partners"),
    ("account-type-id", "acttp_1x7FJ7DYSJhF5gPbGzd2DgVa"),
    ("event-id", "evt_1x7FJ7DYSJhF5gPbGzd2DgVb"),
    ("api-key-id", "api_1x7FJ7DYSJhF5gPbGzd2DgVe"),
    ("api-log-id", "req_1x7FJ7DYSJhF5gPbGzd2DgVf"),
    ("inquiry-id", "inq_1x7FJ7DYSJhF5gPbGzd2DgVj"),
    ("inquiry-session-id", "iqse_1x7FJ7DYSJhF5gPbGzd2DgVk"),
    ("inquiry-template-id", "itmpl_1x7FJ7DYSJhF5gPbGzd2DgVh"),
    ("inquiry-template-version-id", "itmplv_1x7FJ7DYSJhF5gPbGzd2DgVi"),
    ("verification-id", "ver_1x7FJ7DYSJhF5gPbGzd2DgVx"),
    ("document-id", "doc_1x7FJ7DYSJhF5gPbGzd2DgVy"),
    ("report-id", "rep_1x7FJ7DYSJhF5gPbGzd2DgVj"),
    ("report-template-id", "rptp_1x7FJ7DYSJhF5gPbGzd2DgVk"),
    ("importer-id", "mprt_1x7FJ7DYSJhF5gPbGzd2DgVm"),
    ("importer-file-id", "mprtf_1x7FJ7DYSJhF5gPbGzd2DgVn"),
    ("importer-pipeline-id", "mprtp_1x7FJ7DYSJhF5gPbGzd2DgVo"),
    ("importer-pipeline-run-id", "mprtpr_1x7FJ7DYSJhF5gPbGzd2DgVp"),
    ("part-number", "1"),
    ("user-audit-log-id", "ual_1x7FJ7DYSJhF5gPbGzd2DgVg"),
];

/// An ID of this kind, such as `account-id`; empty for a kind that is not known here.
pub(super) fn id(kind: &str) -> &'static str {
    IDS.iter().find(|(name, _)| *name == kind).map_or("", |(_, id)| id)
}

/// Puts IDs where an example says `$account-id` and the like.
pub(super) fn filled(value: Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('$').map(id) {
            Some(id) if !id.is_empty() => id.into(),
            _ => text.into(),
        },
        Value::Array(items) => items.into_iter().map(filled).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, filled(value))).collect(),
        other => other,
    }
}
