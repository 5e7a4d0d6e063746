//! What a pipeline must make sense of before a row is read.

use super::*;

/// What is wrong with a pipeline for a file with some columns.
fn wrong(written: Value, columns: &[&str]) -> Vec<String> {
    lines(&pipeline(written).check(&customer(), &texts(columns)).unwrap_err())
}

/// What is wrong with one entry, beside a key.
fn wrong_entry(mut entry: Value) -> Vec<String> {
    if entry.get("constant").is_none() && entry.get("template").is_none() {
        entry["column"] = json!("cell");
    }
    let mapping = json!([{"column": "key", "target": "reference-id"}, entry]);
    wrong(json!({"mapping": mapping, "ignore-columns": ["other"]}), &["key", "cell", "other"])
        .into_iter()
        .map(|line| line.replace("pipeline-config.mapping.1.", ""))
        .filter(|line| !line.starts_with("pipeline-config.mapping leaves out"))
        .collect()
}

#[test]
fn the_form_of_others_is_read_and_written_again() {
    let written = json!({
        "destination": "account", "sync-mode": "upsert", "archive-after-completion": false,
        "account-type-id": IdSource::new(NOW, [7; 32]).mint::<crate::AccountTypeId>().to_string(),
        "match-key": {"kind": "reference-id", "column": "customer_id"},
        "mapping": [
            {"column": "customer_id", "target": "reference-id"},
            {"column": "dob", "target": "fields.birthdate", "format": "%d/%m/%Y"},
            {"column": "segments", "target": "tags", "mode": "replace", "split": ";", "blank-means": "clear"},
        ],
        "file": {"format": "csv", "delimiter": ";", "quote": "", "columns": ["a"]},
        "blank-means": "ignore", "suppress-workflows": true, "max-error-ratio": 0.5, "schedule": null,
    });
    let config = pipeline(written);
    config.check_without_file(&customer()).unwrap_err();
    let again = serde_json::to_value(&config).unwrap();
    assert_eq!(again["match-key"], json!({"kind": "reference-id"}));
    assert_eq!(again["mapping"][2]["mode"], json!("replace"));
    assert_eq!(pipeline(again), config);
    assert_eq!(pipeline(json!({})), PipelineConfig::default());
    let toml = "sync-mode = \"insert\"\n[[mapping]]\nconstant = \"a\"\ntarget = \"tags\"\n";
    assert_eq!(PipelineConfig::from_toml(toml).unwrap().mapping.len(), 1);
    assert!(PipelineConfig::from_toml("mappings = []").unwrap_err().starts_with("line 1, column 1"));
}

#[test]
fn members_that_are_not_understood_are_named_one_by_one() {
    let written = json!({
        "sync-mode": "replace",
        "match-key": {"kind": "identifier"},
        "max-error-ratio": "half",
        "mapings": [],
        "mapping": [
            {"column": "a", "target": "field.a"},
            {"column": "a", "constant": "b", "target": "tags"},
            {"target": "tags"},
            {"column": "a", "target": "tags", "formt": "x"},
        ],
        "file": {"format": "pdf"},
    });
    let told = lines(&PipelineConfig::from_value(&written).unwrap_err());
    for start in [
        "pipeline-config.sync-mode must be one of `upsert`, `insert`, `update`",
        "pipeline-config.match-key must have the member `key`",
        "pipeline-config.max-error-ratio must be a number",
        "pipeline-config.mapings is not known here",
        "pipeline-config.mapping.0.target must be reference-id, account-id, account-status, tags, fields.KEY",
        "pipeline-config.mapping.1 must be an object with only one of column, constant and template",
        "pipeline-config.mapping.2 must have the member `column` (or `constant`, or `template`)",
        "pipeline-config.mapping.3.formt is not known here",
        "pipeline-config.file.format must be one of",
    ] {
        assert!(told.iter().any(|line| line.starts_with(start)), "{start} in {told:#?}");
    }
    let stray = json!({"match-key": {"kind": "reference-id", "column": "b"}, "mapping": [
        {"column": "a", "target": "reference-id"}]});
    let told = lines(&PipelineConfig::from_value(&stray).unwrap_err());
    assert!(told[0].starts_with("pipeline-config.match-key.column must be the column that"), "{told:?}");
}

#[test]
fn targets_must_exist_and_take_cells() {
    for (target, told) in [
        ("fields.nick", "target is no field of the account type Customer; it has name, address, birthdate"),
        ("fields.name", "target is an object; map its members, which are name.first, name.middle, name.last"),
        ("fields.name.fist", "target is no member of name; it has first, middle, last"),
        ("fields.nickname.first", "target goes too deep: nickname is of type string and has no members"),
        ("fields.selfie-photo", "target is a file, and a table holds no files"),
        ("relations.boss", "target is no relation of the account type Customer; it has employer, friends"),
        ("account-id", "target can only be the key; set match-key to the kind account-id"),
    ] {
        let lines = wrong_entry(json!({"target": target}));
        assert!(lines.len() == 1 && lines[0].starts_with(told), "{target}: {lines:?}");
    }
    let mut ty = customer();
    ty.fields.iter_mut().find(|field| field.key == "nickname").unwrap().deactivated_at = Some(NOW);
    let config = pipeline(json!({"mapping": [
        {"column": "key", "target": "reference-id"}, {"column": "cell", "target": "fields.nickname"}]}));
    let told = lines(&config.check(&ty, &texts(&["key", "cell"])).unwrap_err());
    assert_eq!(
        told,
        ["pipeline-config.mapping.1.target is a field that takes no new values; reactivate nickname first"]
    );
}

#[test]
fn options_must_make_sense_for_their_target() {
    for (entry, told) in [
        (
            json!({"target": "fields.birthdate", "format": "%d/%m"}),
            "format must name the year, the month and",
        ),
        (
            json!({"target": "fields.birthdate", "format": "%d/%m/%y"}),
            "format has years of two digits; use %Y, or",
        ),
        (
            json!({"target": "fields.birthdate", "format": "%d/%m/%Y", "pivot": 30}),
            "format has no %y; leave pivot",
        ),
        (
            json!({"target": "fields.birthdate", "format": "%d/%m/%Q"}),
            "format has a code that is not known here",
        ),
        (json!({"target": "fields.birthdate", "format": "%F %z"}), "format has %z, and a date has no offset"),
        (json!({"target": "fields.birthdate", "format": "%F %I:%M"}), "format must have both %I and %p"),
        (json!({"target": "fields.birthdate", "format": "%F %M"}), "format names a part of the time without"),
        (json!({"target": "fields.last-visit", "format": "%F %T"}), "format must have %z, or the entry or"),
        (
            json!({"target": "fields.last-visit", "format": "%F", "zone": "UTC"}),
            "format must name the time, too",
        ),
        (json!({"target": "fields.last-visit", "zone": "Mars/Base"}), "zone must be UTC, an offset such as"),
        (json!({"target": "fields.nickname", "format": "%F"}), "format is for dates and datetimes"),
        (json!({"target": "fields.nickname", "thousands": ","}), "thousands is for numbers"),
        (json!({"target": "fields.nickname", "mode": "add"}), "mode is for tags"),
        (json!({"target": "fields.nickname", "split": ","}), "split is for lists"),
        (json!({"target": "fields.balance", "thousands": "."}), "thousands must differ from decimal"),
        (json!({"target": "fields.balance", "decimal": ";"}), "decimal must be . or ,"),
        (json!({"target": "fields.hobbies", "split": ""}), "split must not be empty"),
        (
            json!({"target": "fields.identification-numbers", "split": ","}),
            "split does not go with a list of",
        ),
        (json!({"target": "relations.employer", "split": ","}), "split does nothing for this target"),
        (json!({"target": "account-status", "blank-means": "clear"}), "blank-means must be ignore: every"),
        (json!({"target": "tags", "blank-means": "clear"}), "blank-means must be ignore unless mode is"),
        (json!({"target": "fields.tier", "constant": "gold"}), "constant must be one of std, prem"),
        (json!({"target": "fields.tier", "constant": " "}), "constant must not be blank"),
        (json!({"target": "fields.nickname", "template": "{{cell} x"}), "template has {{ without }}"),
        (json!({"target": "fields.nickname", "template": "x"}), "template names no column"),
        (
            json!({"target": "fields.nickname", "template": "{{cel}}"}),
            "template has a name in {{ }} that is no",
        ),
    ] {
        let lines = wrong_entry(entry.clone());
        assert!(lines.len() == 1 && lines[0].starts_with(told), "{entry}: {lines:?}");
    }
}

#[test]
fn every_column_is_mapped_or_left_out_on_purpose() {
    let mapping = json!([
        {"column": "id", "target": "reference-id"},
        {"template": "{{first}} {{last}}", "target": "fields.nickname"},
    ]);
    let columns = ["id", "first", "last", "fax", "pager"];
    assert_eq!(
        wrong(json!({"mapping": mapping, "ignore-columns": ["fax", "first"]}), &columns),
        [
            "pipeline-config.ignore-columns.1 names a column that the mapping reads; leave it out here or there",
            "pipeline-config.mapping leaves out columns of the file: pager; map them or list them in \
             ignore-columns",
        ]
    );
    let whole = pipeline(json!({"mapping": mapping, "ignore-columns": ["fax", "pager", "gone"]}));
    assert!(whole.check(&customer(), &texts(&columns)).is_ok());
    assert!(whole.check_without_file(&customer()).is_ok());
    assert_eq!(
        lines(&whole.check(&customer(), &texts(&["ID", "first", "last", "last"])).unwrap_err()),
        [
            "pipeline-config.mapping.0.column is no column of the file; did you mean ID?",
            "pipeline-config.mapping.1.template has a name in {{ }} that names several columns of the file; \
             give them different names in the file",
        ]
    );
}

#[test]
fn one_datum_has_one_entry() {
    let mapping = json!([
        {"column": "a", "target": "reference-id"},
        {"column": "b", "target": "fields.name-first"},
        {"column": "c", "target": "fields.name.first"},
        {"column": "d", "target": "fields.office", "format": "json"},
        {"column": "e", "target": "fields.office.floor"},
        {"column": "f", "target": "tags"},
        {"column": "g", "target": "tags", "mode": "replace"},
    ]);
    assert_eq!(
        wrong(json!({"mapping": mapping}), &["a", "b", "c", "d", "e", "f", "g"]),
        [
            "pipeline-config.mapping has several entries for tags; give all of them the same mode",
            "pipeline-config.mapping.2.target is written by entry 1, too; leave one of them out",
            "pipeline-config.mapping.4.target is written by entry 3, too; leave one of them out",
        ]
    );
}

#[test]
fn the_key_is_mapped_and_finds_one_account() {
    let with = |rest: Value| {
        let mut written = json!({"mapping": [{"column": "a", "target": "fields.nickname"}]});
        written.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        wrong(written, &["a"])
    };
    let unmapped = |key| {
        format!("pipeline-config.mapping must map a column to {key}, the key by which accounts are found")
    };
    assert_eq!(with(json!({})), [unmapped("reference-id")]);
    assert_eq!(
        with(json!({"match-key": {"kind": "identifier", "key": "email_address"}})),
        [unmapped("fields.email_address")]
    );
    assert_eq!(
        with(json!({"match-key": {"kind": "identifier", "key": "nickname"}}))[0],
        "pipeline-config.match-key.key names an identifier that several accounts can share; unique ones are \
         email_address"
    );
    assert!(
        with(json!({"match-key": {"kind": "identifier", "key": "x"}}))[0]
            .contains("is no identifier of this")
    );
    assert!(
        with(json!({"match-key": {"kind": "none"}}))[0]
            .starts_with("pipeline-config.match-key.kind must name a key")
    );
    let written = json!({"match-key": {"kind": "account-id"}, "sync-mode": "insert", "max-error-ratio": 0,
        "zone": "here", "mapping": [{"column": "a", "target": "account-id"}]});
    let told = wrong(written, &["a"]);
    let starts = [
        "pipeline-config.zone must be UTC",
        "pipeline-config.max-error-ratio must be above 0",
        "pipeline-config.match-key.kind must be reference-id, identifier or none",
    ];
    assert!(
        told.len() == starts.len() && told.iter().zip(starts).all(|(line, start)| line.starts_with(start)),
        "{told:#?}"
    );
    let written = json!({"sync-mode": "update", "mapping": [{"column": "a", "target": "reference-id"}]});
    assert_eq!(
        wrong(written, &["a"]),
        ["pipeline-config.mapping must map more than the key: nothing would be written"]
    );
    let constant = json!({"mapping": [
        {"constant": "a", "target": "reference-id"}, {"column": "a", "target": "fields.nickname"}]});
    assert_eq!(
        wrong(constant, &["a"]),
        ["pipeline-config.mapping.0.constant must be a column: every row has its own key"]
    );
    let none = json!({"match-key": {"kind": "none"}, "sync-mode": "insert", "mapping": [
        {"column": "a", "target": "fields.nickname"}]});
    assert!(pipeline(none).check(&customer(), &texts(&["a"])).is_ok());
}

#[test]
fn the_examples_of_the_documentation_are_understood() {
    const GUIDE: &str = include_str!("../../../../../docs/importing-mapping.md");
    let pipelines = GUIDE.split("```json\n").skip(1).filter_map(|block| block.split_once("```"));
    let pipelines: Vec<PipelineConfig> =
        pipelines.map(|(block, _)| pipeline(serde_json::from_str(block).unwrap())).collect();
    assert_eq!(pipelines.len(), 2);
    let quoted = GUIDE.split('`').filter(|quoted| quoted.starts_with("{\"c"));
    let entries = quoted.map(|entry| serde_json::from_str::<Value>(entry).unwrap());
    let read = entries.map(|entry| pipeline(json!({"mapping": [entry]}))).count();
    assert!(read > 12, "{read}");
}
