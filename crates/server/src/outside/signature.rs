//! How requests to a hook are signed: `Muster-Signature: t=SECONDS,v1=HEX`.
//!
//! The signature is HMAC-SHA-256, under the secret, of the seconds, a dot and the body.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use muster_domain::Timestamp;
use sha2::Sha256;

/// Name of the header.
pub const HEADER: &str = "Muster-Signature";

/// Signs a body that is sent now.
pub fn sign(secret: &str, body: &[u8], now: Timestamp) -> String {
    let seconds = now.as_millis().div_euclid(1000);
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    let mut header = format!("t={seconds},v1=");
    for byte in mac.finalize().into_bytes() {
        // Writing to a text cannot fail.
        let _ = write!(header, "{byte:02x}");
    }
    header
}

#[cfg(test)]
mod tests {
    use muster_domain::Timestamp;

    use super::sign;

    #[test]
    fn a_signature_is_the_one_that_others_compute() {
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
        let now = Timestamp::from_micros(1_700_000_000_999_999);
        assert_eq!(
            sign("0123456789abcdef", br#"{"a":1}"#, now),
            "t=1700000000,v1=9eb18f493f8ec135d9eb2dad817c369bb4e9cbfa818657897a7437c1cd8c3a23"
        );
    }
}
