//! Reads the fields of an inquiry. Their keys may have dashes, and some are known since ever.

use std::collections::HashSet;

use crate::field::{FieldKind, FieldSchema, FieldSchemaSpec, Place, key_fault, within};
use crate::inquiry_template::fold_key;
use crate::violation::Violation;

/// Most fields, deactivated ones included.
const FIELDS_MAX: usize = 200;

/// The keys that inquiries have had since ever, with what they hold: nobody need write their type.
const WELL_KNOWN: [(&str, &str); 13] = [
    ("name-first", "First name"),
    ("name-middle", "Middle name"),
    ("name-last", "Last name"),
    ("birthdate", "Birthdate"),
    ("email-address", "Email address"),
    ("phone-number", "Phone number"),
    ("identification-number", "Identification number"),
    ("address-street-1", "Street"),
    ("address-street-2", "Street, second line"),
    ("address-city", "City"),
    ("address-subdivision", "State or region"),
    ("address-postal-code", "Postal code"),
    ("address-country-code", "Country"),
];

/// The schema of a well-known key, in whatever inflection.
fn well_known(key: &str) -> Option<FieldSchema> {
    let folded = fold_key(key);
    let (_, label) = WELL_KNOWN.iter().find(|(known, _)| fold_key(known) == folded)?;
    Some(if folded == "birthdate" {
        FieldSchema::new(key, label, FieldKind::Date { min: None, max: None })
    } else {
        FieldSchema::string(key, label)
    })
}

pub(super) fn read_fields(specs: &[FieldSchemaSpec]) -> Result<Vec<FieldSchema>, Vec<Violation>> {
    let mut fields: Vec<FieldSchema> = Vec::new();
    let mut faults = Vec::new();
    if specs.len() > FIELDS_MAX {
        faults.push(Violation::new(["field-schemas"], format!("must list at most {FIELDS_MAX} fields")));
    }
    let mut seen = HashSet::new();
    for (index, spec) in specs.iter().enumerate() {
        let place = ["field-schemas", &index.to_string()];
        match read_field(spec) {
            Ok(field) => {
                if !seen.insert(fold_key(&field.key)) {
                    let message = format!("must be unique, however it is spelled (field {})", field.key);
                    faults.extend(within(vec![Violation::new(["key"], message)], &place));
                }
                fields.push(field);
            }
            Err(mut below) => {
                for violation in &mut below {
                    if key_fault(&spec.key.replace('-', "_")).is_none() {
                        violation.message.push_str(&format!(" (field {})", spec.key));
                    }
                }
                faults.extend(within(below, &place));
            }
        }
    }
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

fn read_field(spec: &FieldSchemaSpec) -> Result<FieldSchema, Vec<Violation>> {
    let mut spec = spec.clone();
    if let (None, Some(known)) = (&spec.kind, well_known(&spec.key)) {
        spec.kind = Some(known.kind.name().to_owned());
        spec.label = spec.label.or(known.label);
    }
    if spec.kind.is_none() {
        let message = format!("must be one of {}", FieldKind::NAMES.join(", "));
        return Err(vec![Violation::new(["type"], message)]);
    }
    let mut schema = spec.read()?;
    let mut faults = spec.stray_settings(&schema);
    if schema.searchable || schema.ordered {
        let message = "is a setting of account types; leave it out";
        faults.push(Violation::new(["config", "searchable"], message));
    }
    // Keys of inquiries may have dashes; everything else is as in account types.
    let snake = FieldSchema { key: schema.key.replace('-', "_"), ..schema.clone() };
    faults.extend(snake.faults(Place::Top, 0).into_iter().map(|fault| match fault.path.as_slice() {
        [only] if only == "key" => Violation::new(
            ["key"],
            "must be a small letter followed by small letters, digits, - and _, at most 64 characters",
        ),
        _ => fault,
    }));
    if !faults.is_empty() {
        return Err(faults);
    }
    if let Some(default) = &schema.default_value {
        schema.default_value = Some(schema.check(default)?);
    }
    Ok(schema)
}

impl FieldSchema {
    /// The schema as the author of a template writes it: what is usual is left out.
    pub(in crate::inquiry_template) fn to_template_spec(&self) -> FieldSchemaSpec {
        let mut spec = self.full_spec();
        spec.leave_out_defaults();
        if let Some(known) = well_known(&self.key).filter(|known| known.kind == self.kind) {
            spec.kind = None;
            if self.label == known.label {
                spec.label = None;
            }
        }
        spec
    }
}
