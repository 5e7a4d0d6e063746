//! What an identity document says of its holder and of itself.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::mrz::issuer::country;
use crate::mrz::{NameLength, Sex, Zone};
use crate::time::Date;
use crate::verification::comparison::Extent;

/// Properties by their names in the API with underscores, such as `name_first`, `birthdate`,
/// `identification_number`, `expiration_date`; values are texts, dates like `1990-12-31`.
///
/// `Debug` shows the names only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdProperties(pub BTreeMap<String, String>);

impl IdProperties {
    /// Finds a property that is not blank.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Finds a date.
    #[must_use]
    pub fn date(&self, key: &str) -> Option<Date> {
        self.get(key)?.parse().ok()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.values().all(|value| value.trim().is_empty())
    }

    /// Takes all properties of another, before one's own.
    pub fn overwrite(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// What a machine-readable zone says.
    #[must_use]
    pub fn of_zone(zone: &Zone) -> Self {
        let mut properties = BTreeMap::new();
        let mut add = |key: &str, value: String| {
            if !value.is_empty() {
                properties.insert(key.to_owned(), value);
            }
        };
        let (first, middle) = zone.given_names.split_once(' ').unwrap_or((&zone.given_names, ""));
        add("name_first", first.to_owned());
        add("name_middle", middle.to_owned());
        add("name_last", zone.surname.clone());
        add("birthdate", zone.birthdate.map(|date| date.to_string()).unwrap_or_default());
        add("expiration_date", zone.expires_on.map(|date| date.to_string()).unwrap_or_default());
        add("identification_number", zone.number.clone());
        add("document_number", zone.number.clone());
        add("issuing_authority", country(&zone.issuer).unwrap_or(&zone.issuer).to_owned());
        add("nationality", country(&zone.nationality).unwrap_or(&zone.nationality).to_owned());
        add("id_class", zone.id_class().to_owned());
        let sex = match zone.sex {
            Sex::Female => "Female",
            Sex::Male => "Male",
            Sex::Unspecified => "",
        };
        add("sex", sex.to_owned());
        Self(properties)
    }
}

/// Whether names of a zone may be cut at their end.
pub(super) const fn extent(zone: &Zone) -> Extent {
    match zone.name_length {
        NameLength::Whole => Extent::Whole,
        NameLength::PerhapsCut => Extent::PerhapsCut,
    }
}

impl fmt::Debug for IdProperties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
