//! Killed under load, nothing that was acknowledged is lost and nothing is half-written.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use hyper::Method;
use muster_testkit::{TestDb, on_both};

use crate::program::Server;

const CLIENTS: usize = 16;
const ACKNOWLEDGED_BEFORE_KILL: usize = 150;
const KILLS: usize = 3;

/// One request that was sent, and its reply if there was one.
struct Sent {
    key: String,
    body: String,
    reply: Option<Bytes>,
}

on_both! {
    /// kill -9 in the middle of creations: after the restart every acknowledged account is there, a retry of
    /// any request gets one and the same account, and each account is whole, with its one event.
    async fn nothing_acknowledged_is_lost_when_the_server_is_killed(db: TestDb) {
        let data = tempfile::tempdir().unwrap();
        let mut sent: Vec<Sent> = Vec::new();
        for round in 0..KILLS {
            let mut server = Server::start(data.path(), &db.url());
            check_all(&server, &sent).await;
            let shared = server_clients(&server, round, sent.len());
            while shared.acknowledged.load(Ordering::Acquire) < ACKNOWLEDGED_BEFORE_KILL {
                shared.progress.notified().await;
            }
            server.kill();
            for task in std::mem::take(&mut *shared.tasks.lock().await) {
                sent.extend(task.await.unwrap());
            }
        }
        assert!(sent.iter().any(|one| one.reply.is_none()), "every kill must have cut something off");
        let server = Server::start(data.path(), &db.url());
        check_all(&server, &sent).await;
        assert!(server.stop());
    }
}

struct Load {
    acknowledged: AtomicUsize,
    progress: tokio::sync::Notify,
    tasks: tokio::sync::Mutex<Vec<tokio::task::JoinHandle<Vec<Sent>>>>,
}

/// Starts clients that create accounts until the server is gone.
fn server_clients(server: &Server, round: usize, offset: usize) -> Arc<Load> {
    let load = Arc::new(Load {
        acknowledged: AtomicUsize::new(0),
        progress: tokio::sync::Notify::new(),
        tasks: tokio::sync::Mutex::default(),
    });
    let tasks = (0..CLIENTS).map(|client| {
        let (load, caller) = (Arc::clone(&load), server.caller());
        tokio::spawn(async move {
            let mut sent = Vec::new();
            for n in 0.. {
                let name = format!("crash-{offset}-{round}-{client}-{n}");
                let body = format!(
                    r#"{{"data":{{"attributes":{{"reference-id":"{name}","fields":{{"name":{{"first":"A{n}"}}}}}}}}}}"#
                );
                let reply = caller.send(Method::POST, "/accounts", Some(&name), &body).await;
                let answered = reply.is_ok();
                let reply = reply.ok().map(|(status, body)| {
                    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
                    body
                });
                sent.push(Sent { key: name, body, reply });
                if !answered {
                    return sent;
                }
                load.acknowledged.fetch_add(1, Ordering::Release);
                load.progress.notify_one();
            }
            sent
        })
    });
    let tasks = tasks.collect();
    *load.tasks.try_lock().unwrap() = tasks;
    load
}

/// Sends everything again and looks at all that is stored.
async fn check_all(server: &Server, sent: &[Sent]) {
    let mut ids = HashSet::new();
    for one in sent {
        let (status, body) = server.send(Method::POST, "/accounts", Some(&one.key), &one.body).await.unwrap();
        assert_eq!(status, 201, "a retry of {} found {}", one.key, String::from_utf8_lossy(&body));
        if let Some(first) = &one.reply {
            assert_eq!(&body, first, "a retry must get the first reply");
        }
        let reply: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(reply["data"]["attributes"]["reference-id"], one.key.as_str());
        ids.insert(reply["data"]["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), sent.len(), "two requests got one account");
    let stored = server.all("/accounts").await;
    assert_eq!(stored.len(), sent.len(), "accounts nobody asked for, or missing ones");
    let events = server.all("/events").await;
    let told: HashSet<&str> =
        events.iter().map(|event| event["attributes"]["payload"]["data"]["id"].as_str().unwrap()).collect();
    assert_eq!((events.len(), told.len()), (sent.len(), sent.len()), "one event per account");
}
