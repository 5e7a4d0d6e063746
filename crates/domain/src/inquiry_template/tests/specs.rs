//! What authors write, and what is wrong with it.

use super::*;

#[test]
fn the_demo_reads_writes_and_is_stored_unchanged() {
    let spec = InquiryTemplateSpec::from_toml(DEMO).unwrap();
    let demo = demo();
    assert_eq!(Definition::from_json(&demo.to_json()).as_ref(), Some(&demo));
    let types = types();
    let name_of = |id: &AccountTypeId| types.iter().find(|ty| ty.id == *id).map(|ty| ty.name.clone());
    let written = demo.to_spec(&spec.head().unwrap(), &name_of);
    let read = InquiryTemplateSpec::from_toml(&written.to_toml()).unwrap();
    assert_eq!(read, written, "{}", written.to_toml());
    assert_eq!(InquiryTemplateSpec::from_value(&written.to_value()).unwrap(), written);
    assert_eq!(create(&read).unwrap(), demo);
}

/// A spec that is right, with one change that makes it wrong.
fn wrong(change: impl FnOnce(&mut Value)) -> Vec<crate::Violation> {
    let mut spec = json!({
        "name": "Contact",
        "languages": ["en", "fr"],
        "field-schemas": [
            { "key": "name-first" },
            { "key": "email-address" },
            { "key": "age", "type": "integer" },
            { "key": "passport", "type": "file" },
        ],
        "verifications": [
            { "key": "email", "kind": "email-address" },
            { "key": "id", "kind": "government-id" },
        ],
        "steps": [
            { "name": "start", "kind": "form", "next": "code", "inputs": [{ "field": "name-first" }] },
            { "name": "code", "kind": "email-code", "verification": "email", "field": "email-address", "next": "id" },
            { "name": "id", "kind": "government-id", "verification": "id", "next": "turn" },
            {
                "name": "turn", "kind": "branch", "else": "failure",
                "routes": [{ "when": { "verification": "id", "status": "passed" }, "to": "account" }],
            },
            { "name": "account", "kind": "create-account", "account-type": "user", "next": "copy" },
            { "name": "copy", "kind": "update-account", "fields": { "name.first": "name-first" }, "next": "success" },
            { "name": "success", "kind": "complete" },
            { "name": "failure", "kind": "fail" },
        ],
    });
    assert!(create(&InquiryTemplateSpec::from_value(&spec).unwrap()).is_ok());
    change(&mut spec);
    match InquiryTemplateSpec::from_value(&spec) {
        Ok(spec) => create(&spec).expect_err("it is wrong"),
        Err(unread) => unread,
    }
}

/// What is changed, to what (as JSON), which member is then refused, and a word of the message.
const WRONG: [(&str, &str, &str, &str); 55] = [
    ("/name", r#"" ""#, "name", "blank"),
    ("/status", r#""gone""#, "status", "active"),
    ("/languages/1", r#""french""#, "languages.1", "fr-CA"),
    ("/default-language", r#""de""#, "default-language", "one of the languages"),
    ("/settings", r#"{ "sessions-max": 0 }"#, "settings.sessions-max", "1 to 1000"),
    ("/settings", r#"{ "sessions-maximum": 1 }"#, "settings.sessions-maximum", "known are"),
    ("/settings", r#"{ "redirect-uri": "javascript://x" }"#, "settings.redirect-uri", "schemes"),
    ("/settings", r#"{ "redirect-schemes": ["data"] }"#, "settings.redirect-schemes.0", "scheme"),
    ("/settings", r#"{ "redirect-hosts": ["https://x"] }"#, "settings.redirect-hosts.0", "without https"),
    ("/theme", r#"{ "colour": "red" }"#, "theme.colour", "key of a theme"),
    ("/embedded-flow-domain-allowlist", r#"["a b"]"#, "embedded-flow-domain-allowlist.0", "host"),
    ("/hosted-flow-subdomains", r#"["a.b"]"#, "hosted-flow-subdomains.0", "label"),
    ("/field-schemas/0", r#"{ "key": "Name", "type": "string" }"#, "field-schemas.0.key", "small letter"),
    ("/field-schemas/0", r#"{ "key": "nickname" }"#, "field-schemas.0.type", "string"),
    ("/field-schemas/1/key", r#""name_first""#, "field-schemas.1.key", "unique"),
    (
        "/field-schemas/2/config",
        r#"{ "searchable": true }"#,
        "field-schemas.2.config.searchable",
        "leave it out",
    ),
    ("/field-schemas/2/default-value", r#""x""#, "field-schemas.2.default-value", "whole number"),
    ("/verifications/0/attempts-max", r#"0"#, "verifications.0.attempts-max", "1 to 100"),
    ("/verifications/0/countries", r#"["US"]"#, "verifications.0.countries", "government-id only"),
    ("/verifications/1/countries", r#"["us"]"#, "verifications.1.countries.0", "capitals"),
    ("/verifications/1/id-classes", r#"["xx"]"#, "verifications.1.id-classes.0", "pp"),
    ("/verifications/1/checks", r#"{ "x": "required" }"#, "verifications.1.checks.x", "government-id"),
    ("/verifications/1/checks", r#"{ "id_age_comparison": 1 }"#, "verifications.1.checks", "must be"),
    (
        "/verifications/1/comparisons",
        r#"{ "shoe": "age" }"#,
        "verifications.1.comparisons.shoe",
        "name-first",
    ),
    (
        "/verifications/1/comparisons",
        r#"{ "sex": "x" }"#,
        "verifications.1.comparisons.sex",
        "key of a field",
    ),
    ("/verifications/1/key", r#""email""#, "verifications.1.key", "unique"),
    ("/steps/0/kind", r#""screen""#, "steps.0.kind", "government-id"),
    ("/steps/0/titel", r#""x""#, "steps.0.titel", "known are"),
    ("/steps/0/verification", r#""id""#, "steps.0.verification", "not a member of a form"),
    ("/steps/0/title", r#"{ "en": "x", "de": "x" }"#, "steps.0.title.de", "languages"),
    ("/steps/0/title", r#"{ "fr": "x" }"#, "steps.0.title", "default language, en"),
    ("/steps/0/title", r#"7"#, "steps.0.title", "each language"),
    ("/steps/0/next", r#"null"#, "steps.0.next", "follows"),
    ("/steps/0/next", r#""nowhere""#, "steps.0.next", "name of a step"),
    ("/steps/0/inputs", r#"[]"#, "steps.0.inputs", "1 to 50"),
    ("/steps/0/inputs/0/field", r#""passport""#, "steps.0.inputs.0.field", "cannot ask for"),
    ("/steps/0/inputs/0/field", r#""shoe""#, "steps.0.inputs.0.field", "active field"),
    ("/steps/0/inputs/0/autocomplete", r#""<""#, "steps.0.inputs.0.autocomplete", "given-name"),
    ("/steps/1/verification", r#""id""#, "steps.1.verification", "email-address"),
    ("/steps/1/field", r#""age""#, "steps.1.field", "string or email-address"),
    ("/steps/1/name", r#""start""#, "steps.1.name", "unique"),
    ("/steps/3/else", r#"null"#, "steps.3.else", "no route"),
    ("/steps/3/routes/0/to", r#""x""#, "steps.3.routes.0.to", "name of a step"),
    ("/steps/3/routes/0/when", r#"{}"#, "steps.3.routes.0.when", "exactly one of"),
    ("/steps/3/routes/0/when/field", r#""age""#, "steps.3.routes.0.when", "exactly one of"),
    ("/steps/3/routes/0/when/status", r#""good""#, "steps.3.routes.0.when.status", "passed"),
    (
        "/steps/3/routes/0/when",
        r#"{ "field": "age", "equals": "x" }"#,
        "steps.3.routes.0.when.equals",
        "whole number",
    ),
    (
        "/steps/3/routes/0/when",
        r#"{ "not": { "field": "x", "is-blank": true } }"#,
        "steps.3.routes.0.when.not.field",
        "key of a field",
    ),
    ("/steps/3/routes/0/when", r#"{ "all": [] }"#, "steps.3.routes.0.when.all", "1 to 20"),
    ("/steps/4/account-type", r#""Robot""#, "steps.4.account-type", "account type"),
    ("/steps/5/fields", r#"{ "name.nick": "age" }"#, "steps.5.fields.name.nick", "field of the account"),
    ("/steps/5/fields", r#"{ "birthdate": "x" }"#, "steps.5.fields.birthdate", "key of a field"),
    ("/steps/6/kind", r#""fail""#, "steps", "kind complete"),
    ("/steps/3/else", r#""turn""#, "steps.3.name", "leads back to itself"),
    ("/steps/2/next", r#""start""#, "steps.3.name", "cannot be reached"),
];

/// Each change is refused at one place, with a word that helps.
#[test]
fn what_makes_no_sense_is_named_by_its_place() {
    let mut missed = Vec::new();
    for (place, value, path, word) in WRONG {
        let value: Value = serde_json::from_str(value).unwrap();
        let violations = wrong(|spec| {
            let (outer, key) = place.rsplit_once('/').unwrap();
            let outer = spec.pointer_mut(outer).unwrap();
            match key.parse::<usize>() {
                Ok(index) => outer[index] = value.clone(),
                Err(_) => outer[key] = value.clone(),
            }
        });
        let found = violations.iter().any(|one| one.path.join(".") == path && one.message.contains(word));
        if !found {
            missed.push(format!("{place} = {value}: {violations:?}"));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn the_first_step_is_a_page_and_every_step_can_end() {
    let first = wrong(|spec| spec["steps"].as_array_mut().unwrap().rotate_left(3));
    assert!(first.iter().any(|one| one.path == ["steps", "0", "kind"]), "{first:?}");
    let endless = wrong(|spec| spec["steps"][3] = json!({ "name": "turn", "kind": "text", "next": "start" }));
    assert!(endless.iter().any(|one| one.message.contains("leads to no end")), "{endless:?}");
}

#[test]
fn a_text_file_tells_line_and_column() {
    let bad = DEMO.replace("kind = \"form\"", "kind = form");
    assert!(InquiryTemplateSpec::from_toml(&bad).unwrap_err().starts_with("line "));
    let unknown = InquiryTemplateSpec::from_toml(&format!("{DEMO}\ncolour = 1\n")).unwrap_err();
    assert!(unknown.contains("colour") && unknown.starts_with("line "), "{unknown}");
    let place = |path: &[&str]| {
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        crate::written::place_in_toml(DEMO, &path).map(|(line, _)| DEMO.lines().nth(line - 1).unwrap())
    };
    assert_eq!(
        place(&["settings", "redirect-hosts", "0"]),
        Some("redirect-hosts = [\"localhost\", \"127.0.0.1\", \"example.com\"]")
    );
    assert_eq!(place(&["steps", "0", "inputs", "1", "field"]), Some("field = \"name-last\""));
    assert_eq!(place(&["verifications", "2", "minimum-age"]), Some("minimum-age = 18"));
    assert_eq!(place(&["verifications", "0", "countries"]), Some("[[verifications]]"));
    assert_eq!(place(&["nowhere"]), None);
}

#[test]
fn verifications_keep_their_ids_and_change_their_version_with_what_they_say() {
    let types = types();
    let first = demo();
    let make = |text: &str| {
        let spec = InquiryTemplateSpec::from_toml(text).unwrap();
        let around =
            Surroundings { account_types: types.iter().collect(), verifications: &first.verifications };
        let mut ids = IdSource::new(Timestamp::from_micros(1_795_440_000_000_000), [9; 32]);
        Definition::create(&spec, &around, &mut ids)
    };
    assert_eq!(make(DEMO).unwrap(), first);
    let older = make(&DEMO.replace("minimum-age = 18", "minimum-age = 21")).unwrap();
    let of = |definition: &Definition| definition.verification("government_id").unwrap().clone();
    assert_eq!(of(&older).id, of(&first).id);
    assert_ne!(of(&older).version_id, of(&first).version_id);
    assert_eq!(older.verification("email"), first.verification("email"));
}

#[test]
fn requirements_are_the_usual_ones_unless_said_otherwise() {
    let demo = demo();
    let id = &demo.verification("government_id").unwrap().config;
    assert_eq!(id.requirement("id_expired_detection"), Requirement::Required);
    assert_eq!(id.requirement("id_tamper_detection"), Requirement::NotRequired);
    assert_eq!(id.requirement("id_barcode_detection"), Requirement::Disabled);
    assert_eq!(id.requirement("selfie_liveness_detection"), Requirement::Disabled);
    assert!(!id.enabled_checks().any(|(name, _)| name == "id_barcode_detection"));
}

#[test]
fn changes_are_told_in_words() {
    let old = InquiryTemplateSpec::from_toml(DEMO).unwrap();
    assert_eq!(old.changes_to(&old), Vec::<String>::new());
    let mut new = old.clone();
    new.name = "Other".to_owned();
    new.steps[0].title = None;
    new.verifications[2].minimum_age = Some(21);
    new.field_schemas.remove(4);
    let removed = new.steps.pop().unwrap();
    let told = old.changes_to(&new);
    for change in [
        "name: changes",
        "steps start.title: removed",
        "verifications government_id.minimum-age: changes",
        "field-schemas phone-number: removed",
        &format!("steps {}: removed", removed.name),
    ] {
        assert!(told.iter().any(|one| one == change), "{change}: {told:?}");
    }
    assert_eq!(told.len(), 5, "{told:?}");
}

/// The documentation shows a file that works, and names every check and every key of a theme.
#[test]
fn the_documentation_is_right() {
    let text = include_str!("../../../../../docs/inquiry-templates.md");
    let (before, file) = text.split_once("## A whole file").unwrap();
    let file: Vec<&str> = file.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    let made = create(&InquiryTemplateSpec::from_toml(&file.join("\n")).unwrap()).unwrap();
    assert_eq!(made.steps.len(), 5);
    let checks = VerificationKind::GovernmentId.checks().iter().map(|check| check.name);
    for name in checks.chain(THEME_KEYS).chain(StepKind::NAMES).chain(ID_CLASSES) {
        assert!(before.contains(&format!("`{name}`")), "{name}");
    }
}
