//! Identifiers: a prefix and 24 base-58 characters, 48 bits of milliseconds first, then 92 random bits.
//!
//! They sort by creation (the alphabet is in ASCII order), so the cursor of a page is the last ID,
//! and they are unguessable, so they are safe in links.

use std::fmt;
use std::str::FromStr;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// Characters after the prefix. 58^24 > 2^140 = 48 bits of time + 92 random bits.
pub const ID_CHARS: usize = 24;
/// Longest body accepted from outside: ids minted by other systems have up to 28 characters.
const ID_CHARS_MAX: usize = 28;

/// What every identifier type has: its prefix.
pub trait ResourceId: Sized + Clone + fmt::Display + FromStr<Err = InvalidId> {
    /// The prefix with its underscore, such as `act_`.
    const PREFIX: &'static str;
    /// Makes an identifier from a source of time and randomness.
    fn generate(ids: &mut IdSource) -> Self;
    /// The whole identifier with its prefix.
    fn as_str(&self) -> &str;
    /// When it was made, in milliseconds since 1970; none when another system made it.
    fn millis(&self) -> Option<i64> {
        self.as_str().strip_prefix(Self::PREFIX).and_then(millis)
    }
}

/// The milliseconds in the body of an identifier.
fn millis(body: &str) -> Option<i64> {
    if body.len() != ID_CHARS {
        return None;
    }
    let (mut hi, mut lo) = (0_u64, 0_u128);
    for byte in body.bytes() {
        let digit = ALPHABET.iter().position(|&known| known == byte)? as u128;
        // (hi * 2^128 + lo) * 58 + digit: lo goes in 64-bit steps, so that what it carries is not lost.
        let low = (lo & u128::from(u64::MAX)) * 58 + digit;
        let high = (lo >> 64) * 58 + (low >> 64);
        hi = hi * 58 + u64::try_from(high >> 64).ok()?;
        lo = (high << 64) | (low & u128::from(u64::MAX));
    }
    let millis = u128::from(hi) << 36 | lo >> 92;
    (millis < 1 << 48).then_some(i64::try_from(millis).ok()).flatten()
}

/// A text that is not an identifier of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId {
    /// The prefix that was wanted.
    pub prefix: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be an ID that starts with {}", self.prefix)
    }
}

impl std::error::Error for InvalidId {}

/// Where identifiers come from: the moment of the command and a random generator. Those of one source sort in the
/// order in which they were made.
#[derive(Debug)]
pub struct IdSource {
    millis: u64,
    rng: StdRng,
    /// The random bits of the latest one.
    latest: Option<u128>,
}

impl IdSource {
    /// A source for commands that happen at `now`. The seed must be random, except in tests.
    #[must_use]
    pub fn new(now: Timestamp, seed: [u8; 32]) -> Self {
        Self {
            millis: u64::try_from(now.as_millis()).unwrap_or(0),
            rng: StdRng::from_seed(seed),
            latest: None,
        }
    }

    /// A source seeded by the thread's random generator, which the operating system seeds.
    #[must_use]
    pub fn random(now: Timestamp) -> Self {
        Self::new(now, rand::random())
    }

    /// Lets the identifiers that follow carry this moment, if it is later than theirs.
    pub fn advance(&mut self, to: Timestamp) {
        let millis = u64::try_from(to.as_millis()).unwrap_or(0);
        if millis > self.millis {
            (self.millis, self.latest) = (millis, None);
        }
    }

    /// Makes a new identifier.
    pub fn mint<I: ResourceId>(&mut self) -> I {
        I::generate(self)
    }

    fn write(&mut self, prefix: &str) -> ObjectId {
        let step = u128::from(self.rng.next_u64());
        let random = match self.latest {
            None => (step << 28) | u128::from(self.rng.next_u32() >> 4),
            Some(latest) => latest + 1 + step,
        };
        // What does not fit any more goes on with the next millisecond: once in a lifetime.
        self.millis += u64::from(random >> 92 != 0);
        let random = random & ((1 << 92) - 1);
        self.latest = Some(random);
        encode(prefix, self.millis & MILLIS_MAX, random)
    }
}

/// The largest moment that an identifier can carry.
const MILLIS_MAX: u64 = 0xffff_ffff_ffff;

/// The least identifier of the moment: all that were made earlier are less, all others are not.
///
/// A moment before 1970 counts as the first one that there is, a far one as the last.
#[must_use]
pub fn least_at(prefix: &str, moment: Timestamp) -> ObjectId {
    encode(prefix, u64::try_from(moment.as_millis()).unwrap_or(0).min(MILLIS_MAX), 0)
}

/// Writes 48 bits of milliseconds and 92 random bits in base 58.
fn encode(prefix: &str, millis: u64, random: u128) -> ObjectId {
    // 140 bits do not fit in u128: divide (time << 92 | random) by 58 in two limbs.
    let (mut hi, mut lo) = (millis >> 36, (u128::from(millis) << 92) | random);
    let mut body = [0_u8; ID_CHARS];
    for slot in body.iter_mut().rev() {
        let (quotient_hi, remainder_hi) = (hi / 58, u128::from(hi % 58));
        // (remainder_hi * 2^128 + lo) / 58 in 64-bit steps.
        let step1 = (remainder_hi << 64) | (lo >> 64);
        let (q1, r1) = (step1 / 58, step1 % 58);
        let step2 = (r1 << 64) | (lo & u128::from(u64::MAX));
        let (q2, r2) = (step2 / 58, step2 % 58);
        hi = quotient_hi;
        lo = (q1 << 64) | q2;
        *slot = ALPHABET[usize::try_from(r2).unwrap_or(0)];
    }
    let mut text = String::with_capacity(prefix.len() + ID_CHARS);
    text.push_str(prefix);
    text.extend(body.iter().map(|&b| char::from(b)));
    ObjectId(text)
}

/// An identifier of any kind, as it stands in an event or a relationship.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(String);

impl ObjectId {
    /// The text of the identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Takes a text that is known to be an identifier, as it comes from our own database.
    #[must_use]
    pub fn trusted(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|body| {
        (ID_CHARS..=ID_CHARS_MAX).contains(&body.len()) && body.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(ObjectId);

        impl ResourceId for $name {
            const PREFIX: &'static str = $prefix;
            fn generate(ids: &mut IdSource) -> Self {
                Self(ids.write($prefix))
            }
            fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl $name {
            /// The text of the identifier, prefix and all.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Takes a text that is known to be such an identifier, as it comes from our own database.
            #[must_use]
            pub fn trusted(text: String) -> Self {
                Self(ObjectId(text))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if is_id(text, $prefix) {
                    Ok(Self(ObjectId(text.to_owned())))
                } else {
                    Err(InvalidId { prefix: $prefix })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<$name> for ObjectId {
            fn from(id: $name) -> ObjectId {
                id.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// An account, `act_…`.
    AccountId "act_";
    /// An account status, `actst_…`.
    AccountStatusId "actst_";
    /// An account type, `acttp_…`.
    AccountTypeId "acttp_";
    /// An API key, `api_…`. Not its secret.
    ApiKeyId "api_";
    /// A document that was collected, `doc_…`.
    DocumentId "doc_";
    /// A file of a document, `docf_…`.
    DocumentFileId "docf_";
    /// An environment: the tenant boundary, `env_…`.
    EnvironmentId "env_";
    /// An event, `evt_…`.
    EventId "evt_";
    /// A file that was given to a field, `file_…`.
    FileId "file_";
    /// A file that was uploaded to be imported, `mprtf_…`.
    ImportFileId "mprtf_";
    /// An import through the published endpoints, `mprt_…`.
    ImporterId "mprt_";
    /// A saved way of importing, `mprtp_…`.
    ImporterPipelineId "mprtp_";
    /// One run of a pipeline, `mprtpr_…`.
    ImporterPipelineRunId "mprtpr_";
    /// An inquiry, `inq_…`.
    InquiryId "inq_";
    /// A session in which somebody answers an inquiry, `iqse_…`.
    InquirySessionId "iqse_";
    /// An inquiry template, `itmpl_…`.
    InquiryTemplateId "itmpl_";
    /// A version of an inquiry template, `itmplv_…`.
    InquiryTemplateVersionId "itmplv_";
    /// A job, `job_…`.
    JobId "job_";
    /// A link that leads into an inquiry once, `otl_…`. Not its code.
    OneTimeLinkId "otl_";
    /// An organization, `org_…`.
    OrganizationId "org_";
    /// A report, `rep_…`.
    ReportId "rep_";
    /// A report template, `rptp_…`.
    ReportTemplateId "rptp_";
    /// One HTTP request, `req_…`; also the ID of its API log.
    RequestId "req_";
    /// Photos of a face, `self_…`.
    SelfieId "self_";
    /// A tag, `tag_…`.
    TagId "tag_";
    /// One thing that a person did with Muster, `ual_…`.
    UserAuditLogId "ual_";
    /// A person who works with Muster, `user_…`.
    UserId "user_";
    /// A session of a user, `uses_…`.
    UserSessionId "uses_";
    /// A verification, `ver_…`.
    VerificationId "ver_";
    /// A verification template, `vtmpl_…`.
    VerificationTemplateId "vtmpl_";
    /// A version of a verification template, `vtmplv_…`.
    VerificationTemplateVersionId "vtmplv_";
    /// A version of a watchlist, `wlv_…`.
    WatchlistVersionId "wlv_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_later_and_have_a_fixed_length() {
        let mut last = String::new();
        for millis in [0_i64, 1, 57, 58, 1_700_000_000_000, 1_795_440_000_000, (1 << 48) - 1] {
            let mut ids = IdSource::new(Timestamp::from_micros(millis * 1000), [7; 32]);
            let id = ids.mint::<AccountId>();
            assert_eq!(id.as_str().len(), "act_".len() + ID_CHARS);
            assert!(id.as_str() > last.as_str(), "{id} after {last}");
            last = id.to_string();
        }
    }

    #[test]
    fn ids_of_one_source_sort_as_they_were_made() {
        for seed in 0..20 {
            let mut ids = IdSource::new(Timestamp::from_micros(1_795_440_000_000_000), [seed; 32]);
            let made: Vec<EventId> = (0..1000).map(|_| ids.mint()).collect();
            assert!(made.is_sorted_by(|a, b| a < b));
            assert!(made.iter().all(|id| id.millis() == Some(1_795_440_000_000)));
        }
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        for millis in [0_i64, 1, 57, 58, 1_700_000_000_000, 1_795_440_000_000, (1 << 48) - 1] {
            for seed in 0..50 {
                let mut ids = IdSource::new(Timestamp::from_micros(millis * 1000 + 999), [seed; 32]);
                assert_eq!(ids.mint::<RequestId>().millis(), Some(millis));
            }
        }
        for foreign in
            ["req_zzzzzzzzzzzzzzzzzzzzzzzz", "req_1111111111111111111111110", "req_0OIl11111111111111111111"]
        {
            assert_eq!(foreign.parse::<RequestId>().unwrap().millis(), None, "{foreign}");
        }
    }

    #[test]
    fn the_least_id_of_a_moment_stands_between_those_before_and_after() {
        let at = |millis: i64| Timestamp::from_micros(millis * 1000);
        for millis in [1, 57, 1_795_440_000_000, (1 << 48) - 1] {
            let least = least_at("act_", at(millis));
            for seed in 0..20 {
                let before = IdSource::new(at(millis - 1), [seed; 32]).mint::<AccountId>();
                let then = IdSource::new(at(millis), [seed; 32]).mint::<AccountId>();
                assert!(before.as_str() < least.as_str() && least.as_str() <= then.as_str(), "{millis}");
            }
        }
        assert_eq!(least_at("act_", at(-7)), least_at("act_", at(0)));
        assert_eq!(least_at("act_", Timestamp::from_micros(i64::MAX)), least_at("act_", at((1 << 48) - 1)));
    }

    #[test]
    fn ids_of_one_source_differ_and_parse_only_as_their_kind() {
        let mut ids = IdSource::new(Timestamp::from_micros(1), [7; 32]);
        let (a, b) = (ids.mint::<AccountId>(), ids.mint::<AccountId>());
        assert_ne!(a, b);
        assert_eq!(a.as_str().parse::<AccountId>().unwrap(), a);
        assert!(a.as_str().parse::<EventId>().is_err());
        assert!("act_short".parse::<AccountId>().is_err());
        assert!("act_' OR 1=1 --aaaaaaaaaaaaa".parse::<AccountId>().is_err());
    }
}
