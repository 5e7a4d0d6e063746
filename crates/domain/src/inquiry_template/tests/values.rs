//! Values given by API, by link and in forms; texts in languages; redirects.

use super::*;
use crate::field::StoredFile;

/// No files here.
struct NoLinks;

impl crate::field::LinkFiles for NoLinks {
    fn url(&self, _: &StoredFile) -> String {
        String::new()
    }
}

fn asking() -> Definition {
    let spec = json!({
        "name": "Asking",
        "field-schemas": [
            { "key": "name-first", "config": { "required": true } },
            { "key": "birthdate" },
            { "key": "age", "type": "integer", "config": { "min": 0 } },
            { "key": "is_resident", "type": "boolean" },
            { "key": "colors", "type": "multi-choices", "config": { "options": ["red", "blue"] } },
            { "key": "tier", "type": "choices", "default-value": "gold", "config": { "options": ["gold", "tin"] } },
            { "key": "customer", "type": "string", "config": { "write-policy": "write_once" } },
            { "key": "details", "type": "json" },
            { "key": "nickname", "type": "string", "config": { "write-policy": "write_once" } },
        ],
        "steps": [
            {
                "name": "start", "kind": "form", "next": "success", "inputs": [
                    { "field": "name-first" }, { "field": "birthdate", "required": true }, { "field": "age" },
                    { "field": "is_resident" }, { "field": "colors" }, { "field": "tier" }, { "field": "nickname" },
                ],
            },
            { "name": "success", "kind": "complete" },
        ],
    });
    create(&InquiryTemplateSpec::from_value(&spec).unwrap()).unwrap()
}

fn map(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

#[test]
fn a_request_writes_fields_under_any_inflection() {
    let asking = asking();
    let read = |value| asking.read_fields(&map(value));
    let values = read(json!({ "nameFirst": "Ada", "is-resident": true, "age": null })).unwrap();
    assert_eq!(Value::Object(values.0), json!({ "name-first": "Ada", "is_resident": true, "age": null }));
    let wrong =
        read(json!({ "shoe": 1, "birthdate": "x", "name_first": "A", "name-first": "B" })).unwrap_err();
    let mut places: Vec<String> = wrong.iter().map(|one| one.path.join(".")).collect();
    places.sort();
    assert_eq!(places, ["fields.birthdate", "fields.name_first", "fields.shoe"]);
    assert!(!format!("{wrong:?}").contains("\"A\""), "no value is told");
}

#[test]
fn a_form_is_read_as_browsers_send_it() {
    let asking = asking();
    let start = asking.first_step().unwrap();
    let sent = [
        ("name-first", " Ada "),
        ("birthdate", "1990-12-31"),
        ("age", "36"),
        ("is_resident", "on"),
        ("colors", "red"),
        ("colors", "blue"),
        ("tier", ""),
        ("customer", "not on the form"),
    ];
    let values = asking.read_form(start, sent).unwrap();
    assert_eq!(
        Value::Object(values.0),
        json!({
            "name-first": "Ada", "birthdate": "1990-12-31", "age": 36, "is_resident": true,
            "colors": ["red", "blue"], "tier": null,
        })
    );
    let wrong = asking.read_form(start, [("age", "-1"), ("birthdate", "yesterday"), ("colors", "green")]);
    let places: Vec<Vec<String>> = wrong.unwrap_err().into_iter().map(|one| one.path).collect();
    assert_eq!(places, [["name-first"], ["birthdate"], ["age"], ["colors"]]);
}

#[test]
fn a_link_prefills_and_refuses_what_it_does_not_know() {
    let asking = asking();
    let values =
        asking.read_link([("nameFirst", "Ada"), ("age", "36"), ("details", "{\"a\":1}"), ("tier", " ")]);
    let values = values.unwrap();
    assert_eq!(Value::Object(values.0), json!({ "name-first": "Ada", "age": 36, "details": { "a": 1 } }));
    let wrong = asking.read_link([("shoe", "44"), ("age", "old")]).unwrap_err();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
}

#[test]
fn what_is_written_once_stays() {
    let asking = asking();
    let values = |value: Value| FieldValues(map(value));
    let none = FieldValues::default();
    let once = asking.apply_fields(&none, &values(json!({ "customer": "C1", "tier": "tin" }))).unwrap();
    let again = values(json!({ "customer": "C1", "tier": "gold" }));
    assert_eq!(asking.apply_fields(&once, &again).unwrap().get("tier"), Some(&json!("gold")));
    for changed in [json!("C2"), Value::Null] {
        let refused = asking.apply_fields(&once, &values(json!({ "customer": changed }))).unwrap_err();
        assert_eq!(refused[0].path, ["fields", "customer"]);
    }
    let cleared = asking.apply_fields(&none, &values(json!({ "customer": null }))).unwrap();
    assert!(asking.apply_fields(&cleared, &values(json!({ "customer": "C3" }))).is_err(), "clearing counts");
}

#[test]
fn values_are_shown_with_their_types_and_defaults() {
    let asking = asking();
    let values = FieldValues(map(json!({ "name-first": "Ada", "tier": null })));
    let shown = serde_json::to_value(asking.present(&values, &NoLinks)).unwrap();
    assert_eq!(shown["name-first"], json!({ "type": "string", "value": "Ada" }));
    assert_eq!(shown["tier"], json!({ "type": "choices", "value": null }), "it was cleared");
    assert_eq!(shown["birthdate"], json!({ "type": "date", "value": null }));
    assert_eq!(asking.effective(&FieldValues::default()).get("tier"), Some(&json!("gold")));
    assert_eq!(asking.effective(&values).get("tier"), None);
    assert_eq!(format!("{values:?}"), "FieldValues([redacted])");
    assert!(asking.editable().contains("age") && !asking.editable().contains("customer"));
}

#[test]
fn an_account_gets_the_values_there_are() {
    let demo = demo();
    let StepKind::UpdateAccount { fields, .. } = &demo.step("update_account").unwrap().kind else {
        panic!("it updates the account")
    };
    let values =
        FieldValues(map(json!({ "name-first": "Ada", "name-last": " ", "birthdate": "1990-12-31" })));
    let written = demo.account_fields(fields, &values);
    assert_eq!(Value::Object(written.0), json!({ "birthdate": "1990-12-31", "name": { "first": "Ada" } }));
}

#[test]
fn texts_fall_back_to_a_near_language_then_to_the_default() {
    let demo = demo();
    let title = demo.first_step().unwrap().title.as_ref();
    for (wanted, language) in [("fr", "fr"), ("fr-CA", "fr"), ("FR_ca", "fr"), ("de", "en"), ("", "en")] {
        assert_eq!(demo.language_for(wanted), language, "{wanted}");
        assert_eq!(demo.say(title, wanted), demo.say(title, language), "{wanted}");
    }
    assert_eq!(demo.say(title, "fr"), "Faisons connaissance");
    assert_eq!(demo.say(None, "fr"), "");
}

#[test]
fn translations_come_back_as_they_were_merged() {
    let demo = demo();
    let rows = demo.translations();
    let title = rows.iter().find(|row| row.step == "start" && row.component == "title").unwrap();
    assert_eq!((title.attribute_name.as_str(), title.locale_values.len()), ("text", 2));
    assert!(rows.iter().any(|row| row.component == "email-address" && row.attribute_name == "hint"));
    assert_eq!(demo.with_translations(&rows).unwrap(), demo, "what is the same changes nothing");

    let said = |locale: &str, value: Option<&str>| LocaleValue {
        locale: locale.to_owned(),
        value: value.map(str::to_owned),
    };
    let mut row = title.clone();
    row.locale_values = vec![said("de-AT", Some("Grüß Gott")), said("fr", None)];
    let merged = demo.with_translations(std::slice::from_ref(&row)).unwrap();
    let shown = merged.first_step().unwrap().title.as_ref();
    assert_eq!((merged.say(shown, "de"), merged.say(shown, "fr")), ("Grüß Gott", "Let us get to know you"));
    assert_eq!(Definition::from_json(&merged.to_json()), Some(merged));

    for (locale, value, place) in [
        ("english", Some("x"), "locale"),
        ("en", None, "value"),
        ("fr", Some("x".repeat(10_001).leak()), "value"),
    ] {
        row.locale_values = vec![said(locale, value.map(|text: &str| text))];
        let refused = demo.with_translations(std::slice::from_ref(&row)).unwrap_err();
        assert_eq!(refused[0].path, ["translations", "0", "locale-values", "0", place]);
    }
}

#[test]
fn redirects_lead_where_the_template_lets_them() {
    let settings = |hosts: &[&str], schemes: &[&str]| Settings {
        redirect_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        redirect_schemes: schemes.iter().map(|scheme| (*scheme).to_owned()).collect(),
        ..Settings::default()
    };
    let open = settings(&[], &[]);
    let listed = settings(&["app.example.com", "localhost:3000"], &[]);
    let deep = settings(&["app.example.com"], &["https", "myapp", "javascript"]);
    for (settings, uri, link, trusted) in [
        (&open, "https://example.com/done?x=1#y", false, true),
        (&open, "http://example.com", false, true),
        (&open, "myapp://done", false, false),
        (&open, "/done", false, false),
        (&open, "//example.com", false, false),
        (&open, "https://", false, false),
        (&listed, "https://APP.example.com/done", true, true),
        (&listed, "https://localhost:3000/", true, true),
        (&listed, "https://app.example.com:8443/done", true, true),
        (&listed, "https://localhost/", false, false),
        (&listed, "https://app.example.com:443@evil.com/", false, false),
        (&listed, "https://app.example.com.evil.com", false, false),
        (&listed, "https://evil.com/app.example.com", false, false),
        (&listed, "https://app.example.com@evil.com", false, false),
        (&listed, "https://evil.com\\@app.example.com", false, false),
        (&listed, "https://evil.com#app.example.com", false, false),
        (&listed, "https://app.example.com\n.evil.com", false, false),
        (&deep, "myapp://done", true, true),
        (&deep, "http://app.example.com", false, false),
        (&deep, "javascript://app.example.com/%0aalert(1)", false, false),
    ] {
        let allowed = |source| settings.redirect_fault(uri, source).is_none();
        let found = (allowed(RedirectSource::Link), allowed(RedirectSource::Trusted));
        assert_eq!(found, (link, trusted), "{uri}");
    }
}
