//! `muster serve`.

use std::sync::Arc;
use std::time::Duration;

use muster_api::{Api, ApiLogs, Settings};
use muster_app::idempotency::KEPT;
use muster_app::jobs::Work;
use muster_app::{App, api_logs, user_audit_logs};
use muster_domain::Timestamp;
use muster_hosted::Hosted;
use muster_store::{Tx, idempotency, organizations};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Config, ServeFlags};
use crate::output::{Failure, line};
use crate::{demo, indexing, installation};

/// How long requests under way may take after Ctrl-C.
const DRAIN_MAX: Duration = Duration::from_secs(30);
/// How often what is too old is swept away.
const SWEEP_EVERY: Duration = Duration::from_mins(5);
/// Rows that are swept at once.
const SWEPT_AT_ONCE: i64 = 500;
/// Seconds of the log of API requests that are swept at once: one may hold many megabytes.
const LOG_SECONDS_SWEPT_AT_ONCE: i64 = 8;
const DAY: Duration = Duration::from_hours(24);

pub fn run(config: &Config, flags: &ServeFlags) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    // The port first: a second server must not touch the data of the first.
    let listener = runtime
        .block_on(TcpListener::bind(config.listen))
        .map_err(|error| Failure(format!("cannot listen on {}: {error}", config.listen)))?;
    let address = listener.local_addr()?;
    let app = installation::open(config)?;
    if flags.demo {
        let demo = demo::prepare(&app, &config.data, address)?;
        line(format_args!("API key   {}", demo.key));
        line(format_args!("Try it    {}", demo.link));
        line(format_args!("Ids       {}", config.data.join("demo.json").display()));
    }
    line(format_args!("Base URL  http://{address}/api/v1"));
    line(format_args!("Reference http://{address}/api/reference"));
    if flags.bench_without_storage {
        tracing::warn!("this server stores no account: it answers creations for the benchmark only");
    }
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let pages = muster_hosted::Settings {
        public_url: public_url.clone(),
        entries_per_minute: config.pages.entries_per_minute,
        addresses: config.pages.addresses,
    };
    let pages = muster_hosted::router(Hosted::new(Arc::clone(&app), pages));
    let settings = Settings {
        rate_limit: config.rate_limit,
        without_storage: flags.bench_without_storage,
        public_url,
        api_logs: if config.api_logs_days == 0 { ApiLogs::Off } else { ApiLogs::Kept },
    };
    let logs_kept = DAY * config.api_logs_days;
    let api = Api::new(Arc::clone(&app), settings);
    runtime.block_on(async {
        let workers: Vec<Worker> =
            WORKERS.into_iter().map(|work| Worker::start(Arc::clone(&app), work)).collect::<Result<_, _>>()?;
        let sweeper = tokio::spawn(sweep(Arc::clone(&app), logs_kept, config.audit_log_kept));
        let indexer = tokio::spawn(indexing::run(Arc::clone(&app)));
        let (stop, mut stopping) = tokio::sync::watch::channel(false);
        let mut served = tokio::spawn(muster_api::serve(api, pages, listener, async move {
            let _ = stopping.changed().await;
        }));
        // Whoever reads that it is ready may ask it to stop at once.
        let asked_to_stop = asked_to_stop()?;
        line("Ready. Ctrl-C ends it.");
        tokio::select! {
            ended = &mut served => return ended.map_err(|error| Failure(error.to_string()))?.map_err(Failure::from),
            () = asked_to_stop => {}
        }
        line("Finishing the requests under way …");
        let _ = stop.send(true);
        sweeper.abort();
        indexer.abort();
        app.imports.stop();
        drop(workers);
        match tokio::time::timeout(DRAIN_MAX, served).await {
            Ok(ended) => ended.map_err(|error| Failure(error.to_string()))?.map_err(Failure::from),
            Err(_) => Err(Failure("requests under way did not finish in time; they were cut off".into())),
        }
    })
}

/// Listens for Ctrl-C and for what service managers send; what it returns ends with the first of them.
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Forgets what is past its time, a little at once so that nobody waits.
async fn sweep(app: Arc<App>, logs_kept: Duration, audit_log_kept: Duration) {
    let mut beat = tokio::time::interval(SWEEP_EVERY);
    loop {
        beat.tick().await;
        if let Err(error) = sweep_once(&app, logs_kept).await {
            tracing::warn!(%error, "what is too old could not be swept away");
        }
        if let Err(error) = sweep_audit_logs(&app, app.now() - audit_log_kept).await {
            tracing::warn!(%error, "old entries of the user audit log could not be swept away");
        }
    }
}

async fn sweep_once(app: &App, logs_kept: Duration) -> muster_app::Result<()> {
    let environments = app
        .db
        .read("sweep.environments", |tx| {
            let mut all = Vec::new();
            for organization in organizations::list(tx)? {
                all.extend(organizations::list_environments(tx, &organization.id)?);
            }
            Ok::<_, muster_app::Error>(all)
        })
        .await?;
    let now = app.now();
    for environment in environments {
        let id = environment.id.clone();
        sweep_all(app, "idempotency.sweep", move |tx| {
            Ok(idempotency::prune(tx, &id, now - KEPT, SWEPT_AT_ONCE)?)
        })
        .await?;
        let id = environment.id;
        sweep_all(app, "api_logs.sweep", move |tx| {
            api_logs::prune(tx, &id, (now, logs_kept), LOG_SECONDS_SWEPT_AT_ONCE)
        })
        .await?;
    }
    Ok(())
}

/// Runs `some` in transactions of its own until nothing is left for it.
async fn sweep_all(
    app: &App,
    name: &'static str,
    some: impl FnMut(&mut Tx<'_>) -> muster_app::Result<u64> + Clone + Send + 'static,
) -> muster_app::Result<()> {
    while app.db.write(name, some.clone()).await? > 0 {}
    Ok(())
}

async fn sweep_audit_logs(app: &App, before: Timestamp) -> muster_app::Result<()> {
    let all =
        app.db.read("sweep.organizations", |tx| Ok::<_, muster_app::Error>(organizations::list(tx)?)).await?;
    for organization in all {
        let prune =
            move |tx: &mut Tx<'_>| user_audit_logs::prune(tx, &organization.id, before, SWEPT_AT_ONCE);
        sweep_all(app, "user_audit_logs.sweep", prune).await?;
    }
    Ok(())
}

/// Threads that do jobs: some wait for the world outside while others go on.
const WORKERS: [Work; 6] =
    [Work::Brief, Work::Inside, Work::Imports, Work::Brief, Work::Inside, Work::Imports];

/// How long a worker rests when nothing is due.
const WORKER_RESTS: Duration = Duration::from_millis(500);

/// A thread that does jobs. Dropping it waits for the step it is doing.
struct Worker {
    stop: Option<std::sync::mpsc::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Worker {
    fn start(app: Arc<App>, work: Work) -> Result<Self, Failure> {
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::Builder::new().name("jobs".into()).spawn(move || {
            loop {
                let rest = match muster_app::jobs::run_due(&app, work) {
                    Ok(0) => WORKER_RESTS,
                    Ok(_) => Duration::ZERO,
                    Err(error) => {
                        tracing::warn!(%error, "jobs could not be looked for");
                        WORKER_RESTS * 10
                    }
                };
                // A sender that is gone means the same as a message: stop.
                if stopped.recv_timeout(rest) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
