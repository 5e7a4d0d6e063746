//! Links to files: signed, good for a while, and without anything personal in them.
//!
//! `<public URL>/files/<file ID>.<ending>?access_token=<token>`. The token is base64url of the moment it ends,
//! a signature over that and the name of the file, and the ID of the environment, whose key signs. Nothing is
//! stored, so a link cannot be taken back; it ends by itself, or when its file is erased.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use muster_app::EnvironmentContext;
use muster_app::keys::Principal;
use muster_domain::field::{LinkFiles, StoredFile, extension};
use muster_domain::{EnvironmentId, FileId, Timestamp};
use muster_store::seal::IndexKey;

const EXPIRY_BYTES: usize = 8;
const SIGNATURE_BYTES: usize = 32;

/// Makes the links of one reply.
pub struct FileLinks {
    public_url: Arc<str>,
    environment: Arc<EnvironmentContext>,
    expires_at: Timestamp,
}

impl FileLinks {
    /// Links for the holder of a key, from now on.
    pub fn new(public_url: &Arc<str>, principal: &Principal, now: Timestamp) -> Self {
        Self {
            public_url: Arc::clone(public_url),
            environment: Arc::clone(&principal.environment),
            expires_at: now + Duration::from_secs(u64::from(principal.file_access_token_expires_in)),
        }
    }
}

impl FileLinks {
    /// The address of this server, as those who use it know it.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }
}

impl LinkFiles for FileLinks {
    fn url(&self, file: &StoredFile) -> String {
        let name = format!("{}.{}", file.id, extension(&file.mime_type));
        let environment = self.environment.id.as_str();
        let expiry = self.expires_at.as_micros().to_be_bytes();
        let signature = self.environment.index_key.link_key().sign(&parts(&expiry, &name, environment));
        let token = [&expiry[..], &signature, environment.as_bytes()].concat();
        format!("{}/files/{name}?access_token={}", self.public_url, URL_SAFE_NO_PAD.encode(token))
    }
}

fn parts<'a>(expiry: &'a [u8], name: &'a str, environment: &'a str) -> [&'a [u8]; 3] {
    [expiry, name.as_bytes(), environment.as_bytes()]
}

/// What stands in a link. Nothing of it is true before the signature was checked.
pub struct Link {
    /// The environment whose key signed.
    pub environment: EnvironmentId,
    /// The file.
    pub file: FileId,
    /// When the link ends.
    pub expires_at: Timestamp,
    name: String,
    signature: Vec<u8>,
}

impl Link {
    /// Reads the last part of the path and the token of a link. None when they cannot be of one.
    pub fn parse(name: &str, token: &str) -> Option<Self> {
        let file = name.split('.').next()?.parse().ok()?;
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (expiry, rest) = bytes.split_first_chunk::<EXPIRY_BYTES>()?;
        let (signature, environment) = rest.split_first_chunk::<SIGNATURE_BYTES>()?;
        Some(Self {
            environment: std::str::from_utf8(environment).ok()?.parse().ok()?,
            file,
            expires_at: Timestamp::from_micros(i64::from_be_bytes(*expiry)),
            name: name.to_owned(),
            signature: signature.to_vec(),
        })
    }

    /// Whether the environment signed it.
    pub fn is_signed_by(&self, key: &IndexKey) -> bool {
        let expiry = self.expires_at.as_micros().to_be_bytes();
        key.link_key().is_signature(&self.signature, &parts(&expiry, &self.name, self.environment.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(environment: &str) -> FileLinks {
        let environment = EnvironmentContext {
            id: EnvironmentId::trusted(environment.to_owned()),
            organization: muster_domain::OrganizationId::trusted("org_1".to_owned()),
            kind: "sandbox".to_owned(),
            active: true,
            index_key: IndexKey::random(),
        };
        let expires_at = Timestamp::from_micros(1_795_440_000_000_000);
        FileLinks { public_url: "https://m.example".into(), environment: Arc::new(environment), expires_at }
    }

    #[test]
    fn a_link_is_good_under_the_key_that_signed_it() {
        let (ours, theirs) = (links("env_111111111111111111111111"), links("env_222222222222222222222222"));
        let file = StoredFile {
            id: "file_111111111111111111111111".to_owned(),
            filename: "gwendolyn.png".to_owned(),
            mime_type: "image/png".to_owned(),
            byte_size: 1,
            sha256: String::new(),
            page_count: None,
        };
        let url = ours.url(&file);
        let rest = url.strip_prefix("https://m.example/files/").unwrap();
        let (name, token) = rest.split_once("?access_token=").unwrap();
        assert_eq!(name, "file_111111111111111111111111.png");

        let link = Link::parse(name, token).unwrap();
        assert_eq!((&link.environment, link.expires_at), (&ours.environment.id, ours.expires_at));
        assert_eq!(link.file.as_str(), file.id);
        assert!(link.is_signed_by(&ours.environment.index_key));
        assert!(!link.is_signed_by(&theirs.environment.index_key));
        let renamed = Link::parse("file_111111111111111111111111.svg", token).unwrap();
        assert!(!renamed.is_signed_by(&ours.environment.index_key));
        for cut in 0..token.len() {
            let cut = Link::parse(name, &token[..cut]);
            assert!(cut.is_none_or(|link| !link.is_signed_by(&ours.environment.index_key)));
        }
    }
}
