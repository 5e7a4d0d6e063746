//! Buckets that speak the protocol of S3: requests are signed by `rusty-s3` and sent by `ureq`.

use std::io::Read;
use std::time::Duration;

use muster_app::outside::{Failure, FoundFile};
use muster_domain::import::FileSource;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use ureq::Agent;

use super::LISTED_MAX;
use crate::config::imports::ImportConfig;

/// How long a signed address works.
const SIGNED_FOR: Duration = Duration::from_mins(5);
/// How long the service may take to begin its answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(30);
/// How long an object may take.
const READ_WITHIN: Duration = Duration::from_hours(1);
/// Longest list in one answer.
const LIST_BYTES_MAX: u64 = 8 << 20;

/// The buckets that the operator allowed.
pub struct Buckets {
    agent: Agent,
    allowed: Vec<String>,
    credentials: Option<Credentials>,
}

impl Buckets {
    pub fn new(config: &ImportConfig) -> Self {
        let settings = Agent::config_builder()
            .timeout_recv_response(Some(ANSWERS_WITHIN))
            .timeout_recv_body(Some(READ_WITHIN))
            .timeout_connect(Some(ANSWERS_WITHIN))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .build();
        let credentials = config.credentials.as_ref().map(|(key, secret)| Credentials::new(key, secret));
        Self { agent: Agent::new_with_config(settings), allowed: config.buckets.clone(), credentials }
    }

    /// The bucket of a source, if the operator allowed it.
    fn bucket<'s>(&self, source: &'s FileSource) -> Result<(Bucket, &'s str), Failure> {
        let FileSource::S3 { endpoint, region, bucket, prefix, .. } = source else {
            return Err(Failure::Refused("this is no bucket".into()));
        };
        let asked = format!("{}/{bucket}", endpoint.trim_end_matches('/'));
        if !self.allowed.contains(&asked) {
            return Err(Failure::Refused("the bucket is none of MUSTER_IMPORT_BUCKETS".into()));
        }
        let unusable = || Failure::Refused("the address of the bucket cannot be used".into());
        let endpoint = endpoint.parse().map_err(|_| unusable())?;
        let made = Bucket::new(endpoint, UrlStyle::Path, bucket.clone(), region.clone());
        Ok((made.map_err(|_| unusable())?, prefix))
    }

    fn get(&self, url: &str) -> Result<ureq::Body, Failure> {
        // The address opens the object for some minutes: it is in no text.
        let reply = self.agent.get(url).call();
        let reply = reply.map_err(|_| Failure::Unreachable("the bucket did not answer".into()))?;
        match reply.status().as_u16() {
            200 => Ok(reply.into_body()),
            status @ (408 | 425 | 429 | 500..=599) => {
                Err(Failure::Unreachable(format!("the bucket answered with {status}")))
            }
            status @ (401 | 403) => Err(Failure::Refused(format!(
                "the bucket answered with {status}; look at MUSTER_IMPORT_ACCESS_KEY and what it may read"
            ))),
            status => Err(Failure::Refused(format!("the bucket answered with {status}"))),
        }
    }

    pub fn list(&self, source: &FileSource) -> Result<Vec<FoundFile>, Failure> {
        let (bucket, prefix) = self.bucket(source)?;
        let (mut found, mut token) = (Vec::new(), None::<String>);
        loop {
            let mut list = bucket.list_objects_v2(self.credentials.as_ref());
            if !prefix.is_empty() {
                list.with_prefix(prefix);
            }
            if let Some(token) = &token {
                list.with_continuation_token(token.clone());
            }
            let mut body = self.get(list.sign(SIGNED_FOR).as_str())?;
            let text = body.with_config().limit(LIST_BYTES_MAX).read_to_string();
            let text = text.map_err(|_| Failure::Unreachable("the list of the bucket broke off".into()))?;
            let page = rusty_s3::actions::ListObjectsV2::parse_response(&text)
                .map_err(|_| Failure::Refused("the list of the bucket cannot be understood".into()))?;
            for object in page.contents {
                let name = object.key.rsplit('/').next().unwrap_or_default();
                if name.is_empty() || !source.takes(name) {
                    continue;
                }
                let (etag, size) = (object.etag.unwrap_or_default(), object.size.unwrap_or(0));
                let changed = object.last_modified.unwrap_or_default();
                found.push(FoundFile { name: object.key, mark: format!("{etag}/{size}/{changed}"), byte_size: size });
            }
            token = page.next_continuation_token;
            if token.is_none() || found.len() >= LISTED_MAX {
                return Ok(found);
            }
        }
    }

    pub fn open(&self, source: &FileSource, file: &FoundFile) -> Result<Box<dyn Read + Send>, Failure> {
        let (bucket, _) = self.bucket(source)?;
        let url = bucket.get_object(self.credentials.as_ref(), &file.name).sign(SIGNED_FOR);
        Ok(Box::new(self.get(url.as_str())?.into_reader()))
    }
}
