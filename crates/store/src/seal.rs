//! Sealing of personal data, and blind indexes over it (decision 4, ADR 0003).
//!
//! * The **master key** wraps everything below. It never touches data itself.
//! * A **data key** per subject seals that subject's values: AES-256-GCM-SIV with a random nonce and the
//!   identity of the row as associated data, so that a value cannot be moved to another row.
//! * An **index key** per environment makes blind indexes: HMAC-SHA-256 under a key derived per account
//!   type and field, cut to 16 bytes. It does not change when the master key does.

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Nonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// First byte of everything sealed: the format.
const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
/// Length of a blind index in bytes.
pub const BLIND_BYTES: usize = 16;

/// A key of 32 random bytes. It never prints and is wiped when dropped.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret key]")
    }
}

impl SecretKey {
    /// Makes a new random key.
    #[must_use]
    pub fn random() -> Self {
        Self(Zeroizing::new(rand::random()))
    }

    /// Takes the bytes of a key.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    fn seal(&self, plain: &[u8], identity: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let cipher = Aes256GcmSiv::new(&(*self.0).into());
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: identity })
            .map_err(|_| Error::corrupt("a value is too long to be sealed"))?;
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(FORMAT);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    fn open(&self, sealed: &[u8], identity: &[u8]) -> Result<Vec<u8>> {
        let damaged = || Error::corrupt("a sealed value was damaged, moved, or sealed under another key");
        if sealed.len() < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] != FORMAT {
            return Err(damaged());
        }
        let nonce: [u8; NONCE_BYTES] = sealed[1..=NONCE_BYTES].try_into().map_err(|_| damaged())?;
        let cipher = Aes256GcmSiv::new(&(*self.0).into());
        cipher
            .decrypt(&Nonce::from(nonce), Payload { msg: &sealed[1 + NONCE_BYTES..], aad: identity })
            .map_err(|_| damaged())
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0) else {
            unreachable!("HMAC takes keys of any length")
        };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The master key of an installation.
#[derive(Clone, Debug)]
pub struct MasterKey {
    key: SecretKey,
    id: [u8; 4],
}

impl MasterKey {
    /// Takes 32 secret bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        let key = SecretKey::from_bytes(bytes);
        let mac = key.mac(&[b"muster master key id"]);
        Self { key, id: [mac[0], mac[1], mac[2], mac[3]] }
    }

    /// A text that tells two master keys apart and gives away neither.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mac = self.key.mac(&[b"muster master key fingerprint"]);
        mac[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Wraps a key for storage under `identity`.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn wrap(&self, key: &SecretKey, identity: &str) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(4 + 1 + NONCE_BYTES + 32 + TAG_BYTES);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.key.seal(&*key.0, identity.as_bytes())?);
        Ok(out)
    }

    /// Unwraps a stored key.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it was wrapped by another master key or for another identity.
    pub fn unwrap(&self, wrapped: &[u8], identity: &str) -> Result<SecretKey> {
        let sealed = wrapped
            .strip_prefix(&self.id)
            .ok_or_else(|| Error::corrupt("a key was wrapped by another master key"))?;
        let bytes = Zeroizing::new(self.key.open(sealed, identity.as_bytes())?);
        let bytes: [u8; 32] =
            bytes.as_slice().try_into().map_err(|_| Error::corrupt("a wrapped key is not 32 bytes long"))?;
        Ok(SecretKey::from_bytes(bytes))
    }
}

/// The data key of one subject.
#[derive(Clone, Debug)]
pub struct DataKey(SecretKey);

impl DataKey {
    /// Makes the key of a new subject.
    #[must_use]
    pub fn random() -> Self {
        Self(SecretKey::random())
    }

    /// Wraps it for `data_keys`.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn wrap(&self, master: &MasterKey, environment: &str, subject: &str) -> Result<Vec<u8>> {
        master.wrap(&self.0, &format!("{environment}/{subject}"))
    }

    /// Reads one from `data_keys`.
    ///
    /// # Errors
    /// As [`MasterKey::unwrap`].
    pub fn unwrap(master: &MasterKey, wrapped: &[u8], environment: &str, subject: &str) -> Result<Self> {
        master.unwrap(wrapped, &format!("{environment}/{subject}")).map(Self)
    }

    /// Seals a value that belongs to the row `identity` (such as `accounts/act_…`).
    ///
    /// # Errors
    /// Only for values of more than 64 GiB.
    pub fn seal(&self, plain: &[u8], identity: &str) -> Result<Vec<u8>> {
        self.0.seal(plain, identity.as_bytes())
    }

    /// Opens a value of the row `identity`.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when it was damaged, moved, or sealed under another key.
    pub fn open(&self, sealed: &[u8], identity: &str) -> Result<Vec<u8>> {
        self.0.open(sealed, identity.as_bytes())
    }

    /// Seals another key, and what belongs to it, under this one.
    ///
    /// # Errors
    /// As [`DataKey::seal`].
    pub fn seal_with_key(&self, inner: &Self, about: &[u8], identity: &str) -> Result<Vec<u8>> {
        let plain = Zeroizing::new([&*inner.0.0, about].concat());
        self.seal(&plain, identity)
    }

    /// Opens what [`DataKey::seal_with_key`] made: the key, and what belongs to it.
    ///
    /// # Errors
    /// As [`DataKey::open`].
    pub fn open_with_key(&self, sealed: &[u8], identity: &str) -> Result<(Self, Vec<u8>)> {
        let plain = Zeroizing::new(self.open(sealed, identity)?);
        let (key, about) =
            plain.split_first_chunk().ok_or_else(|| Error::corrupt("a sealed key is too short"))?;
        Ok((Self(SecretKey::from_bytes(*key)), about.to_vec()))
    }

    /// Compresses, then seals: for replies, which repeat themselves.
    ///
    /// # Errors
    /// As [`DataKey::seal`].
    pub fn seal_compressed(&self, plain: &[u8], identity: &str) -> Result<Vec<u8>> {
        self.seal(&lz4_flex::compress_prepend_size(plain), identity)
    }

    /// Opens what [`DataKey::seal_compressed`] made.
    ///
    /// # Errors
    /// As [`DataKey::open`].
    pub fn open_compressed(&self, sealed: &[u8], identity: &str) -> Result<Vec<u8>> {
        lz4_flex::decompress_size_prepended(&self.open(sealed, identity)?)
            .map_err(|_| Error::corrupt("a compressed value was damaged"))
    }
}

/// The index key of one environment.
#[derive(Clone, Debug)]
pub struct IndexKey(SecretKey);

impl IndexKey {
    /// Makes the key of a new environment.
    #[must_use]
    pub fn random() -> Self {
        Self(SecretKey::random())
    }

    /// Wraps it for `environments`.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn wrap(&self, master: &MasterKey, environment: &str) -> Result<Vec<u8>> {
        master.wrap(&self.0, &format!("{environment}/index"))
    }

    /// Reads one from `environments`.
    ///
    /// # Errors
    /// As [`MasterKey::unwrap`].
    pub fn unwrap(master: &MasterKey, wrapped: &[u8], environment: &str) -> Result<Self> {
        master.unwrap(wrapped, &format!("{environment}/index")).map(Self)
    }

    /// The key that seals replies which tell of no subject. A request may name personal data even where it
    /// is refused, as the name of an unknown member.
    #[must_use]
    pub fn reply_key(&self) -> DataKey {
        DataKey(SecretKey::from_bytes(self.0.mac(&[b"replies"])))
    }

    /// The key that signs links to files.
    #[must_use]
    pub fn link_key(&self) -> LinkKey {
        LinkKey(SecretKey::from_bytes(self.0.mac(&[b"file links"])))
    }

    /// The key that signs tokens of sessions and makes codes of links.
    #[must_use]
    pub fn token_key(&self) -> TokenKey {
        TokenKey(SecretKey::from_bytes(self.0.mac(&[b"tokens"])))
    }

    /// The key that seals the log of API requests.
    #[must_use]
    pub fn log_key(&self) -> DataKey {
        DataKey(SecretKey::from_bytes(self.0.mac(&[b"logs"])))
    }

    /// The blind index of a normalised value of one field of one account type.
    #[must_use]
    pub fn blind(&self, account_type: &str, field: &str, value: &str) -> Vec<u8> {
        let field_key =
            SecretKey::from_bytes(self.0.mac(&[b"field", account_type.as_bytes(), field.as_bytes()]));
        field_key.mac(&[value.as_bytes()])[..BLIND_BYTES].to_vec()
    }
}

/// The key that signs links to files of one environment.
#[derive(Clone, Debug)]
pub struct LinkKey(SecretKey);

impl LinkKey {
    /// Signs parts that cannot run into each other.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.0.mac(parts)
    }

    /// Whether this is the signature of the parts. How long that takes tells nothing.
    #[must_use]
    pub fn is_signature(&self, signature: &[u8], parts: &[&[u8]]) -> bool {
        self.sign(parts).ct_eq(signature).into()
    }
}

/// The key that signs tokens of sessions and makes codes of links, of one environment.
#[derive(Clone, Debug)]
pub struct TokenKey(SecretKey);

impl TokenKey {
    /// HMAC-SHA-256 of a text, as JSON Web Tokens have it (RFC 7518, `HS256`).
    #[must_use]
    pub fn sign(&self, text: &[u8]) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&*self.0.0) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(text);
        mac.finalize().into_bytes().into()
    }

    /// Whether this is the signature of a text. How long that takes tells nothing.
    #[must_use]
    pub fn is_signature(&self, signature: &[u8], text: &[u8]) -> bool {
        self.sign(text).ct_eq(signature).into()
    }
}

/// The first 16 bytes of SHA-256 over parts that cannot run into each other.
#[must_use]
pub fn digest16(parts: &[&[u8]]) -> Vec<u8> {
    digest32(parts)[..16].to_vec()
}

/// SHA-256 over parts that cannot run into each other.
#[must_use]
pub fn digest32(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_under_its_key_and_in_its_row() {
        let (key, other) = (DataKey::random(), DataKey::random());
        let sealed = key.seal(b"Ingrid", "accounts/act_1").unwrap();
        assert_eq!(key.open(&sealed, "accounts/act_1").unwrap(), b"Ingrid");
        assert!(key.open(&sealed, "accounts/act_2").is_err());
        assert!(other.open(&sealed, "accounts/act_1").is_err());
        assert_ne!(sealed, key.seal(b"Ingrid", "accounts/act_1").unwrap(), "nonces are random");
        for cut in 0..sealed.len() {
            assert!(key.open(&sealed[..cut], "accounts/act_1").is_err());
        }
    }

    #[test]
    fn a_wrapped_key_needs_its_master_and_its_subject() {
        let (master, stranger) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        let wrapped = DataKey::random().wrap(&master, "env_1", "act_1").unwrap();
        assert!(DataKey::unwrap(&master, &wrapped, "env_1", "act_1").is_ok());
        assert!(DataKey::unwrap(&master, &wrapped, "env_1", "act_2").is_err());
        assert!(DataKey::unwrap(&stranger, &wrapped, "env_1", "act_1").is_err());
        assert_ne!(master.fingerprint(), stranger.fingerprint());
    }

    #[test]
    fn a_key_comes_out_of_another_with_what_belongs_to_it() {
        let (outer, inner) = (DataKey::random(), DataKey::random());
        let sealed = outer.seal_with_key(&inner, b"about", "files/file_1").unwrap();
        let (key, about) = outer.open_with_key(&sealed, "files/file_1").unwrap();
        assert_eq!(about, b"about");
        let content = inner.seal(b"content", "files/file_1").unwrap();
        assert_eq!(key.open(&content, "files/file_1").unwrap(), b"content");
        assert!(outer.open_with_key(&sealed, "files/file_2").is_err());
        assert!(inner.open_with_key(&sealed, "files/file_1").is_err());
        assert!(outer.open_with_key(&outer.seal(b"short", "x").unwrap(), "x").is_err());
    }

    #[test]
    fn a_signature_is_of_its_parts_and_its_environment() {
        let (ours, theirs) = (IndexKey::random().link_key(), IndexKey::random().link_key());
        let signature = ours.sign(&[b"a", b"bc"]);
        assert!(ours.is_signature(&signature, &[b"a", b"bc"]));
        assert!(!ours.is_signature(&signature, &[b"ab", b"c"]));
        assert!(!ours.is_signature(&signature[..31], &[b"a", b"bc"]));
        assert!(!theirs.is_signature(&signature, &[b"a", b"bc"]));
    }

    #[test]
    fn a_blind_index_depends_on_environment_type_and_field() {
        let (a, b) = (IndexKey::random(), IndexKey::random());
        let base = a.blind("acttp_1", "email", "x@example.com");
        assert_eq!(base, a.blind("acttp_1", "email", "x@example.com"));
        assert_eq!(base.len(), BLIND_BYTES);
        for other in [
            b.blind("acttp_1", "email", "x@example.com"),
            a.blind("acttp_2", "email", "x@example.com"),
            a.blind("acttp_1", "phone", "x@example.com"),
            a.blind("acttp_1", "email", "y@example.com"),
        ] {
            assert_ne!(base, other);
        }
    }
}
