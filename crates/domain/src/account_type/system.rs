//! The fields that Muster knows by key, and the types of a new organization.

use crate::account::AccountStatus;
use crate::field::{FieldKind, FieldSchema};
use crate::id::IdSource;
use crate::time::Timestamp;

use super::{AccountType, RelationSchema};

/// Keys of the system fields, in the order in which the type `User` lists them.
const SYSTEM_KEYS: [&str; 8] = [
    "name",
    "address",
    "identification_numbers",
    "birthdate",
    "phone_number",
    "email_address",
    "selfie_photo",
    "social_security_number",
];

/// The members of `address`.
const ADDRESS_MEMBERS: [(&str, &str); 6] = [
    ("street_1", "Street"),
    ("street_2", "Street, second line"),
    ("city", "City"),
    ("subdivision", "State or region"),
    ("postal_code", "Postal code"),
    ("country_code", "Country"),
];

const NAME_MEMBERS: [(&str, &str); 3] =
    [("first", "First name"), ("middle", "Middle name"), ("last", "Last name")];

/// The name and colour of the status that a type has when nobody says otherwise.
pub(super) const DEFAULT_STATUS: (&str, &str) = ("Default", "gray");

/// The definition of a system field: these keys mean the same in every type.
pub(crate) fn system_field(key: &str) -> Option<FieldSchema> {
    let field = match key {
        "name" => FieldSchema::new(key, "Name", hash(&NAME_MEMBERS)),
        "address" => FieldSchema::new(key, "Address", hash(&ADDRESS_MEMBERS)),
        "identification_numbers" => identification_numbers(),
        "birthdate" => FieldSchema::new(key, "Birthdate", FieldKind::Date { min: None, max: None }),
        "phone_number" => FieldSchema { searchable: true, ..FieldSchema::string(key, "Phone number") },
        "email_address" => FieldSchema { searchable: true, ..FieldSchema::string(key, "Email address") },
        "selfie_photo" => FieldSchema::new(key, "Selfie photo", FieldKind::any_file()),
        "social_security_number" => FieldSchema::string(key, "Social security number"),
        _ => return None,
    };
    Some(field)
}

/// Whether a system hash is merged member by member, so that writing one member leaves the others alone.
pub(crate) fn is_merged(field: &FieldSchema) -> bool {
    matches!(field.key.as_str(), "name" | "address") && matches!(field.kind, FieldKind::Hash { .. })
}

fn hash(members: &[(&str, &str)]) -> FieldKind {
    let items = members.iter().map(|(key, label)| FieldSchema::string(key, label)).collect();
    FieldKind::Hash { items, ignore_unknown_keys: false }
}

fn identification_numbers() -> FieldSchema {
    let mut items = vec![
        FieldSchema::string("identification_class", "Class"),
        FieldSchema::string("identification_number", "Number"),
        FieldSchema::string("issuing_country", "Issuing country"),
    ];
    // The published shape has no null for these three, only for the hashed number.
    for item in &mut items {
        item.required = true;
    }
    items.push(FieldSchema::string("hashed_identification_number", "Hashed number"));
    let item = FieldSchema::new("item", "", FieldKind::Hash { items, ignore_unknown_keys: false });
    let kind = FieldKind::Array { item: Box::new(item) };
    FieldSchema::new("identification_numbers", "Identification numbers", kind)
}

impl AccountType {
    /// The default type of a new organization: a person.
    #[must_use]
    pub fn user(ids: &mut IdSource, now: Timestamp) -> Self {
        let fields = SYSTEM_KEYS.iter().filter_map(|key| system_field(key)).collect();
        Self { is_default: true, ..Self::with_fields("User", fields, ids, now) }
    }

    /// The type of a legal entity, for checks of businesses.
    #[must_use]
    pub fn business(ids: &mut IdSource, now: Timestamp) -> Self {
        let mut fields = vec![
            FieldSchema { searchable: true, ..FieldSchema::string("business_name", "Business name") },
            FieldSchema::new("legal_form", "Legal form", legal_forms()),
            FieldSchema {
                searchable: true,
                ..FieldSchema::string("registration_number", "Registration number")
            },
            FieldSchema { searchable: true, ..FieldSchema::string("tax_id", "Tax ID") },
            FieldSchema::new(
                "incorporation_date",
                "Date of incorporation",
                FieldKind::Date { min: None, max: None },
            ),
            FieldSchema::string("website", "Website"),
        ];
        fields
            .extend(["address", "phone_number", "email_address"].iter().filter_map(|key| system_field(key)));
        let owners = RelationSchema {
            key: "beneficial_owners".to_owned(),
            label: Some("Beneficial owners".to_owned()),
            target: "User".to_owned(),
            many: true,
            inverse: None,
        };
        Self { relations: vec![owners], ..Self::with_fields("Business", fields, ids, now) }
    }

    fn with_fields(name: &str, fields: Vec<FieldSchema>, ids: &mut IdSource, now: Timestamp) -> Self {
        let status = default_status(ids);
        Self {
            id: ids.mint(),
            name: name.to_owned(),
            fields,
            identifiers: Vec::new(),
            default_status: status.id.clone(),
            statuses: vec![status],
            relations: Vec::new(),
            is_default: false,
            created_at: now,
            updated_at: now,
        }
    }
}

fn default_status(ids: &mut IdSource) -> AccountStatus {
    let (name, color) = DEFAULT_STATUS;
    AccountStatus { id: ids.mint(), name: name.to_owned(), color: color.to_owned(), deactivated_at: None }
}

fn legal_forms() -> FieldKind {
    let forms = [
        ("sole_proprietorship", "Sole proprietorship"),
        ("partnership", "Partnership"),
        ("limited_liability_company", "Limited liability company"),
        ("corporation", "Corporation"),
        ("cooperative", "Cooperative"),
        ("foundation_or_trust", "Foundation or trust"),
        ("nonprofit", "Non-profit organization"),
        ("public_body", "Public body"),
        ("other", "Other"),
    ];
    FieldKind::Choices {
        allow_empty: false,
        options: forms.iter().map(|(option, _)| (*option).to_owned()).collect(),
        option_labels: forms.iter().map(|(_, label)| (*label).to_owned()).collect(),
    }
}
