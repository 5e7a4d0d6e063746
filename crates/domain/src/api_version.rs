//! The dated versions of the API.

use std::fmt;

/// A version of the API; later versions are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion(&'static str);

/// Dates the upstream changelog uses for a version that has another name.
///
/// 2026-09-29 is newer than anything known here; its clients are served the newest known (spec G-43).
const ALIASES: [(&str, ApiVersion); 2] =
    [("2021-07-15", ApiVersion("2021-07-05")), ("2026-09-29", ApiVersion("2025-12-08"))];

impl ApiVersion {
    /// Of 27 October 2025.
    pub const V2025_10_27: Self = Self("2025-10-27");

    /// Every version, newest first.
    pub const ALL: [Self; 9] = [
        Self("2025-12-08"),
        Self::V2025_10_27,
        Self("2023-01-05"),
        Self("2022-09-01"),
        Self("2021-08-18"),
        Self("2021-07-05"),
        Self("2021-05-14"),
        Self("2021-02-21"),
        Self("2020-05-18"),
    ];

    /// The version handlers speak.
    pub const NEWEST: Self = Self::ALL[0];

    /// Reads the value of a `Persona-Version` header or of an `api-version` attribute.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let named = Self::ALL.into_iter().find(|version| version.0 == text);
        named.or_else(|| ALIASES.into_iter().find(|(alias, _)| *alias == text).map(|(_, version)| version))
    }

    /// Returns the date that names this version.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered_by_date() {
        assert!(ApiVersion::ALL.is_sorted_by(|newer, older| newer > older));
        for version in ApiVersion::ALL {
            assert_eq!(ApiVersion::parse(version.as_str()), Some(version));
        }
        for (alias, version) in ALIASES {
            assert!(ApiVersion::ALL.contains(&version), "{alias}");
        }
        assert_eq!(ApiVersion::parse("2021-07-15"), ApiVersion::parse("2021-07-05"));
        for text in ["", "2025-12-8", "2025-12-08, 2025-12-08", "2019-01-01", "newest"] {
            assert_eq!(ApiVersion::parse(text), None, "{text}");
        }
    }
}
