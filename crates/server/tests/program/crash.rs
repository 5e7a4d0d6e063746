//! Killed under load, nothing that was acknowledged is lost and nothing is half-written.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use muster_client::{Error, NewAccount, Outcome, Saved, json};
use muster_testkit::{TestDb, on_both};

use crate::program::Server;

const CLIENTS: usize = 16;
const ACKNOWLEDGED_BEFORE_KILL: usize = 150;
const KILLS: usize = 3;

/// One request that was sent, and its reply if there was one.
struct Sent {
    key: String,
    new: NewAccount,
    reply: Option<Saved>,
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
        let (load, muster) = (Arc::clone(&load), server.client());
        tokio::spawn(async move {
            let mut sent = Vec::new();
            for n in 0.. {
                let key = format!("crash-{offset}-{round}-{client}-{n}");
                let name = json!({ "first": format!("A{n}") });
                let new = NewAccount::new().reference_id(&key).field("name", name);
                let reply = match muster.once(&key).accounts().create(&new).await {
                    Ok(saved) => Some(saved),
                    Err(Error::Interrupted | Error::Unreachable(_)) => None,
                    Err(other) => panic!("{other}"),
                };
                let answered = reply.is_some();
                sent.push(Sent { key, new, reply });
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
    let (muster, mut ids) = (server.client(), HashSet::new());
    for one in sent {
        let again = muster.once(&one.key).accounts().create(&one.new).await.unwrap();
        if let Some(first) = &one.reply {
            assert_eq!(&again, first, "a retry must get the first reply");
        }
        assert_eq!(again.outcome, Outcome::Created, "a retry of {} found another account", one.key);
        assert_eq!(again.account.reference_id.as_deref(), Some(one.key.as_str()));
        ids.insert(again.account.id);
    }
    assert_eq!(ids.len(), sent.len(), "two requests got one account");
    let stored = muster.accounts().list().all().await.unwrap();
    assert_eq!(stored.len(), sent.len(), "accounts nobody asked for, or missing ones");
    let events = muster.events().list().all().await.unwrap();
    // The demo tells of an inquiry as well.
    let accounts: Vec<&str> =
        events.iter().filter_map(|event| event.account()).map(|account| account.id.as_str()).collect();
    let told: HashSet<&str> = accounts.iter().copied().collect();
    assert_eq!((accounts.len(), told.len()), (sent.len(), sent.len()), "one event per account");
}
