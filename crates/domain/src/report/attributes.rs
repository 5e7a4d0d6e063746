//! A table: the attributes of each kind of report, beside those that all kinds have (spec D.3).
//!
//! An attribute is taken from the result of a run, else from the query of the same name. One that may not be null
//! is left out where nothing is known.

use super::ReportKind;
use super::shape::{Member, members};

macro_rules! attributes {
    ($($kind:ident { $($members:tt)* })*) => {
        impl ReportKind {
            /// Its attributes, in the order in which they are shown.
            #[must_use]
            pub const fn attributes(self) -> &'static [Member] {
                match self { $(Self::$kind => members!($($members)*)),* }
            }
        }
    };
}

attributes! {
    AddressLookup {
        "addressee"? text, "address-street-1"? text, "address-street-2"? text, "address-city"? text,
        "address-subdivision"? text, "address-postal-code"? text, "resolved-addressee"? text,
        "resolved-address-street-1"? text, "resolved-address-street-2"? text, "resolved-address-city"? text,
        "resolved-address-subdivision"? text, "resolved-address-postal-code"? text,
        "metadata-record-type"? text, "metadata-zip-type"? text, "metadata-county-fips"? text,
        "metadata-county-name"? text, "metadata-carrier-route"? text, "metadata-carrier-route-type"? text,
        "metadata-congressional-district"? text, "metadata-building-default-indicator"? text,
        "metadata-residential-delivery-indicator"? text, "metadata-latitude"? number,
        "metadata-longitude"? number, "metadata-precision"? text, "metadata-time-zone"? text,
        "metadata-utc-offset"? integer, "metadata-obeys-daylight-savings"? boolean,
        "analysis-dpv-match-code"? text, "analysis-dpv-match-code-decoded"? text,
        "analysis-dpv-footnotes"? [text], "analysis-dpv-footnotes-decoded"? [text], "analysis-dpv-cmra"? text,
        "analysis-dpv-vacant"? text, "analysis-active"? text, "analysis-footnotes"? [text],
        "analysis-footnotes-decoded"? [text], "analysis-lacs-link-code"? text,
        "analysis-lacs-link-code-decoded"? text, "analysis-lacs-link-indicator"? text,
        "analysis-lacs-link-indicator-decoded"? text, "analysis-suite-link-match"? text,
        "metadata-ews-match"? text, "error-message"? text,
    }
    AdverseMedia {
        "name-first"? text, "name-middle"? text, "name-last"? text, "term": text, "birthdate-year"? integer,
        "birthdate"? text, "country-code"? text,
        "related-sources": [{
            "akas": [(nullable text)], "birthdates": [(nullable text)], "match-types": [text],
            "media": [{ "date"? text, "snippet": text, "url": text, "title": text }], "name": text,
            "sources": [{ "country-codes": [text], "name": text, "types": [text] }], "entity-id": text,
        }],
        "ignore-list-media": open, "ignore-list-entity": [open],
    }
    BusinessAdverseMedia {
        "term": text,
        "related-sources": [{
            "akas": [text], "birthdates": [(nullable text)], "match_types": [text],
            "media": [{ "date": text, "snippet": text, "url": text, "title": text }], "name": text,
            "sources": [{ "country_codes": [text], "name": text, "token": text, "types": [text] }],
            "id": text,
        }],
        "query": {
            "business-name": text, "address-street": text, "address-city": text, "address-state": text,
            "address-country": text, "incorporation-date": text,
        },
        "result": { "adverse-media": [{ "title": text, "url": text, "date": text }] },
    }
    BusinessAssociatedPersons {
        "query": { "address-country-code": text },
        "associated-persons": [{ "names": [{ "value": text }], "positions": [{ "value": text }] }],
        "ownership-information": {
            "owners": [{
                "type"? text, "name"? text, "birthdate"? text,
                "address"? {
                    "street-1"? text, "street-2"? text, "city"? text, "subdivision"? text,
                    "postal-code"? text, "country-code"? text,
                },
                "roles": [{ "description"? text, "data"? open }],
            }],
        },
    }
    BusinessLookup {
        "query": {
            "business-name": text, "phone-number"? text, "website"? text, "ein"? text,
            "address-street-1": text, "address-street-2"? text, "address-city": text,
            "address-subdivision": text, "address-postal-code": text, "address-country-code"? text,
            "incorporation-state"? text,
            "associated-people": [{
                "name-first"? text, "name-last"? text, "name-full"? text, "titles": [(nullable text)],
            }],
        },
        "result"? {
            "name": text, "aliases": [text], "description"? text, "legal-status"? text,
            "legal-entity-type": text,
            "date-of-incorporation"? { "granularity": text, "day"? text, "month"? text, "year"? text },
            "industry-classifications": [{ "code": text, "title": text, "type": text }],
            "identifiers": [{
                "state": text, "country": text, "issue-date": text, "file-number": text, "type": text,
                "addresses": [{
                    "street-1": text, "street-2"? text, "city": text, "subdivision": text,
                    "postal-code": text, "delivery-point-barcode"? text, "primary-number"? text,
                    "street-name"? text, "latitude"? text, "longitude"? text, "precision"? text, "type": text,
                }],
                "status": text,
            }],
            "addresses": [{
                "street-1": text, "street-2"? text, "city": text, "subdivision": text, "postal-code": text,
            }],
            "websites": [text], "phone-numbers": [text], "agents": [{ "name-full": text }],
            "officers": [{ "name-full": text, "name-first"? text, "name-last"? text, "titles": [text] }],
            "headcount"? text, "sources": [{ "name": text }],
        },
        "match-status-strength"? text, "match-status-business-name"? text, "match-status-address"? text,
        "match-status-address-street"? text, "match-status-address-city"? text,
        "match-status-address-postal-code"? text, "match-status-address-subdivision"? text,
        "match-status-phone-number"? text, "match-status-ein"? text, "match-status-associated-person"? text,
        "match-status-website"? text,
    }
    BusinessRegistrationsLookup {
        "query": { "address-country-code": text },
        "result": {
            "business-name": text, "legal-entity-type": text, "formation-country": text,
            "formation-subdivision": text, "formation-date": text,
            "registry-records": [{
                "type": text, "issue-date": text, "issuing-authority": text, "file-number": text,
                "documents-status"? text, "registered-name": text, "registration-type": text,
                "status": { "raw": text, "standardized": text }, "registration-state": text,
                "addresses": [{
                    "type": text, "street-1": text, "street-2": text, "city": text, "subdivision": text,
                    "postal-code": text, "country-code": text,
                }],
            }],
        },
    }
    BusinessWatchlist {
        "matched-lists": [text], "sanction-list": [{ "name": text, "url": text }],
        "fitness-probity-list": [{ "name": text, "url": text }],
        "warning-list": [{ "name": text, "url": text }],
    }
    CryptoAddressWatchlist {
        "query": { "crypto-address": text },
        "result"? [{
            "name": text, "url": text, "list-type": text, "slug": text, "flag-code": text,
            "entities": [{
                "name": text, "alias-type": text,
                "birthdates": [{ "day": text, "year": text, "month": text, "granularity": text }],
                "crypto-addresses": [{ "type": text, "address": text }],
            }],
        }],
    }
    EmailAddress {
        "email-address": text, "email-reputation"? text, "email-reference-count"? integer,
        "email-domain-reputation"? text, "email-first-seen-days"? integer, "email-last-seen-days"? integer,
        "email-estimated-age-days"? integer, "email-domain-age-days"? integer,
        "email-credentials-leaked"? boolean, "email-credentials-leaked-recent"? boolean,
        "email-data-breached"? boolean, "email-malicious-activity-detected"? boolean,
        "email-malicious-activity-detected-recent"? boolean, "email-is-blocklisted"? boolean,
        "email-is-spam"? boolean, "email-is-free-provider"? boolean, "email-is-disposable"? boolean,
        "email-is-deliverable"? boolean, "email-is-valid-mx"? boolean, "email-is-spoofable"? boolean,
        "email-is-spf-strict"? boolean, "email-is-dmarc-enforced"? boolean, "age-estimated-13-plus"? boolean,
        "age-estimated-16-plus"? boolean, "age-estimated-18-plus"? boolean, "email-is-suspicious"? boolean,
        "email-domain-exists"? boolean, "email-domain": text,
    }
    PhoneNumber {
        "phone-number": text, "phone-type"? text, "phone-carrier"? text, "phone-city"? text,
        "phone-subdivision"? text, "phone-country-code"? text, "phone-risk-level"? text,
        "phone-risk-recommendation"? text, "phone-risk-score"? integer, "phone-risk-sim-swap"? text,
    }
    PoliticallyExposedPerson {
        "query": {
            "name-first"? text, "name-middle"? text, "name-last"? text, "term": text, "birthdate": text,
            "country-code"? text,
        },
        "result"? [{
            "entity-id": text, "name": text, "birthdates": [text], "death-dates": [(nullable text)],
            "locations": [(nullable text)], "country": text, "sex"? text, "topics": [text],
            "positions": [{
                "pep-class": text, "source-key": text, "name": text, "topics": [text], "start-date": text,
                "end-date"? text,
            }],
            "associates": [{ "name": text, "relationship": text, "topics": [text] }],
            "affiliations": [{ "source-key": text, "name": text }],
            "related-urls": [{ "source-key": text, "name": text }], "images": [(nullable text)],
            "sources": (map { "url": text, "name": text, "flag-code": text }), "match-types": [text],
            "pep-type"? text,
        }],
        "ignore-list": [{
            "ignored-at": text, "run-history-completed-at": text,
            "match": {
                "entity-id": text, "name": text, "birthdates": [text], "death-dates": [text],
                "locations": [text], "country": text, "sex": text,
                "positions": [{
                    "pep-class": text, "source-key": text, "name": text, "topics": [text], "start-date"? text,
                    "end-date"? text,
                }],
                "associates": [{ "name": text, "relationship": text }],
                "affiliations": [{ "source-key": text, "name": text }],
                "related-urls": [{ "source-key": text, "name": text }], "images": [text],
                "sources": { "url": text, "name": text, "flag-code": text }, "match-types": [text],
                "pep-type": text,
            },
            "user": text, "ignore-reason": text, "is-internal": boolean,
        }],
    }
    Profile {
        "name-first"? text, "name-last"? text, "birthdate"? text, "social-security-number"? text,
        "social-security-number-last-4"? text, "address-street-1"? text, "address-street-2"? text,
        "address-city"? text, "address-subdivision"? text, "address-subdivision-abbr"? text,
        "address-postal-code"? text, "address-postal-code-abbr"? text, "phone-number"? text,
        "identity-records": [{
            "names": [{ "name-full": text, "name-first": text, "name-middle": text, "name-last": text }],
            "birthdates": [text],
            "addresses": [{
                "country-code": text, "street-1": text, "street-2": text, "city": text, "postal-code": text,
                "longitude": number, "latitude": number, "subdivision": text, "date-first-seen": text,
                "date-last-seen": text,
            }],
            "social-security-numbers": [text], "phone-numbers": [text], "email-addresses": [text],
            "deceased": boolean, "deceased-date": text,
            "drivers-licenses": [{ "number": text, "state": text }],
        }],
        "omitted-identity-records": [{
            "names": [{ "name-full": text, "name-first": text, "name-middle": text, "name-last": text }],
            "birthdates": [text],
            "addresses": [{
                "country-code": text, "street-1": text, "street-2": text, "city": text, "postal-code": text,
                "longitude": number, "latitude": number, "subdivision": text, "date-first-seen": text,
                "date-last-seen": text,
            }],
            "social-security-numbers": [text], "phone-numbers": [text], "email-addresses": [text],
            "deceased": boolean, "deceased-date": text,
            "drivers-licenses": [{ "number": text, "state": text }],
        }],
    }
    ProfileNonAuthoritative {
        "query"? {
            "name-first"? text, "name-middle"? text, "name-last"? text, "address-city"? text,
            "address-subdivision"? text, "address-postal-code"? text, "address-street-1"? text,
            "address-street-2"? text, "address-country-code"? text, "email-address"? text,
            "phone-number"? text, "birthdate"? text,
        },
        "result"? {
            "name"? text, "birthdate"? text, "emails"? [{ "address"? text, "type"? text }],
            "phone-numbers"? [text],
            "location"? {
                "locality"? text, "region"? text, "country"? text, "continent"? text, "street-address"? text,
                "address-line-2"? text, "postal-code"? text,
            },
            "education"? [{ "start-date"? text, "end-date"? text, "school-name"? text, "school-type"? text }],
            "experience"? [{
                "end-date"? text, "start-date"? text, "company-name"? text, "title-name"? text,
            }],
            "social-media-profiles"? [{ "network": text, "url"? text, "username"? text }],
        },
    }
    SocialMedia {
        "name-first"? text, "name-last"? text, "birthdate": text, "phone-number"? text, "email-address"? text,
        "address-city"? text, "address-subdivision"? text, "linkedin-url"? text, "linkedin-username"? text,
        "linkedin-id"? text, "facebook-url"? text, "facebook-username"? text, "facebook-id"? text,
        "twitter-url"? text, "twitter-username"? text, "github-url"? text, "github-username"? text,
        "instagram-url"? text, "instagram-username"? text,
    }
    Synthetic {
        "sentilink-abuse-score"? integer, "sentilink-first-party-synthetic-score"? integer,
        "sentilink-third-party-synthetic-score"? integer,
    }
    Watchlist {
        "name-first"? text, "name-middle"? text, "name-last"? text, "term"? text, "birthdate"? text,
        "country-code"? text,
        "matched-lists"? [{
            "name": text, "url": text, "list-type": text, "list-types": [text], "slug": text,
            "flag-code": text,
            "entities": [{
                "name": text, "alias-type": text,
                "birthdates": [{ "day": text, "year": text, "month": text, "granularity": text }],
            }],
        }],
        "ignore-list": [{
            "ignored-at": text, "run-history-completed-at": text,
            "match": {
                "name": text, "url": text, "list-type": text, "list-types": [text], "slug": text,
                "flag-code": text,
                "entities": [{
                    "name": text, "alias-type": text,
                    "birthdates": [{ "day": text, "year": text, "month": text, "granularity": text }],
                    "group-id": text,
                }],
            },
            "user": text, "ignore-reason": text,
        }],
    }
}
