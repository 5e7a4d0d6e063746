//! Buckets that speak the protocol of S3: requests are signed by `rusty-s3` and sent by `ureq`.

use std::io::Read;
use std::time::Duration;

use muster_app::outside::{Failure, FoundFile};
use muster_domain::import::FileSource;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use ureq::Agent;

use super::{LISTED_MAX, too_many};
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
                found.push(FoundFile {
                    name: object.key,
                    mark: format!("{etag}/{size}/{changed}"),
                    byte_size: size,
                });
            }
            token = page.next_continuation_token;
            if token.is_none() {
                return Ok(found);
            }
            if found.len() >= LISTED_MAX {
                return Err(too_many());
            }
        }
    }

    pub fn open(&self, source: &FileSource, file: &FoundFile) -> Result<Box<dyn Read + Send>, Failure> {
        let (bucket, _) = self.bucket(source)?;
        let url = bucket.get_object(self.credentials.as_ref(), &file.name).sign(SIGNED_FOR);
        Ok(Box::new(self.get(url.as_str())?.into_reader()))
    }
}

#[cfg(test)]
mod tests {
    //! A bucket of a few lines, which computes the signature of every request by itself.

    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{TcpListener, TcpStream};

    use hmac::{Hmac, KeyInit, Mac};
    use muster_app::outside::Failure;
    use muster_domain::import::FileSource;
    use sha2::{Digest, Sha256};

    use super::{Buckets, ImportConfig};

    const KEY: &str = "AKIDEXAMPLE";
    const SECRET: &str = "a secret of the bucket";

    fn mac(key: &[u8], text: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a request is signed with the secret, as the protocol has it for addresses that carry their signature.
    fn is_signed(host: &str, target: &str) -> bool {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut parts: Vec<&str> = query.split('&').collect();
        let value = |name: &str| {
            let found = query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_default().replace("%2F", "/")
        };
        let (date, signature) = (value("X-Amz-Date"), value("X-Amz-Signature"));
        let credential = value("X-Amz-Credential");
        let Some(scope) = credential.strip_prefix(&format!("{KEY}/")) else { return false };
        parts.retain(|part| !part.starts_with("X-Amz-Signature="));
        parts.sort_unstable();
        let canonical = format!("GET\n{path}\n{}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD", parts.join("&"));
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let mut key = format!("AWS4{SECRET}").into_bytes();
        for part in scope.split('/') {
            key = mac(&key, part);
        }
        hex(&mac(&key, &text)) == signature
    }

    fn answer(mut stream: TcpStream) {
        let lines: Vec<String> =
            BufReader::new(&stream).lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
        let target = lines[0].split(' ').nth(1).unwrap();
        let host =
            lines.iter().find_map(|line| line.to_lowercase().strip_prefix("host: ").map(str::to_owned));
        let object = |key: &str| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
                 <ETag>&quot;e1&quot;</ETag><Size>3</Size><StorageClass>STANDARD</StorageClass></Contents>"
            )
        };
        let listing = |objects: &str, more: &str| {
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult \
                 xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>in</Name><MaxKeys>2</MaxKeys>\
                 <EncodingType>url</EncodingType>{more}{objects}</ListBucketResult>"
            )
        };
        let (status, body) = if !is_signed(&host.unwrap(), target) {
            ("403 Forbidden", String::new())
        } else if target.starts_with("/in/?") && target.contains("continuation-token=t2") {
            ("200 OK", listing(&object("crm/a%20b.csv"), "<IsTruncated>false</IsTruncated>"))
        } else if target.starts_with("/in/?") && target.contains("prefix=crm%2F") {
            let more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t2</NextContinuationToken>";
            let objects = [object("crm/"), object("crm/notes.txt"), object("crm/z.csv")].concat();
            ("200 OK", listing(&objects, more))
        } else if target.starts_with("/in/crm/a%20b.csv?") {
            ("200 OK", "a,b".to_owned())
        } else {
            ("404 Not Found", String::new())
        };
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
    }

    /// Starts a bucket; where it is.
    fn serve() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap())));
        at
    }

    fn source(endpoint: &str, bucket: &str) -> FileSource {
        FileSource::S3 {
            endpoint: endpoint.to_owned(),
            region: "eu-central-1".to_owned(),
            bucket: bucket.to_owned(),
            prefix: "crm/".to_owned(),
            pattern: Some("*.csv".to_owned()),
        }
    }

    fn buckets(at: &str, secret: &str) -> Buckets {
        Buckets::new(&ImportConfig {
            buckets: vec![format!("{at}/in")],
            credentials: Some((KEY.to_owned(), secret.to_owned())),
            ..ImportConfig::default()
        })
    }

    #[test]
    fn objects_are_listed_page_by_page_and_read_with_signatures() {
        let at = serve();
        let buckets = buckets(&at, SECRET);
        let found = buckets.list(&source(&at, "in")).unwrap();
        let names: Vec<&str> = found.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["crm/z.csv", "crm/a b.csv"]);
        assert!(found[1].byte_size == 3 && found[1].mark.contains("e1"));
        let mut text = String::new();
        buckets.open(&source(&at, "in"), &found[1]).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "a,b");
    }

    #[test]
    fn what_is_not_allowed_is_not_asked_and_a_wrong_secret_is_told_by_its_setting() {
        let at = serve();
        let refused = |buckets: &Buckets, bucket: &str| match buckets.list(&source(&at, bucket)) {
            Err(Failure::Refused(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(refused(&buckets(&at, SECRET), "other").contains("MUSTER_IMPORT_BUCKETS"));
        let why = refused(&buckets(&at, "another secret"), "in");
        assert!(why.contains("403") && why.contains("MUSTER_IMPORT_ACCESS_KEY"), "{why}");
        assert!(!why.contains("another secret"));
    }
}
