//! A mail server and a hook of a few lines, and what is sent to them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use muster_app::outside::{Failure, Letter, Outside, Question, TextMessage};
use muster_domain::Timestamp;
use serde_json::{Value, json};

use super::addresses::is_public;
use super::{connect, signature};
use crate::config::imports::ImportConfig;
use crate::config::outside::{MailConfig, OutsideConfig, ProviderConfig, Reach};

const SECRET: &str = "a secret of the hook";

fn now() -> Timestamp {
    Timestamp::from_micros(1_795_440_000_000_000)
}

/// Serves connections, one after the other, and passes on what was received from each.
fn serve(handlers: Vec<fn(&mut TcpStream) -> String>) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for handle in handlers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let received = handle(&mut stream);
            if sender.send(received).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

fn smtp(stream: &mut TcpStream, to_whom: &str) -> String {
    let mut lines = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut received = String::new();
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes());
    let _ = say("220 sink");
    let mut in_letter = false;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap_or(0) == 0 {
            return received;
        }
        received.push_str(&line);
        let reply = match line.trim_end() {
            "." => "250 taken",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ if in_letter => continue,
            other if other.starts_with("RCPT") => to_whom,
            _ => "250 ok",
        };
        in_letter = line.trim_end() == "DATA";
        let _ = say(reply);
    }
}

fn mail_to(port: u16, query: &str) -> Outside {
    let smtp_url = format!("smtp://127.0.0.1:{port}{query}");
    let mail = Some(MailConfig { smtp_url, from: "Muster <no-reply@muster.example>".into() });
    connect((&OutsideConfig { mail, provider: None }, &ImportConfig::default()), Arc::new(now))
        .map_err(|failure| failure.0)
        .expect("mail")
}

fn letter() -> Letter {
    Letter {
        to: "erika@example.org".into(),
        subject: "Ihr Code für Muster".into(),
        text: "Code: 123456".into(),
    }
}

#[test]
fn a_letter_reaches_a_mail_server() {
    let (port, received) = serve(vec![|stream| smtp(stream, "250 ok")]);
    let outside = mail_to(port, "?tls=none");
    outside.send_mail(&letter()).expect("sent");
    drop(outside);
    let received = received.recv_timeout(Duration::from_secs(10)).expect("a letter");
    for part in ["RCPT TO:<erika@example.org>", "MAIL FROM:<no-reply@muster.example>", "Code: 123456"] {
        assert!(received.contains(part), "{received}");
    }
    assert!(received.contains("Subject: Ihr Code =?utf-8?"), "{received}");
}

#[test]
fn a_mail_server_that_refuses_is_told_from_one_that_is_busy() {
    let (port, _received) =
        serve(vec![|stream| smtp(stream, "550 erika unknown"), |stream| smtp(stream, "451 later")]);
    let outside = mail_to(port, "?tls=none");
    let refused = outside.send_mail(&letter()).unwrap_err();
    assert!(matches!(refused, Failure::Refused(_)), "{refused}");
    let later = mail_to(port, "?tls=none").send_mail(&letter()).unwrap_err();
    assert!(later.is_retryable(), "{later}");
    for failure in [refused, later] {
        assert!(!failure.to_string().contains("erika"), "{failure}");
    }
}

#[test]
fn nothing_is_sent_to_a_mail_server_without_tls_unless_that_is_allowed() {
    let (port, received) = serve(vec![|stream| smtp(stream, "250 ok")]);
    assert!(mail_to(port, "").send_mail(&letter()).is_err());
    let received = received.recv_timeout(Duration::from_secs(10)).expect("a connection");
    assert!(!received.contains("erika") && !received.contains("MAIL"), "{received}");
}

#[test]
fn wrong_mail_settings_are_refused() {
    for (smtp_url, from) in
        [("http://h", "a@b.example"), ("smtp://h", "nobody"), ("smtps://u:pa55@", "a@b.example")]
    {
        let mail = Some(MailConfig { smtp_url: smtp_url.into(), from: from.into() });
        let failure =
            connect((&OutsideConfig { mail, provider: None }, &ImportConfig::default()), Arc::new(now))
                .expect_err("refused")
                .0;
        assert!(failure.starts_with("--") && !failure.contains("pa55"), "{failure}");
    }
}

/// Reads one HTTP request: its head, an empty line, its body.
fn http(stream: &mut TcpStream, reply: &str) -> String {
    let mut lines = BufReader::new(stream.try_clone().expect("a second handle"));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if lines.read_line(&mut head).unwrap_or(0) == 0 {
            return head;
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    lines.read_exact(&mut body).expect("a body");
    let _ = stream.write_all(reply.as_bytes());
    head + &String::from_utf8(body).expect("text")
}

fn ok(stream: &mut TcpStream) -> String {
    http(stream, "HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{\"status\":\"ok\"}")
}

fn busy(stream: &mut TcpStream) -> String {
    http(stream, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn elsewhere(stream: &mut TcpStream) -> String {
    http(
        stream,
        "HTTP/1.1 307 See\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    )
}

fn text(stream: &mut TcpStream) -> String {
    http(stream, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nErika")
}

fn endless(stream: &mut TcpStream) -> String {
    let received = http(stream, "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(&vec![b' '; 9_000_000]);
    received
}

fn silent(stream: &mut TcpStream) -> String {
    let received = http(stream, "");
    let _ = stream.read(&mut [0]);
    received
}

fn hook_at(port: u16, adjust: impl FnOnce(&mut ProviderConfig)) -> Outside {
    let mut config = ProviderConfig {
        url: format!("http://127.0.0.1:{port}/hook"),
        secret: SECRET.into(),
        topics: vec!["verification/*".into(), "text-message".into()],
        timeout: Duration::from_secs(5),
        reach: Reach::PrivateToo,
    };
    adjust(&mut config);
    let config = OutsideConfig { mail: None, provider: Some(config) };
    connect((&config, &ImportConfig::default()), Arc::new(now)).map_err(|failure| failure.0).expect("a hook")
}

fn question() -> Question {
    Question { id: "ver_1.1".into(), topic: "verification/selfie".into(), body: json!({ "name": "Erika" }) }
}

#[test]
fn a_question_is_signed_and_has_the_same_id_when_it_is_asked_again() {
    let (port, received) = serve(vec![busy, ok]);
    let hook = hook_at(port, |_| ());
    assert!(matches!(hook.ask(&question()), Err(Failure::Unreachable(_))));
    let answer = hook.ask(&question()).expect("an answer");
    assert_eq!(answer.0, json!({ "status": "ok" }));
    let [first, second] =
        [(); 2].map(|()| received.recv_timeout(Duration::from_secs(10)).expect("a request"));
    let (head, body) = second.split_once("\r\n\r\n").expect("a body");
    assert!(head.starts_with("POST /hook HTTP/1.1"), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains("idempotency-key: ver_1.1"), "{head}");
    let signature = signature::sign(SECRET, body.as_bytes(), now());
    assert!(head.contains(&format!("muster-signature: {signature}")), "{head}");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body, json!({ "id": "ver_1.1", "topic": "verification/selfie", "data": { "name": "Erika" } }));
    assert!(first.to_ascii_lowercase().contains("idempotency-key: ver_1.1"), "{first}");
}

#[test]
fn answers_that_cannot_be_used_are_refused() {
    for (handler, part) in
        [(elsewhere as fn(&mut TcpStream) -> String, "307"), (text, "JSON"), (endless, "bytes")]
    {
        let (port, _received) = serve(vec![handler]);
        let failure = hook_at(port, |_| ()).ask(&question()).unwrap_err();
        assert!(matches!(failure, Failure::Refused(_)), "{failure}");
        assert!(failure.to_string().contains(part) && !failure.to_string().contains("Erika"), "{failure}");
    }
}

#[test]
fn a_provider_that_does_not_answer_is_left_to_the_job_that_asks_again() {
    let (port, received) = serve(vec![silent, ok]);
    let failure =
        hook_at(port, |config| config.timeout = Duration::from_millis(200)).ask(&question()).unwrap_err();
    assert_eq!(failure, Failure::Unreachable("the provider did not answer in time".into()));
    assert!(received.recv_timeout(Duration::from_secs(10)).is_ok());
    assert!(received.try_recv().is_err());
}

#[test]
fn private_addresses_and_plain_http_need_to_be_allowed() {
    let (port, received) = serve(vec![ok]);
    for url in [
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("http://127.0.0.1:{port}/"),
    ] {
        let outside = hook_at(port, |config| {
            config.reach = Reach::Public;
            config.url = url;
        });
        let failure = outside.ask(&question()).unwrap_err();
        assert!(matches!(failure, Failure::Refused(_)), "{failure}");
    }
    assert!(received.try_recv().is_err());
}

#[test]
fn a_hook_is_asked_only_about_its_topics_and_sends_text_messages_if_they_are_one() {
    let (port, received) = serve(vec![ok]);
    let outside = hook_at(port, |_| ());
    assert!(outside.knows("verification/selfie") && !outside.knows("report/profile"));
    let other = Question { topic: "report/profile".into(), ..question() };
    assert!(matches!(outside.ask(&other), Err(Failure::NotConfigured { .. })));
    let message = TextMessage { id: "m1".into(), to: "+4915112345678".into(), text: "123456".into() };
    outside.send_text_message(&message).expect("sent");
    let received = received.recv_timeout(Duration::from_secs(10)).expect("a request");
    assert!(received.contains(r#""data":{"text":"123456","to":"+4915112345678"}"#), "{received}");
    let none = hook_at(port, |config| config.topics = vec!["report/*".into()]);
    assert!(matches!(none.send_text_message(&message), Err(Failure::NotConfigured { .. })));
    assert!(!format!("{outside:?}").contains(SECRET));
}

#[test]
fn private_addresses_are_told_from_public_ones() {
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.168.0.1",
        "198.19.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
        "2001::1",
    ] {
        assert!(!is_public(address.parse().expect("an address")), "{address}");
    }
    for address in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1"] {
        assert!(is_public(address.parse().expect("an address")), "{address}");
    }
}
