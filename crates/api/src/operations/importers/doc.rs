//! What the documentation of operations on importers shows.

use serde_json::{Value, json};

use crate::doc::{Doc, Example, attributes, body, described, named, object};

/// `import-an-account`.
pub(super) const IMPORT: Doc = Doc {
    text: "\
Every row makes a new account of the default type. The first row names the columns: `reference_id`, `tags` (several \
with `;` between them) and the keys of fields, such as `name_first`, `name_last` and `birthdate`. A row whose \
reference ID another account has already is counted as a duplicate and left out. A file may have 10 MiB and 50,000 \
rows; for larger ones, and to update accounts, there are importer pipelines.",
    success: &[201],
    body: Some(import_body),
    examples: import_examples,
    ..Doc::one("importer")
};

/// `create-an-importer-file`.
pub(super) const CREATE_FILE: Doc = Doc {
    text: "\
With `filename` alone an upload begins: its parts are sent one by one, each of them `part-size` bytes long but the \
last, and then it is completed. What was interrupted goes on where it stopped. With `file`, a file of up to about \
10 MiB is uploaded at once. CSV, TSV, JSON Lines and XLSX are read, packed with gzip or zstd or not.",
    success: &[201],
    body: Some(create_file_body),
    examples: create_file_examples,
    ..Doc::one("importer-file")
};

/// `upload-a-part-of-an-importer-file`.
pub(super) const PUT_PART: Doc = Doc {
    text: "\
The body is the part as it is. Parts have numbers from 1 and may be sent in any order, several at once, and again.",
    ..Doc::one("importer-file")
};

/// `complete-an-importer-file`.
pub(super) const COMPLETE_FILE: Doc = Doc {
    text: "\
The reply shows what the file turned out to be: format, encoding, delimiter, quote, header, columns and first rows. A \
file that is complete already is shown as it is.",
    body: Some(complete_file_body),
    examples: complete_file_examples,
    ..Doc::one("importer-file")
};

/// `propose-a-mapping-of-an-importer-file`.
pub(super) const PROPOSE: Doc = Doc {
    text: "\
Nothing is saved. The reply has a `pipeline-config` that can be saved as it is once every column under `unresolved` is \
mapped by hand or listed in its `ignore-columns`. What could be meant in two ways is never guessed.",
    body: Some(propose_body),
    examples: propose_examples,
    ..Doc::one("importer-mapping")
};

/// `create-an-importer-pipeline`.
pub(super) const CREATE_PIPELINE: Doc = Doc {
    success: &[201],
    body: Some(create_pipeline_body),
    examples: create_pipeline_examples,
    ..Doc::one("importer-pipeline")
};

/// `update-an-importer-pipeline`.
pub(super) const UPDATE_PIPELINE: Doc = Doc {
    text: "`pipeline-config` is replaced as a whole.",
    body: Some(update_pipeline_body),
    examples: update_pipeline_examples,
    ..Doc::one("importer-pipeline")
};

/// `run-an-importer-pipeline`.
pub(super) const RUN: Doc = Doc {
    text: "\
Every column of the file must be mapped or ignored by the pipeline, or the run is refused (422) and nothing happens. A \
dry run goes through the whole file, writes no account, and keeps what each row would do: look at its rows, then \
commit it. One run of a pipeline writes at a time; others are refused with 409, as is a reference ID that another run \
of the pipeline has.",
    success: &[202],
    body: Some(run_body),
    examples: run_examples,
    ..Doc::one("importer-pipeline-run")
};

/// `commit-an-importer-pipeline-run`.
pub(super) const COMMIT: Doc = Doc {
    text: "\
Accounts that changed after the dry run are judged anew, and their rows carry a warning.",
    success: &[202],
    body: Some(reference_body),
    examples: commit_examples,
    ..Doc::one("importer-pipeline-run")
};

/// `undo-an-importer-pipeline-run`.
pub(super) const UNDO: Doc = Doc {
    text: "\
Accounts that the run created and nobody touched since are archived; fields, statuses and tags that it set and nobody \
changed since go back to what they were. All else is left alone and reported. It is a run of its own, with rows and \
counts; as a dry run it says what it would do.",
    success: &[202],
    body: Some(undo_body),
    examples: undo_examples,
    ..Doc::one("importer-pipeline-run")
};

/// `retry-an-importer-pipeline-run`.
pub(super) const RETRY: Doc = Doc {
    text: "The refused rows are imported again by what the pipeline says now. The run before stays as it is.",
    success: &[202],
    body: Some(reference_body),
    examples: retry_examples,
    ..Doc::one("importer-pipeline-run")
};

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn file_schema() -> Value {
    let members = json!({
        "data": text("The file in base64."),
        "filename": text("Its name."),
    });
    described(object(&members, &["data"]), "The file. In a form, a part with a file name.")
}

fn reference_schema() -> Value {
    let reference = json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 255 });
    described(reference, "What you call the run: unique among the runs of its pipeline.")
}

fn example(name: &'static str, summary: &'static str, members: &Value) -> Vec<Example> {
    vec![Example { name, summary, body: attributes(members) }]
}

fn import_body() -> Value {
    body(&json!({ "file": file_schema() }), &["file"])
}

/// `reference_id,name_first` and two rows, in base64.
const TWO_ROWS: &str = "cmVmZXJlbmNlX2lkLG5hbWVfZmlyc3QKY3VzdG9tZXItMjAwMSxJbmVzCmN1c3RvbWVyLTIwMDIsSm9udQo=";

fn import_examples() -> Vec<Example> {
    let file = json!({ "data": TWO_ROWS, "filename": "customers.csv" });
    example("two", "A file with two rows", &json!({ "file": file }))
}

fn create_file_body() -> Value {
    let name = json!({ "type": ["string", "null"], "minLength": 1, "maxLength": 255 });
    let members = json!({
        "filename": described(name, "The name of the file; that of `file` where it is left out."),
        "file": file_schema(),
    });
    body(&members, &[])
}

fn create_file_examples() -> Vec<Example> {
    let file = json!({ "data": TWO_ROWS, "filename": "customers.csv" });
    let mut all = example("begin", "An upload in parts", &json!({ "filename": "customers.csv.gz" }));
    all.extend(example("whole", "A small file at once", &json!({ "file": file })));
    all
}

fn complete_file_body() -> Value {
    let digest = json!({ "type": ["string", "null"], "pattern": "^[0-9a-fA-F]{64}$" });
    let members = json!({
        "sha-256": described(digest, "The SHA-256 of the whole file in hexadecimal digits. It is checked where it is sent."),
    });
    body(&members, &[])
}

fn complete_file_examples() -> Vec<Example> {
    example("plain", "Without a digest", &json!({}))
}

fn settings_schema() -> Value {
    let mut schema = crate::resources::importer::config_schema();
    schema["properties"]["file"].take()
}

fn propose_body() -> Value {
    let members = json!({
        "account-type-id": json!({ "type": ["string", "null"], "description": "The ID of the type of the accounts; the default type where it is left out." }),
        "file": settings_schema(),
    });
    body(&members, &[])
}

fn propose_examples() -> Vec<Example> {
    let mut all = example("default", "For the default type", &json!({}));
    all.extend(example(
        "semicolons",
        "For a type, of a file that is read otherwise",
        &json!({ "account-type-id": "$account-type-id", "file": { "delimiter": ",", "header": true } }),
    ));
    all
}

fn name_schema() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 255, "description": "What people call it." })
}

fn create_pipeline_body() -> Value {
    let members = json!({
        "name": name_schema(),
        "destination": described(json!({ "type": ["string", "null"], "enum": ["account", null] }), "What rows become."),
        "run-type": described(json!({ "type": ["string", "null"], "enum": ["manual", "recurring", null] }),
            "Follows from whether `pipeline-config` has a schedule."),
        "pipeline-config": named("importer-pipeline-config"),
    });
    body(&members, &["name", "pipeline-config"])
}

fn create_pipeline_examples() -> Vec<Example> {
    let mapping = json!([
        { "column": "customer_id", "target": "reference-id" },
        { "column": "segments", "target": "tags", "mode": "add", "split": ";" },
    ]);
    let config = json!({
        "sync-mode": "upsert", "match-key": { "kind": "reference-id" }, "mapping": mapping,
        "ignore-columns": ["remarks"], "blank-means": "ignore", "max-error-ratio": 0.5,
    });
    example(
        "customers",
        "Customers by their reference IDs",
        &json!({ "name": "CRM customers", "pipeline-config": config }),
    )
}

fn update_pipeline_body() -> Value {
    let members = json!({
        "name": name_schema(),
        "status": { "type": ["string", "null"], "enum": ["active", "inactive", null], "description": "Whether it may run." },
        "pipeline-config": named("importer-pipeline-config"),
    });
    body(&members, &[])
}

fn update_pipeline_examples() -> Vec<Example> {
    example("inactive", "Nothing may run it", &json!({ "status": "inactive" }))
}

fn run_body() -> Value {
    let members = json!({
        "file-id": text("The ID of the file that is imported."),
        "dry-run": { "type": ["boolean", "null"], "default": false, "description": "Whether it only finds out what it would do." },
        "reference-id": reference_schema(),
    });
    body(&members, &["file-id"])
}

fn run_examples() -> Vec<Example> {
    let mut all = example(
        "dry-run",
        "Finding out what a run would do",
        &json!({ "file-id": "$importer-file-id", "dry-run": true }),
    );
    all.extend(example(
        "batch",
        "A run with a name",
        &json!({ "file-id": "$importer-file-id", "reference-id": "batch-2026-01" }),
    ));
    all
}

fn reference_body() -> Value {
    body(&json!({ "reference-id": reference_schema() }), &[])
}

fn commit_examples() -> Vec<Example> {
    example("commit", "Under a name", &json!({ "reference-id": "batch-2026-02" }))
}

fn retry_examples() -> Vec<Example> {
    example("retry", "Without a name", &json!({}))
}

fn undo_body() -> Value {
    let members = json!({
        "dry-run": { "type": ["boolean", "null"], "default": false, "description": "Whether it only finds out what it would do." },
        "reference-id": reference_schema(),
    });
    body(&members, &[])
}

fn undo_examples() -> Vec<Example> {
    example("dry-run", "Finding out what would be taken back", &json!({ "dry-run": true }))
}
