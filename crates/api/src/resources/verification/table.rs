//! The published kinds of verifications and their attributes beside those that all have. This file is a table.

use muster_domain::verification::VerificationKind as Kind;

/// What an attribute is, and so where its value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text that was given or found out; null without one.
    Text,
    /// A number that only a provider could find out; null without one.
    Number,
    /// Whether it comes from another organization: it never does.
    No,
    /// A list that only a provider could find out; empty.
    Empty,
    /// A list that only a provider could find out; null.
    Nothing,
    /// A code that was sent: an empty text, since it is never shown.
    Secret,
    /// What a provider found out, as an object; empty.
    Object,
    /// The URL of the photo of a page.
    PhotoUrl(&'static str),
    /// The photos of an identity document.
    IdPhotos,
    /// The photos of a face.
    SelfiePhotos,
    /// The files of a paper.
    Files,
    /// What is known of a paper, by key.
    Fields,
    /// How photos and files came here.
    CaptureMethod,
}

/// A published kind.
pub struct Published {
    /// The kind.
    pub kind: Kind,
    /// The operation that retrieves one.
    pub operation: &'static str,
    /// Its path.
    pub path: &'static str,
    /// The name of its schema.
    pub schema: &'static str,
    /// One line about the operation.
    pub summary: &'static str,
    /// Its own attributes.
    pub attributes: &'static [(&'static str, Shape)],
}

use Shape::{
    CaptureMethod, Empty, Fields, Files, IdPhotos, No, Nothing, Number, Object, PhotoUrl, Secret,
    SelfiePhotos, Text,
};

const GOVERNMENT_ID: &[(&str, Shape)] = &[
    ("entity-confidence-reasons", Empty),
    ("entity-confidence-score", Number),
    ("front-photo-url", PhotoUrl("front")),
    ("back-photo-url", PhotoUrl("back")),
    ("photo-urls", IdPhotos),
    ("selfie-photo", Nothing),
    ("selfie-photo-url", PhotoUrl("selfie")),
    ("video-url", PhotoUrl("video")),
    ("id-class", Text),
    ("capture-method", CaptureMethod),
    ("name-first", Text),
    ("name-middle", Text),
    ("name-last", Text),
    ("name-suffix", Text),
    ("native-name-first", Text),
    ("native-name-middle", Text),
    ("native-name-last", Text),
    ("native-name-title", Text),
    ("birthdate", Text),
    ("issuing-authority", Text),
    ("issuing-subdivision", Text),
    ("nationality", Text),
    ("document-number", Text),
    ("visa-status", Text),
    ("issue-date", Text),
    ("expiration-date", Text),
    ("designations", Nothing),
    ("birthplace", Text),
    ("endorsements", Text),
    ("height", Text),
    ("sex", Text),
    ("restrictions", Text),
    ("vehicle-class", Text),
    ("identification-number", Text),
    ("from-reusable-persona", No),
    ("address-street-1", Text),
    ("address-street-2", Text),
    ("address-city", Text),
    ("address-subdivision", Text),
    ("address-postal-code", Text),
];

const GOVERNMENT_ID_NFC: &[(&str, Shape)] = &[
    ("birthdate", Text),
    ("expiration-date", Text),
    ("id-class", Text),
    ("identification-number", Text),
    ("name-first", Text),
    ("name-last", Text),
    ("selfie-photo", Nothing),
    ("selfie-photo-url", PhotoUrl("selfie")),
    ("sex", Text),
    ("address-street-1", Text),
    ("address-street-2", Text),
    ("address-city", Text),
    ("address-subdivision", Text),
    ("address-postal-code", Text),
];

const SELFIE: &[(&str, Shape)] = &[
    ("capture-method", CaptureMethod),
    ("center-photo-face-coordinates", Nothing),
    ("center-photo-url", PhotoUrl("center")),
    ("document-similarity-score", Number),
    ("entity-confidence-reasons", Empty),
    ("left-photo-url", PhotoUrl("left")),
    ("from-reusable-persona", No),
    ("photo-urls", SelfiePhotos),
    ("right-photo-url", PhotoUrl("right")),
    ("selfie-similarity-score-left", Number),
    ("selfie-similarity-score-right", Number),
    ("video-url", PhotoUrl("video")),
];

const DOCUMENT: &[(&str, Shape)] = &[
    ("fields", Fields),
    ("files", Files),
    ("files-normalized", Files),
    ("extraction-responses", Empty),
    ("document-type", Text),
];

const EMAIL_ADDRESS: &[(&str, Shape)] = &[("email-address", Text), ("confirmation-code", Secret)];

const PHONE_NUMBER: &[(&str, Shape)] =
    &[("phone-number", Text), ("confirmation-code", Secret), ("metadata", Object)];

const DATABASE: &[(&str, Shape)] = &[
    ("birthdate", Text),
    ("name-first", Text),
    ("name-middle", Text),
    ("name-last", Text),
    ("phone-number", Text),
    ("email-address", Text),
    ("address-street-1", Text),
    ("address-street-2", Text),
    ("address-city", Text),
    ("address-subdivision", Text),
    ("address-postal-code", Text),
    ("normalized-address-street-1", Text),
    ("normalized-address-street-2", Text),
    ("normalized-address-city", Text),
    ("normalized-address-subdivision", Text),
    ("normalized-address-postal-code", Text),
    ("identification-number", Text),
    ("document-number", Text),
    ("document-issuing-date", Text),
    ("document-expiry-date", Text),
    ("document-issuing-subdivision", Text),
];

const DATABASE_STANDARD: &[(&str, Shape)] = &[
    ("birthdate", Text),
    ("name-first", Text),
    ("name-middle", Text),
    ("name-last", Text),
    ("phone-number", Text),
    ("email-address", Text),
    ("address-street-1", Text),
    ("address-street-2", Text),
    ("address-city", Text),
    ("address-subdivision", Text),
    ("address-postal-code", Text),
    ("normalized-address-city", Text),
    ("normalized-address-postal-code", Text),
    ("normalized-address-street-1", Text),
    ("normalized-address-street-2", Text),
    ("normalized-address-subdivision", Text),
];

const AAMVA: &[(&str, Shape)] = &[
    ("name-first", Text),
    ("name-last", Text),
    ("birthdate", Text),
    ("issue-date", Text),
    ("expiration-date", Text),
    ("address-postal-code", Text),
    ("issuing-authority", Text),
    ("identification-number", Text),
];

const DATABASE_ECBSV: &[(&str, Shape)] = &[
    ("name-first", Text),
    ("name-last", Text),
    ("birthdate", Text),
    ("email-address", Text),
    ("identification-number", Text),
    ("signature-timestamp", Text),
    ("signature-ip", Text),
];

const DATABASE_PHONE_CARRIER: &[(&str, Shape)] = &[
    ("name-first", Text),
    ("name-last", Text),
    ("birthdate", Text),
    ("phone-number", Text),
    ("address-street-1", Text),
    ("address-street-2", Text),
    ("address-city", Text),
    ("address-subdivision", Text),
    ("address-postal-code", Text),
];

const DATABASE_SERPRO: &[(&str, Shape)] =
    &[("birthdate", Text), ("cpf", Text), ("name-first", Text), ("name-full", Text), ("name-last", Text)];

const DATABASE_TIN: &[(&str, Shape)] =
    &[("tin", Text), ("tin-type", Text), ("name-first", Text), ("name-last", Text), ("name-business", Text)];

/// All published kinds that have an operation of their own.
pub const PUBLISHED: [Published; 13] = [
    Published {
        kind: Kind::Aamva,
        operation: "retrieve-an-aamva-verification",
        path: "/verification/aamvas/{verification-id}",
        schema: "verification-aamva",
        summary: "Retrieves a verification of a driver licence of the United States.",
        attributes: AAMVA,
    },
    Published {
        kind: Kind::Database,
        operation: "retrieve-a-database-verification",
        path: "/verification/databases/{verification-id}",
        schema: "verification-database",
        summary: "Retrieves a verification by a register.",
        attributes: DATABASE,
    },
    Published {
        kind: Kind::DatabaseEcbsv,
        operation: "retrieve-an-ecbsv-database-verification",
        path: "/verification/database-ecbsvs/{verification-id}",
        schema: "verification-database-ecbsv",
        summary: "Retrieves a verification by the eCBSV register.",
        attributes: DATABASE_ECBSV,
    },
    Published {
        kind: Kind::DatabasePhoneCarrier,
        operation: "retrieve-a-phone-carrier-database-verification",
        path: "/verification/database-phone-carriers/{verification-id}",
        schema: "verification-database-phone-carrier",
        summary: "Retrieves a verification by a telephone company.",
        attributes: DATABASE_PHONE_CARRIER,
    },
    Published {
        kind: Kind::DatabaseSerpro,
        operation: "retrieve-a-serpro-database-verification",
        path: "/verification/database-serpros/{verification-id}",
        schema: "verification-database-serpro",
        summary: "Retrieves a verification by the Serpro register.",
        attributes: DATABASE_SERPRO,
    },
    Published {
        kind: Kind::DatabaseStandard,
        operation: "retrieve-a-database-standard-verification",
        path: "/verification/database-standards/{verification-id}",
        schema: "verification-database-standard",
        summary: "Retrieves a standard verification by a register.",
        attributes: DATABASE_STANDARD,
    },
    Published {
        kind: Kind::DatabaseTin,
        operation: "retrieve-a-tin-database-verification",
        path: "/verification/database-tins/{verification-id}",
        schema: "verification-database-tin",
        summary: "Retrieves a verification of a taxpayer number.",
        attributes: DATABASE_TIN,
    },
    Published {
        kind: Kind::Document,
        operation: "retrieve-a-document-verification",
        path: "/verification/documents/{verification-id}",
        schema: "verification-document",
        summary: "Retrieves a verification of a document.",
        attributes: DOCUMENT,
    },
    Published {
        kind: Kind::EmailAddress,
        operation: "retrieve-a-email-address-verification",
        path: "/verification/email-addresses/{verification-id}",
        schema: "verification-email-address",
        summary: "Retrieves a verification of an e-mail address.",
        attributes: EMAIL_ADDRESS,
    },
    Published {
        kind: Kind::GovernmentId,
        operation: "retrieve-a-government-id-verification",
        path: "/verification/government-ids/{verification-id}",
        schema: "verification-government-id",
        summary: "Retrieves a verification of an identity document.",
        attributes: GOVERNMENT_ID,
    },
    Published {
        kind: Kind::GovernmentIdNfc,
        operation: "retrieve-a-government-id-nfc-verification",
        path: "/verification/government-id-nfcs/{verification-id}",
        schema: "verification-government-id-nfc",
        summary: "Retrieves a verification of the chip of an identity document.",
        attributes: GOVERNMENT_ID_NFC,
    },
    Published {
        kind: Kind::PhoneNumber,
        operation: "retrieve-a-phone-number-verification",
        path: "/verification/phone-numbers/{verification-id}",
        schema: "verification-phone-number",
        summary: "Retrieves a verification of a telephone number.",
        attributes: PHONE_NUMBER,
    },
    Published {
        kind: Kind::Selfie,
        operation: "retrieve-a-selfie-verification",
        path: "/verification/selfies/{verification-id}",
        schema: "verification-selfie",
        summary: "Retrieves a verification of a selfie.",
        attributes: SELFIE,
    },
];

/// The published attributes of a kind; none for kinds without an operation of their own.
pub fn attributes(kind: Kind) -> &'static [(&'static str, Shape)] {
    PUBLISHED.iter().find(|published| published.kind == kind).map_or(&[], |published| published.attributes)
}
