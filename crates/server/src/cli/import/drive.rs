//! Doing a run in this process, and showing how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use muster_app::imports::Run;
use muster_app::imports::runs::{self, take_up};
use muster_app::{App, Error, ReadCx, Scope};
use muster_domain::ImporterPipelineRunId;
use muster_domain::import::RunStatus;

use super::noted;
use super::progress::Progress;
use crate::output::{Failure, line};

/// How the program ends when somebody paused the run.
pub const INTERRUPTED: u8 = 130;
/// How often it is looked how far the run is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Failures of a run in a row after which this process leaves it to others.
const FAILURES_MAX: u32 = 3;

/// How often somebody pressed Ctrl-C.
#[derive(Clone, Default)]
struct Interrupts(Arc<AtomicUsize>);

impl Interrupts {
    /// Listens from now on. The second one ends the program at once: what is committed is safe.
    fn listen() -> std::io::Result<Self> {
        let (this, runtime) =
            (Self::default(), tokio::runtime::Builder::new_current_thread().enable_all().build()?);
        let count = Arc::clone(&this.0);
        std::thread::Builder::new().name("interrupts".into()).spawn(move || {
            while runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
                if count.fetch_add(1, Ordering::SeqCst) > 0 {
                    std::process::exit(i32::from(INTERRUPTED));
                }
            }
        })?;
        Ok(this)
    }

    fn is_any(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }
}

/// The thread that does the run.
struct Worker {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<muster_app::Result<()>>,
}

impl Worker {
    fn start(app: &Arc<App>, scope: &Scope, id: &ImporterPipelineRunId) -> std::io::Result<Self> {
        let (app, environment, id) = (Arc::clone(app), scope.environment.id.clone(), id.clone());
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("import".into()).spawn(move || {
            let mut failures = 0;
            while !stopped.load(Ordering::SeqCst) {
                match take_up(&app, &environment, &id) {
                    Ok(true) => failures = 0,
                    // Somebody else does it, or it has ended.
                    Ok(false) => std::thread::sleep(LOOK_EVERY),
                    Err(error) if failures + 1 == FAILURES_MAX => return Err(error),
                    Err(_) => {
                        failures += 1;
                        std::thread::sleep(LOOK_EVERY);
                    }
                }
            }
            Ok(())
        })?;
        Ok(Self { stop, thread })
    }

    /// Waits for the chunk under way.
    fn end(self) -> muster_app::Result<()> {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap_or_else(|_| Err(Error::bug("the thread of the import panicked")))
    }
}

/// Reads a run as it is now.
pub fn read(app: &App, scope: &Scope, id: &ImporterPipelineRunId) -> Result<Run, Failure> {
    let (master, catalogs) = (Arc::clone(&app.master), Arc::clone(&app.catalogs));
    let (scope, id) = (scope.clone(), id.clone());
    Ok(app.db.read_blocking("imports.watch", move |tx| {
        let cx = &mut ReadCx { tx, scope: &scope, catalogs: &catalogs, master: &master };
        runs::get(cx, &id).map(|record| record.item)
    })?)
}

/// Does a run to its end, or until somebody pauses it: then there is nothing to tell of its end.
pub fn drive(app: &Arc<App>, scope: &Scope, run: &Run) -> Result<Option<Run>, Failure> {
    let interrupts = Interrupts::listen()?;
    let worker = Worker::start(app, scope, &run.id)?;
    let mut progress = Progress::new(run);
    let run = loop {
        std::thread::sleep(LOOK_EVERY);
        let now = read(app, scope, &run.id)?;
        progress.show(&now);
        if now.status.has_ended() || now.status == RunStatus::Paused || worker.thread.is_finished() {
            break now;
        }
        if interrupts.is_any() {
            // Refused while it has not begun, or when it has just ended: then the next turn sees how it is.
            pause(app, scope, &now);
        }
    };
    progress.end();
    let done = worker.end();
    if run.status == RunStatus::Paused {
        line(format_args!("{}  paused after {}", run.id, super::rows(run.counters.read)));
        line(format_args!("muster imports resume {} goes on with it", run.id));
        return Ok(None);
    }
    if interrupts.is_any() && !run.status.has_ended() {
        let (id, status) = (&run.id, run.status.as_str());
        return Err(Failure(format!(
            "{id} is {status}: a server goes on with it; muster imports cancel {id} ends it"
        )));
    }
    if let (Err(error), false) = (done, run.status.has_ended()) {
        return Err(Failure(format!("{error}; muster imports resume {} tries again", run.id)));
    }
    Ok(Some(run))
}

fn pause(app: &App, scope: &Scope, run: &Run) {
    let id = run.id.clone();
    let _ = noted(app, scope, "imports/pause", move |cx| runs::pause(cx, &id));
}
