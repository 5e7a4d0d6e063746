//! Codes that are sent to an e-mail address or a telephone number, and entered again.
//!
//! A code is kept as a hash only, salted with the ID of its verification, and it stands in sealed state: six
//! digits alone would not resist guessing.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::examination::Verdict;
use crate::time::Timestamp;

/// Digits of a code.
const DIGITS: usize = 6;
/// How long a code is good.
pub const CODE_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// How often a code may be entered wrong before it is void; a new one can be sent.
pub const TRIES_MAX: u32 = 5;
/// How many codes one verification sends.
pub const CODES_MAX: u32 = 5;
/// The code that is right in a sandbox, where nothing is sent.
pub const SANDBOX_CODE: &str = "123456";

/// A code in clear: for the message that carries it, and nowhere else. `Debug` prints `[redacted]`.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfirmationCode(String);

impl ConfirmationCode {
    /// Makes a code from a random number.
    #[must_use]
    pub fn from_random(random: u64) -> Self {
        // The remainder favours small codes by less than one in ten to the thirteenth.
        Self(format!("{:0DIGITS$}", random % 10_u64.pow(6)))
    }

    /// The code of a sandbox.
    #[must_use]
    pub fn sandbox() -> Self {
        Self(SANDBOX_CODE.to_owned())
    }

    /// The digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ConfirmationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmationCode([redacted])")
    }
}

/// A code that was sent, as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SentCode {
    hash: Vec<u8>,
    /// Until when it is good, in microseconds since 1970.
    expires_at: i64,
    tries: u32,
}

impl fmt::Debug for SentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentCode").field("tries", &self.tries).finish_non_exhaustive()
    }
}

/// What became of a code that was entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entered {
    /// It was right.
    Right,
    /// It was wrong; it may be tried that often again.
    Wrong {
        /// Tries that are left.
        tries_left: u32,
    },
    /// It was tried too often, right or wrong.
    TriedTooOften,
    /// It came too late.
    Expired,
}

impl SentCode {
    /// Notes a code that is sent now. `subject` is the ID of the verification.
    #[must_use]
    pub fn new(code: &ConfirmationCode, subject: &str, now: Timestamp) -> Self {
        Self { hash: hash(&code.0, subject), expires_at: (now + CODE_LIFETIME).as_micros(), tries: 0 }
    }

    /// Compares a code that somebody entered, and counts the try.
    pub fn enter(&mut self, entered: &str, subject: &str, now: Timestamp) -> Entered {
        if self.tries >= TRIES_MAX {
            return Entered::TriedTooOften;
        }
        if now.as_micros() >= self.expires_at {
            return Entered::Expired;
        }
        self.tries += 1;
        let digits: String = entered.chars().filter_map(|c| c.to_digit(10)).map(digit).collect();
        if bool::from(hash(&digits, subject).ct_eq(&self.hash)) {
            return Entered::Right;
        }
        match TRIES_MAX - self.tries {
            0 => Entered::TriedTooOften,
            tries_left => Entered::Wrong { tries_left },
        }
    }
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

fn hash(digits: &str, subject: &str) -> Vec<u8> {
    Sha256::new().chain_update(subject).chain_update([0]).chain_update(digits).finalize().to_vec()
}

/// What a code says as a check.
#[must_use]
pub fn verdict(entered: Entered) -> Verdict {
    match entered {
        Entered::Right => Verdict::passed(),
        Entered::Wrong { .. } => Verdict::failed("code_wrong"),
        Entered::TriedTooOften => Verdict::failed("code_tried_too_often"),
        Entered::Expired => Verdict::failed("code_expired"),
    }
}
