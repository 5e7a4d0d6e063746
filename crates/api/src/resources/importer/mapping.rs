//! Proposals of mappings on the wire.

use muster_app::imports::Detected;
use muster_domain::AccountType;
use muster_domain::import::{FileSettings, MatchKey, PipelineConfig, Target, propose};
use serde_json::{Value, json};

use super::file::{Sample, detected_schema, shown_detected};
use super::pipeline::shown_config;
use crate::doc::{described, named, object, resource};

/// The resource object of what a pipeline could be told to import a file as accounts of a type.
pub fn proposal(
    file_id: &str,
    ty: &AccountType,
    settings: &FileSettings,
    detected: &Detected,
    sample: Sample,
) -> Value {
    let proposed = propose(ty, &detected.columns, &detected.sample);
    let unresolved: Vec<Value> = proposed
        .unresolved
        .iter()
        .map(|(column, message)| json!({ "column": column, "message": message }))
        .collect();
    let is_key = |target: Target| proposed.mapping.iter().any(|entry| entry.target == target);
    let match_key = match (is_key(Target::ReferenceId), is_key(Target::AccountId)) {
        (true, _) => MatchKey::ReferenceId,
        (false, true) => MatchKey::AccountId,
        (false, false) => MatchKey::None,
    };
    let config = PipelineConfig {
        account_type_id: Some(ty.id.clone()),
        match_key,
        mapping: proposed.mapping,
        ignore_columns: proposed.ignore,
        file: settings.clone(),
        ..PipelineConfig::default()
    };
    json!({
        "type": "importer-mapping",
        "id": file_id,
        "attributes": {
            "pipeline-config": shown_config(&config),
            "unresolved": unresolved,
            "detected": shown_detected(detected, sample),
        },
    })
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let column = json!({
        "column": text("Its name."),
        "message": text("Why it is not mapped."),
    });
    let unresolved = json!({ "type": "array", "items": object(&column, &["column", "message"]) });
    let attributes = json!({
        "pipeline-config": named("importer-pipeline-config"),
        "unresolved": described(unresolved, "The columns that somebody has to decide on."),
        "detected": described(detected_schema(), "What the file is as it is read."),
    });
    let attributes = object(&attributes, &["pipeline-config", "unresolved", "detected"]);
    described(
        resource("importer-mapping", "mprtf_", &attributes, &json!({})),
        "What a pipeline could be told to import a file. Nothing of it is saved.",
    )
}
