//! The published kinds of verifications. This file is a table.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Writes the enum and its names in one place.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// A kind of verification. Its name is what follows `verification/` in the type of a resource.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum VerificationKind {
            $($(#[$doc])* $variant,)*
        }

        impl VerificationKind {
            /// All kinds, in the order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name, such as `government-id`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The type of its resources, such as `verification/government-id`.
            #[must_use]
            pub const fn resource_type(self) -> &'static str {
                match self { $(Self::$variant => concat!("verification/", $name)),* }
            }
        }
    };
}

kinds! {
    /// The register of driver licences of the United States.
    Aamva "aamva";
    /// A bank account, by a tiny payment.
    BankPennydrop "bank-pennydrop";
    /// The brand assets of a business.
    BrandAsset "brand-asset";
    /// The web site of a business.
    BusinessWebsite "business-website";
    /// A certificate of the Republic of Korea.
    CertificateKorea "certificate-korea";
    /// A credit card.
    CreditCard "credit-card";
    /// A register of people.
    Database "database";
    /// The Aadhaar register of India.
    DatabaseAadhaar "database-aadhaar";
    /// A register of businesses.
    DatabaseBusiness "database-business";
    /// What is known in public of a business.
    DatabaseBusinessFootprint "database-business-footprint";
    /// The consent-based register of social security numbers of the United States.
    DatabaseEcbsv "database-ecbsv";
    /// What a telephone company knows of its customer.
    DatabasePhoneCarrier "database-phone-carrier";
    /// The register of Brazil.
    DatabaseSerpro "database-serpro";
    /// A register of people, with its address normalised.
    DatabaseStandard "database-standard";
    /// The register of taxpayer numbers of the United States.
    DatabaseTin "database-tin";
    /// The registers of VAT numbers.
    DatabaseVatNumber "database-vat-number";
    /// ConnectID, Australia.
    DigitalIdConnectId "digital-id-connect-id";
    /// e-Do App, Poland.
    DigitalIdEDoApp "digital-id-e-do-app";
    /// The Finnish trust network.
    DigitalIdFinnishTrustNetwork "digital-id-finnish-trust-network";
    /// France Identité.
    DigitalIdFranceIdentite "digital-id-france-identite";
    /// Any other digital identity.
    DigitalIdGeneric "digital-id-generic";
    /// iDIN, Netherlands.
    DigitalIdIdin "digital-id-idin";
    /// itsme, Belgium.
    DigitalIdItsMe "digital-id-its-me";
    /// KCB credit card, Republic of Korea.
    DigitalIdKcbCreditCard "digital-id-kcb-credit-card";
    /// MitID, Denmark.
    DigitalIdMitId "digital-id-mit-id";
    /// OneID, United Kingdom.
    DigitalIdOneId "digital-id-one-id";
    /// PhilSys, Philippines.
    DigitalIdPhilsys "digital-id-philsys";
    /// The digital identity of Brazil.
    DigitalIdSerpro "digital-id-serpro";
    /// Singpass, Singapore.
    DigitalIdSingpass "digital-id-singpass";
    /// BankID, Sweden.
    DigitalIdSwedishBankId "digital-id-swedish-bank-id";
    /// Share codes of the United Kingdom.
    DigitalIdUkSharecode "digital-id-uk-sharecode";
    /// World ID.
    DigitalIdWorldId "digital-id-world-id";
    /// A paper that is no identity document: a bill, a statement, a certificate.
    Document "document";
    /// An e-mail address, by a code sent to it.
    EmailAddress "email-address";
    /// An identity document: passport, identity card, driver licence, residence permit, visa.
    GovernmentId "government-id";
    /// The chip of an identity document.
    GovernmentIdNfc "government-id-nfc";
    /// The chip of My Number cards, Japan.
    JpMyNumberNfcScan "jp-my-number-nfc-scan";
    /// A mobile driver licence.
    Mdoc "mdoc";
    /// An inquiry of another organization.
    PersonaFffInquiry "persona-fff-inquiry";
    /// A telephone number, by a code sent to it.
    PhoneNumber "phone-number";
    /// A telephone number, by the network itself.
    PhoneNumberSilentNetworkAuthentication "phone-number-silent-network-authentication";
    /// A qualified electronic signature.
    QesInfocert "qes-infocert";
    /// A picture or a short video of the person.
    Selfie "selfie";
    /// A verifiable credential.
    VerifiableCredential "verifiable-credential";
}

impl VerificationKind {
    /// Finds a kind by its name, with or without `verification/` before it.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        let name = name.strip_prefix("verification/").unwrap_or(name);
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Whether Muster can take what such a verification needs and check at least a part of it by itself.
    ///
    /// A verification of any other kind is worth nothing without a provider: a step that needs one refuses to
    /// start where none is configured (outside of a sandbox).
    #[must_use]
    pub const fn works_alone(self) -> bool {
        matches!(self, Self::Document | Self::EmailAddress | Self::GovernmentId | Self::Selfie)
    }

    /// Whether a sandbox can simulate it (spec A.11).
    #[must_use]
    pub const fn can_be_simulated(self) -> bool {
        matches!(self, Self::Database | Self::Document | Self::GovernmentId | Self::Selfie)
    }

    /// Whether it is decided by a code that somebody was sent.
    #[must_use]
    pub const fn has_code(self) -> bool {
        matches!(self, Self::EmailAddress | Self::PhoneNumber)
    }
}

impl fmt::Display for VerificationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for VerificationKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for VerificationKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::find(&name).ok_or_else(|| D::Error::custom("expected a kind of verification"))
    }
}
