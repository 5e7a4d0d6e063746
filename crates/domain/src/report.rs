//! Kinds of reports and what happens to them (spec D, F).

mod attributes;
mod query;
pub mod shape;
mod template;

use std::fmt;

pub use query::ReportQuery;
pub use template::{
    Associates, BirthdateMatching, CountryRole, Fuzziness, INTERVAL_DAYS_MAX, NameMatching, NamePreset,
    ReportDefinition, ReportTemplate, ReportTemplateSpec,
};

use serde::{Deserialize, Serialize};

/// What happens to a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportVerb {
    /// It was created. Muster's own.
    Created,
    /// A run has ended well.
    Ready,
    /// A run has brought a new match.
    Matched,
    /// Matches were dismissed.
    Dismissed,
    /// A run could not be done.
    Errored,
    /// Its runs on a schedule were paused. Muster's own.
    Paused,
    /// Its runs on a schedule go on. Muster's own.
    Resumed,
    /// Its tags changed. Muster's own.
    UpdatedTags,
    /// Its personal data is erased. Muster's own.
    Redacted,
}

macro_rules! report_kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal;)*) => {
        /// What a report is about; `report/` and its name are the type of the resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum ReportKind {
            $($(#[$doc])* #[serde(rename = $name)] $kind,)*
        }

        impl ReportKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// Its name, such as `watchlist`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }

            /// The type of its resources, such as `report/watchlist`.
            #[must_use]
            pub const fn resource_type(self) -> &'static str {
                match self { $(Self::$kind => concat!("report/", $name)),* }
            }

            /// The type of its templates, such as `report-template/watchlist`.
            #[must_use]
            pub const fn template_type(self) -> &'static str {
                match self { $(Self::$kind => concat!("report-template/", $name)),* }
            }

            /// Its name as one word, such as `report-watchlist`.
            #[must_use]
            pub const fn hyphenated(self) -> &'static str {
                match self { $(Self::$kind => concat!("report-", $name)),* }
            }

            /// The name of an event, such as `report/watchlist.ready`.
            #[must_use]
            pub const fn event(self, verb: ReportVerb) -> &'static str {
                match (self, verb) {
                    $(
                        (Self::$kind, ReportVerb::Created) => concat!("report/", $name, ".created"),
                        (Self::$kind, ReportVerb::Ready) => concat!("report/", $name, ".ready"),
                        (Self::$kind, ReportVerb::Matched) => concat!("report/", $name, ".matched"),
                        (Self::$kind, ReportVerb::Dismissed) => concat!("report/", $name, ".dismissed"),
                        (Self::$kind, ReportVerb::Errored) => concat!("report/", $name, ".errored"),
                        (Self::$kind, ReportVerb::Paused) => concat!("report/", $name, ".paused"),
                        (Self::$kind, ReportVerb::Resumed) => concat!("report/", $name, ".resumed"),
                        (Self::$kind, ReportVerb::UpdatedTags) => concat!("report/", $name, ".updated-tags"),
                        (Self::$kind, ReportVerb::Redacted) => concat!("report/", $name, ".redacted"),
                    )*
                }
            }
        }
    };
}

report_kinds! {
    /// `address-lookup`.
    AddressLookup "address-lookup";
    /// `adverse-media`.
    AdverseMedia "adverse-media";
    /// `business-adverse-media`.
    BusinessAdverseMedia "business-adverse-media";
    /// `business-associated-persons`.
    BusinessAssociatedPersons "business-associated-persons";
    /// `business-lookup`.
    BusinessLookup "business-lookup";
    /// `business-registrations-lookup`.
    BusinessRegistrationsLookup "business-registrations-lookup";
    /// `business-watchlist`.
    BusinessWatchlist "business-watchlist";
    /// `crypto-address-watchlist`.
    CryptoAddressWatchlist "crypto-address-watchlist";
    /// `email-address`.
    EmailAddress "email-address";
    /// `phone-number`.
    PhoneNumber "phone-number";
    /// `politically-exposed-person`.
    PoliticallyExposedPerson "politically-exposed-person";
    /// `profile`.
    Profile "profile";
    /// `profile-non-authoritative`.
    ProfileNonAuthoritative "profile-non-authoritative";
    /// `social-media`.
    SocialMedia "social-media";
    /// `synthetic`.
    Synthetic "synthetic";
    /// `watchlist`.
    Watchlist "watchlist";
}

impl ReportKind {
    /// The kind of that name, with or without `report/` before it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.strip_prefix("report/").unwrap_or(name);
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Whether runs can be repeated on a schedule (spec D.5).
    #[must_use]
    pub const fn can_recur(self) -> bool {
        matches!(
            self,
            Self::Watchlist
                | Self::BusinessWatchlist
                | Self::AdverseMedia
                | Self::BusinessAdverseMedia
                | Self::PoliticallyExposedPerson
                | Self::CryptoAddressWatchlist
        )
    }

    /// Whether its matches can be dismissed (spec D.5).
    #[must_use]
    pub const fn can_be_dismissed(self) -> bool {
        self.can_recur() && !matches!(self, Self::CryptoAddressWatchlist)
    }
}

impl fmt::Display for ReportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
