//! Runs of importer pipelines on the wire, and the importers of the published endpoints.

use muster_app::imports::{Importer, ImporterStatus, Run};
use muster_domain::Timestamp;
use muster_domain::import::{RunKind, RunStatus};
use serde_json::{Value, json};

use crate::doc::{described, instant, nullable, object, resource, to_one};

/// The resource object of a run.
pub fn run(run: &Run) -> Value {
    let instant = |at: Option<Timestamp>| at.map(Timestamp::to_rfc3339_millis);
    let counts = run.counters;
    let mut data = json!({
        "kind": run.kind.as_str(),
        "file-id": run.file.as_ref().map(ToString::to_string),
        "plan-id": run.plan.as_ref().map(ToString::to_string),
        "undo-of-id": run.undo_of.as_ref().map(ToString::to_string),
        "column-names": run.columns,
        "estimated-total-count": run.estimated_rows,
        "rows-read": counts.read,
        "row-count": counts.read,
        "success-count": counts.succeeded(),
        "created-count": counts.created,
        "updated-count": counts.updated,
        "unchanged-count": counts.unchanged,
        "skipped-count": counts.skipped,
        "error-count": counts.errors,
        "warning-count": counts.warnings,
        "warnings": run.warnings.iter().map(|warning| json!({
            "code": warning.code, "message": warning.message,
            "importer-pipeline-run-id": warning.run.as_ref().map(ToString::to_string),
        })).collect::<Vec<_>>(),
        "reason": run.reason,
    });
    let (per_second, left) = progress(run);
    data["rows-per-second"] = per_second.into();
    data["seconds-left"] = left.into();
    let pipeline = run.pipeline.as_ref().map_or("", |id| id.as_str());
    json!({
        "type": "importer-pipeline-run",
        "id": run.id.as_str(),
        "attributes": {
            "status": run.status.as_str(),
            "reference-id": run.reference_id,
            "run-count": run.run_count,
            "run-data": data,
            "created-at": run.created_at.to_rfc3339_millis(),
            "updated-at": run.updated_at.to_rfc3339_millis(),
            "started-at": instant(run.started_at),
            "ended-at": instant(run.ended_at),
            "redacted-at": instant(run.redacted_at),
        },
        "relationships": {
            "importer-pipeline": { "data": { "type": "importer-pipeline", "id": pipeline } },
        },
    })
}

/// How many rows it does in a second since it was begun or resumed, and how many seconds are left; nothing where that
/// is not known.
fn progress(run: &Run) -> (Option<u64>, Option<u64>) {
    let Some(since) = run.begun_at else { return (None, None) };
    let until = run.ended_at.unwrap_or(run.updated_at);
    let micros = u128::try_from(until.as_micros() - since.as_micros()).unwrap_or(0);
    let read = run.counters.read.saturating_sub(run.begun_with);
    if micros == 0 || read == 0 {
        return (None, None);
    }
    let per_second = u64::try_from(u128::from(read) * 1_000_000 / micros).unwrap_or(u64::MAX);
    let left = run.estimated_rows.filter(|_| run.status == RunStatus::Running && per_second > 0);
    (Some(per_second), left.map(|rows| rows.saturating_sub(run.counters.read).div_ceil(per_second)))
}

/// The schema of the resource object.
pub fn schema() -> Value {
    let attributes = json!({
        "status": { "type": "string", "enum": RunStatus::ALL.map(RunStatus::as_str), "description": "How far it is." },
        "reference-id": { "type": ["string", "null"], "description": "What you call it: unique among the runs of its pipeline." },
        "run-count": { "type": "integer", "minimum": 1, "description": "How often it was begun: one more with each resumption." },
        "run-data": data_schema(),
        "created-at": described(instant(), "When it was made."),
        "updated-at": described(instant(), "When it last changed."),
        "started-at": described(nullable(instant()), "When it was begun first."),
        "ended-at": described(nullable(instant()), "When it ended."),
        "redacted-at": described(nullable(instant()), "When what became of its rows was erased."),
    });
    let attributes = closed(&attributes);
    let relationships = json!({ "importer-pipeline": to_one("importer-pipeline", "mprtp_") });
    described(
        resource("importer-pipeline-run", "mprtpr_", &attributes, &relationships),
        "One execution of an importer pipeline.",
    )
}

fn data_schema() -> Value {
    let count = |about: &str| json!({ "type": "integer", "minimum": 0, "description": about });
    let some = |about: &str| json!({ "type": ["integer", "null"], "minimum": 0, "description": about });
    let text = |about: &str| json!({ "type": ["string", "null"], "description": about });
    let warning = json!({
        "code": { "type": "string", "description": "The kind, such as `same_file`." },
        "message": { "type": "string", "description": "What it is." },
        "importer-pipeline-run-id": text("The run that it names."),
    });
    let kinds = [RunKind::Import, RunKind::DryRun, RunKind::Undo].map(RunKind::as_str);
    let members = json!({
        "kind": { "type": "string", "enum": kinds, "description": "What it does: dry runs write no accounts." },
        "file-id": text("The file that it reads."),
        "plan-id": text("The dry run that it commits."),
        "undo-of-id": text("The run that it takes back."),
        "column-names": { "type": "array", "items": { "type": "string" }, "description": "The columns of its file." },
        "estimated-total-count": some("How many rows it may have, as far as is known."),
        "rows-read": count("Rows that were read: those of all counts below, without warnings, together."),
        "row-count": count("Rows that were done."),
        "success-count": count("Rows whose account is as they say: created, updated or unchanged."),
        "created-count": count("Rows that made an account."),
        "updated-count": count("Rows that changed one."),
        "unchanged-count": count("Rows whose account was already as they say."),
        "skipped-count": count("Rows that were left out, as the pipeline says."),
        "error-count": count("Rows that were refused."),
        "warning-count": count("Warnings."),
        "rows-per-second": some("How fast it is, or was."),
        "seconds-left": some("How long it still takes, as far as is known."),
        "warnings": { "type": "array", "items": closed(&warning), "description": "What somebody should know of it as a whole." },
        "reason": text("Why it gave up, and what to do about it."),
    });
    described(closed(&members), "What it works on and how far it is. Counts are those of half a second ago.")
}

/// The schema of an object that always has all of these members.
fn closed(members: &Value) -> Value {
    let names: Vec<&str> = members.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    object(members, &names)
}

/// The resource object of an importer of a small file.
pub fn importer(importer: &Importer) -> Value {
    json!({
        "type": "importer/account",
        "id": importer.id.as_str(),
        "attributes": {
            "status": importer.status.as_str(),
            "successful-count": importer.successful_count,
            "duplicate-count": importer.duplicate_count,
            "error-count": importer.error_count,
            "created-at": importer.created_at.to_rfc3339_millis(),
            "completed-at": importer.completed_at.map(Timestamp::to_rfc3339_millis),
        },
    })
}

/// The schema of an importer of a small file.
pub fn importer_schema() -> Value {
    let count = |about: &str| json!({ "type": "integer", "minimum": 0, "description": about });
    let statuses = [ImporterStatus::Pending, ImporterStatus::Ready, ImporterStatus::Errored];
    let attributes = json!({
        "status": { "type": "string", "enum": statuses.map(ImporterStatus::as_str), "description":
            "`errored` where the file could not be read." },
        "successful-count": count("Rows that made an account."),
        "duplicate-count": count("Rows whose account was there already; they were left out."),
        "error-count": count("Rows that were refused."),
        "created-at": described(instant(), "When it was created."),
        "completed-at": described(nullable(instant()), "When it was done."),
    });
    let importer = resource("importer/account", "mprt_", &closed(&attributes), &json!({}));
    described(importer, "An importer of a small file.")
}
