//! Importer pipelines on the wire, and the schema of what they are told.

use muster_app::imports::{Pipeline, RunType};
use muster_domain::Timestamp;
use muster_domain::import::PipelineConfig;
use serde_json::{Value, json};

use crate::doc::{described, id, instant, named, nullable, object, resource};

/// The resource object of a pipeline.
pub fn pipeline(pipeline: &Pipeline) -> Value {
    let instant = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339_millis);
    json!({
        "type": "importer-pipeline",
        "id": pipeline.id.as_str(),
        "attributes": {
            "name": pipeline.name,
            "status": pipeline.status.as_str(),
            "run-type": pipeline.run_type.as_str(),
            "destination": "account",
            "next-run-at": instant(pipeline.next_run_at),
            "pipeline-config": shown_config(&pipeline.config),
            "created-at": pipeline.created_at.to_rfc3339_millis(),
            "updated-at": pipeline.updated_at.to_rfc3339_millis(),
            "archived-at": instant(pipeline.archived_at),
        },
    })
}

/// What a pipeline is told, as it is written.
pub fn shown_config(config: &PipelineConfig) -> Value {
    serde_json::to_value(config).unwrap_or_default()
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let run_types = [RunType::Manual, RunType::Recurring].map(RunType::as_str);
    let attributes = json!({
        "name": { "type": "string", "description": "What people call it." },
        "status": { "type": "string", "enum": ["active", "inactive"], "description": "Whether it may run." },
        "run-type": { "type": "string", "enum": run_types, "description": "What starts its runs." },
        "destination": { "type": "string", "enum": ["account"], "description": "What rows become." },
        "next-run-at": described(nullable(instant()), "When it runs next by itself."),
        "pipeline-config": named("importer-pipeline-config"),
        "created-at": described(instant(), "When it was created."),
        "updated-at": described(instant(), "When it was last changed."),
        "archived-at": described(nullable(instant()), "When it was archived: nothing runs it any more."),
    });
    let names: Vec<&str> =
        attributes.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let attributes = object(&attributes, &names);
    described(
        resource("importer-pipeline", "mprtp_", &attributes, &json!({})),
        "A saved way of making accounts of the rows of a file.",
    )
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn flag(about: &str) -> Value {
    json!({ "type": "boolean", "description": about })
}

fn texts(about: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": about })
}

fn one_of(options: &[&str], about: &str) -> Value {
    json!({ "type": "string", "enum": options, "description": about })
}

/// The schema of one entry of a mapping.
fn entry_schema() -> Value {
    let members = json!({
        "column": text("The name of the column that is read."),
        "constant": text("A text that every row has, in place of a column."),
        "template": text("Cells of several columns in one text, such as `{{first}} {{last}}`, in place of a column."),
        "target": text("Where it goes: `reference-id`, `account-id` (to find the account), `fields.` and the key of a \
            field, `tags`, `account-status`, or `relations.` and the key of a relation."),
        "format": text("The pattern of dates and datetimes, such as `%d/%m/%Y`; never guessed. `json` for lists and \
            hashes that are written as JSON."),
        "split": text("What stands between the entries of a list in one cell."),
        "blank-means": one_of(&["ignore", "clear"], "What a blank cell means, if not what the pipeline says."),
        "mode": one_of(&["add", "replace"], "Of `tags`: whether those that the account has stay."),
        "null-tokens": texts("Cells that clear, beside those of the pipeline."),
        "values": { "type": "object", "additionalProperties": { "type": "string" },
            "description": "What cells stand for, by their texts; letter case does not count." },
        "trim": flag("Whether blanks around a text are taken off; they are unless this is false."),
        "thousands": text("What stands between groups of three digits."),
        "decimal": text("What stands before the fraction of a number, if not a point."),
        "zone": text("The time zone of datetimes without an offset, if not that of the pipeline."),
        "pivot": { "type": "integer", "minimum": 0, "maximum": 99,
            "description": "The first year of two digits that means 19xx." },
    });
    object(&members, &["target"])
}

fn file_schema() -> Value {
    let one = |about: &str| json!({ "type": "string", "maxLength": 1, "description": about });
    let members = json!({
        "format": one_of(&["csv", "tsv", "json-lines", "xlsx"], "The kind of the file."),
        "encoding": one_of(&["utf-8", "utf-16le", "utf-16be", "windows-1252"], "How its characters are stored."),
        "delimiter": one("What stands between cells."),
        "quote": one("What stands around cells; empty: cells are never quoted."),
        "header": flag("Whether the first row names the columns."),
        "skip-lines": { "type": "integer", "minimum": 0,
            "description": "How many lines stand before the header or the first row." },
        "sheet": text("The name of the sheet of a workbook; the first one where it is left out."),
        "columns": texts("The names of the columns of a file without a header."),
    });
    described(object(&members, &[]), "How the file is read; what is left out is detected.")
}

/// The schema of when a pipeline runs by itself, and where its files come from.
fn schedule_schema(about: &str) -> Value {
    json!({ "type": ["object", "null"], "description": about })
}

/// The schema of what a pipeline is told.
pub fn config_schema() -> Value {
    let key = json!({
        "kind": one_of(&["reference-id", "account-id", "identifier", "none"],
            "`identifier`: a unique field of the type; `none`: every row is a new account."),
        "key": text("Of `identifier`: the key of the field."),
        "column": text("Its column; it must be the one that the mapping names. Usually left out."),
    });
    let members = json!({
        "destination": one_of(&["account"], "What rows become."),
        "account-type-id": described(nullable(id("acttp_")), "The type of the accounts; the default type where it is left out."),
        "sync-mode": { "type": ["string", "null"], "enum": ["upsert", "insert", "update", null], "description":
            "`upsert` creates and updates; `insert` skips rows whose account is there; `update` refuses rows whose is not." },
        "match-key": described(object(&key, &["kind"]), "By what the account of a row is found."),
        "mapping": { "type": "array", "items": entry_schema(), "description":
            "Which column goes where. Every column of the file is named here or in `ignore-columns`." },
        "ignore-columns": texts("The columns that are left alone on purpose."),
        "blank-means": one_of(&["ignore", "clear"], "What a blank cell means: nothing, or that the field is emptied."),
        "null-tokens": texts("Cells that clear a field; `\\N` unless said otherwise."),
        "duplicates": one_of(&["apply", "first", "reject"], "What happens to rows of one file that have the same key: \
            all are applied in their order, or the first is and the others are skipped or refused."),
        "create-without-key": flag("Whether a row with a blank key makes a new account rather than an error."),
        "max-error-ratio": { "type": "number", "minimum": 0, "maximum": 1,
            "description": "The share of refused rows at which a run gives up, after a hundred rows." },
        "suppress-workflows": flag("Whether what is imported starts no workflows."),
        "archive-after-completion": { "type": ["boolean", "null"],
            "description": "Whether the pipeline is archived when a run has completed." },
        "zone": described(nullable(json!({ "type": "string" })),
            "The time zone of datetimes without an offset: `UTC`, `+02:00` or a name such as `Europe/Berlin`."),
        "file": file_schema(),
        "schedule": schedule_schema("When it runs by itself."),
        "source": schedule_schema("Where its files come from when it does."),
    });
    described(object(&members, &[]), "How the rows of a file become accounts.")
}
