//! Writes when keys were last used, beside the requests and after the last of them.

use std::sync::Arc;
use std::time::Duration;

use muster_app::keys::write_last_uses;

use crate::Api;

/// How often it is written: at most once a minute per key.
const WRITTEN_EVERY: Duration = Duration::from_mins(1);

/// Writes now and then, until it is dropped.
pub async fn keep_writing(api: Arc<Api>) {
    // Not at once: there is nothing to write yet.
    let mut beat = tokio::time::interval_at(tokio::time::Instant::now() + WRITTEN_EVERY, WRITTEN_EVERY);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        write(&api).await;
    }
}

/// Writes what was noted since the last time. What cannot be written is dropped: the next use counts again.
pub async fn write(api: &Api) {
    let (uses, dropped) = api.last_uses.take();
    if dropped > 0 {
        tracing::warn!(dropped, "too many keys are in use at once; for some it was not noted when");
    }
    if uses.is_empty() {
        return;
    }
    let written = api.app.db.write("keys.last_used", move |tx| write_last_uses(tx, &uses)).await;
    if let Err(error) = written {
        tracing::warn!(%error, "it could not be written when keys were last used");
    }
}
