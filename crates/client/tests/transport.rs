//! What the client does when the server is busy, gone, slow or not one of ours: against a server that plays it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use muster_client::{Client, Error, Exchange, NewAccount, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Act {
    /// Answers with a status, a header line and a body.
    Answer(u16, &'static str, &'static str),
    /// Reads the request and closes the connection.
    HangUp,
    /// Reads the request and keeps silent.
    Wait,
}

const BUSY: Act = Act::Answer(503, "retry-after: 0", r#"{"errors":[{"title":"Service unavailable"}]}"#);
const LIMITED: Act =
    Act::Answer(429, "ratelimit-reset: 0", r#"{"errors":[{"title":"Rate limit exceeded"}]}"#);
const ACCOUNT: Act = Act::Answer(
    201,
    "request-id: req_1",
    r#"{"data":{"type":"account","id":"act_1","attributes":{"reference-id":null,"account-type-name":"User",
        "account-status":"Default","created-at":"x","updated-at":"x","redacted-at":null,"surprise":1},
        "relationships":{"account-type":{"data":{"type":"account-type","id":"acttp_1"}}}}}"#,
);

/// A server that does one thing after another, and the requests that it got.
struct Play {
    base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Play {
    async fn of(acts: &'static [Act]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut kept = Vec::new();
            for act in acts {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request);
                match act {
                    Act::Answer(status, header, body) => {
                        let length = body.len();
                        let reply = format!(
                            "HTTP/1.1 {status} X\r\n{header}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
                        );
                        stream.write_all(reply.as_bytes()).await.unwrap();
                    }
                    Act::HangUp => {}
                    Act::Wait => kept.push(stream),
                }
            }
            // Whom it keeps waiting, it keeps waiting.
            std::future::pending::<()>().await;
        });
        Self { base_url, requests }
    }

    fn client(&self) -> Client {
        Client::new(&self.base_url, "muster_sandbox_secret").unwrap()
    }

    /// The header with a name in each request.
    fn headers(&self, name: &str) -> Vec<Option<String>> {
        let requests = self.requests.lock().unwrap();
        let header = |request: &String| {
            let line =
                request.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
            Some(line.split_once(": ")?.1.to_owned())
        };
        requests.iter().map(header).collect()
    }
}

/// Reads a request with its body.
async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "the client went away");
        bytes.extend_from_slice(&part[..count]);
    }
}

#[tokio::test]
async fn a_busy_server_is_asked_again_under_one_key() {
    let play = Play::of(&[BUSY, LIMITED, Act::HangUp, ACCOUNT]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let observer = move |one: &Exchange| {
        assert_eq!(one.operation, Some("create-an-account"));
        told.lock().unwrap().push((one.attempt, one.status));
    };
    let client = Client::builder(&play.base_url, "muster_sandbox_secret").observe(observer).build().unwrap();
    let saved = client.accounts().create(&NewAccount::new().reference_id("a")).await.unwrap();
    assert_eq!(saved.account.account_type_id, "acttp_1");
    let keys = play.headers("idempotency-key");
    assert!(keys[0].as_ref().is_some_and(|key| key.len() == 32), "{keys:?}");
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(*seen.lock().unwrap(), [(1, Some(503)), (2, Some(429)), (3, None), (4, Some(201))]);
    let requests = play.requests.lock().unwrap();
    assert!(
        requests.iter().all(|request| request.ends_with(r#"{"data":{"attributes":{"reference-id":"a"}}}"#))
    );
}

#[tokio::test]
async fn each_request_has_a_key_of_its_own_unless_it_is_named() {
    let play = Play::of(&[ACCOUNT, ACCOUNT, ACCOUNT, ACCOUNT]).await;
    let accounts = play.client().accounts();
    accounts.create(&NewAccount::new()).await.unwrap();
    accounts.create(&NewAccount::new()).await.unwrap();
    play.client().once("mine").accounts().create(&NewAccount::new()).await.unwrap();
    accounts.retrieve("act_1").await.unwrap();
    let keys = play.headers("idempotency-key");
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[2..], [Some("mine".to_owned()), None]);
    assert_eq!(play.headers("persona-version")[0].as_deref(), Some(muster_client::VERSION));
    assert_eq!(play.headers("key-inflection")[0].as_deref(), Some("kebab"));
}

#[tokio::test]
async fn a_server_that_stays_busy_is_given_up() {
    let play = Play::of(&[BUSY, BUSY]).await;
    let client = Client::builder(&play.base_url, "k").tries_max(2).build().unwrap();
    let error = client.accounts().retrieve("act_1").await.unwrap_err();
    assert_eq!(error.to_string(), "503 Service unavailable");
}

#[tokio::test]
async fn what_is_lost_is_told() {
    let play = Play::of(&[Act::HangUp, Act::Wait]).await;
    let client = Client::builder(&play.base_url, "k").tries_max(1).timeout(Duration::from_millis(200));
    let client = client.build().unwrap();
    assert_eq!(client.accounts().retrieve("act_1").await.unwrap_err(), Error::Interrupted);
    assert_eq!(client.accounts().retrieve("act_1").await.unwrap_err(), Error::TimedOut);
}

#[tokio::test]
async fn nobody_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}/api/v1", listener.local_addr().unwrap());
    drop(listener);
    let error = Client::new(&base_url, "k").unwrap().events().retrieve("evt_1").await.unwrap_err();
    assert_eq!(error.to_string(), format!("no server answers at {base_url}"));
}

#[tokio::test]
async fn a_server_that_is_not_one_of_ours() {
    let play = Play::of(&[
        Act::Answer(200, "x: y", "<html>Ada</html>"),
        Act::Answer(200, "request-id: req_2", r#"{"data":{"type":"account","id":"Ada"}}"#),
        Act::Answer(301, "location: /Ada", "Ada"),
        Act::Answer(502, "x: y", "<html>Ada</html>"),
    ])
    .await;
    let accounts = play.client().accounts();
    let mut texts = Vec::new();
    for _ in 0..4 {
        texts.push(accounts.retrieve("act_1").await.unwrap_err().to_string());
    }
    assert_eq!(
        texts,
        [
            "the server answered 200, but its reply is not JSON",
            "the server answered 200, but the data of its reply cannot be read as Account [req_2]",
            "the server answered 301, but that is no status of this API",
            "502",
        ]
    );
}

#[tokio::test]
async fn a_refusal_says_what_is_wrong_and_where() {
    let body = r#"{"errors":[{"title":"Record invalid","details":"fields.age must be whole","source":{"pointer":"/data/attributes/fields/age"}},
        {"title":"Record invalid"}]}"#;
    let play = Play::of(Box::leak(Box::new([Act::Answer(422, "request-id: req_3", body)]))).await;
    let error = play.client().accounts().create(&NewAccount::new()).await.unwrap_err();
    let text =
        "422 Record invalid: fields.age must be whole (/data/attributes/fields/age); Record invalid [req_3]";
    assert_eq!(error.to_string(), text);
    let refusal = error.refusal().unwrap();
    assert_eq!(refusal.errors[0].pointer.as_deref(), Some("/data/attributes/fields/age"));
    assert_eq!((refusal.errors.len(), refusal.request_id.as_deref()), (2, Some("req_3")));
}

#[test]
fn an_address_or_a_key_that_is_none() {
    for address in
        ["https://example.com/api/v1", "example.com", "http://", "http://me:pw@127.0.0.1", "http://a b"]
    {
        let error = Client::new(address, "k").unwrap_err();
        assert!(matches!(error, Error::Unusable(_)), "{address}");
        assert!(!error.to_string().contains("pw"));
    }
    assert!(matches!(Client::new("http://127.0.0.1", "k\n"), Err(Error::Unusable(_))));
}

#[tokio::test]
async fn values_are_shown_nowhere() {
    let client = Client::new("http://127.0.0.1:1/api/v1", "muster_sandbox_secret").unwrap();
    let new = NewAccount::new().reference_id("r").field("name", json!({ "first": "Ada" }));
    let shown = format!("{client:?} {new:?} {:?}", client.accounts());
    assert!(!shown.contains("Ada") && !shown.contains("secret"), "{shown}");
    let error = client.once("two\nlines").accounts().create(&new).await.unwrap_err();
    assert_eq!(error.to_string(), "the idempotency key has characters that no key has");
}
