//! What every document must be like.

use serde_json::Value;

use super::*;

/// Every `$ref` in a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    for version in ApiVersion::ALL {
        let document = document(version);
        let mut found = Vec::new();
        references(&document, &mut found);
        for reference in &found {
            let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
            assert!(target.is_some(), "{version}: {reference} leads nowhere; is it in resources::schemas()?");
        }
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            let reference = format!("#/components/schemas/{name}");
            assert!(found.contains(&reference.as_str()), "{version}: nothing refers to the schema {name}");
        }
    }
}

#[test]
fn every_operation_says_what_it_takes_and_answers() {
    for operation in operations() {
        let id = operation.id;
        let takes_body = ["POST", "PATCH", "PUT"].contains(&operation.method.as_str());
        assert!(!operation.doc.success.is_empty(), "{id} never succeeds: list its statuses in doc.success");
        assert!(!takes_body || operation.doc.body.is_some(), "give {id} the schema of its body: doc.body");
        let has_examples = !(operation.doc.examples)().is_empty();
        assert!(operation.doc.body.is_none() || has_examples, "give {id} a body that works: doc.examples");
        for name in parameters::path_names(operation.path) {
            assert!(!example::id(name).is_empty(), "give {name} of {id} a row in openapi/example.rs");
        }
    }
}

#[test]
fn examples_name_only_kinds_of_ids_that_are_known() {
    for operation in operations() {
        for one in (operation.doc.examples)() {
            let text = example::filled(one.body).to_string();
            assert!(
                !text.contains("\"$"),
                "{} of {} names an ID without a row in openapi/example.rs",
                one.name,
                operation.id
            );
        }
    }
}

#[test]
fn accounts_of_old_versions_have_the_attributes_of_old() {
    for version in ApiVersion::ALL {
        let document = document(version);
        let attributes = &document["components"]["schemas"]["account"]["properties"]["attributes"];
        let is_old = version.as_str() < "2025-10-27";
        assert_eq!(attributes["properties"].get("name-first").is_some(), is_old, "{version}");
        let required = attributes["required"].as_array().unwrap();
        assert_eq!(required.contains(&"identification-numbers".into()), is_old, "{version}");
        assert_eq!(document["info"]["description"].as_str().unwrap().contains("In this version"), is_old);
    }
}
