//! Units that stand still until a test lets them go on, so that no test needs to sleep.

use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use muster_store::{Db, Result, Tx};

/// The answer of a call, if it is given at once; without one, the call waits in the queue.
pub fn answer_at_once<F: Future + Unpin>(call: &mut F) -> Option<F::Output> {
    match Pin::new(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Some(answer),
        Poll::Pending => None,
    }
}

/// Lets a call go as far as the queue. True when it waits there for its answer.
pub fn is_queued<F: Future + Unpin>(call: &mut F) -> bool {
    answer_at_once(call).is_none()
}

/// Ends a unit like a panic does, without the message.
pub fn stop_silently<T>() -> Result<T> {
    std::panic::resume_unwind(Box::new("the test says so"))
}

/// A unit that holds the only database thread until the gate is opened.
pub struct Gate {
    opener: mpsc::Sender<()>,
    call: Pin<Box<dyn Future<Output = Result<()>> + Send>>,
}

impl Gate {
    /// Waits until the unit runs.
    pub fn close(db: &Db) -> Self {
        let (opener, opened) = mpsc::channel();
        let (runner, runs) = mpsc::channel();
        let db = db.clone();
        let mut call: Pin<Box<dyn Future<Output = Result<()>> + Send>> = Box::pin(async move {
            db.write("gate", move |_: &mut Tx<'_>| {
                let _ = runner.send(());
                // An error means that the test is over.
                let _ = opened.recv();
                Ok(())
            })
            .await
        });
        assert!(is_queued(&mut call));
        runs.recv().unwrap();
        Self { opener, call }
    }

    pub async fn open(self) {
        self.opener.send(()).unwrap();
        self.call.await.unwrap();
    }
}
