//! Carries "last seen" to the store in batches: never a write per heartbeat.

use protocol::{Timestamp, UserId};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::Store;
use tokio::sync::Notify;

/// How long writes are gathered; also the pause after a failed one.
const BATCH: Duration = Duration::from_secs(2);

/// What waits to be stored: at most one time per person.
#[derive(Debug)]
pub struct LastSeen {
    store: Store,
    waiting: Mutex<HashMap<UserId, Timestamp>>,
    arrived: Notify,
}

impl LastSeen {
    /// Nothing waits yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            waiting: Mutex::default(),
            arrived: Notify::new(),
        }
    }

    /// Remembers when people were last seen; the newest time of each counts.
    pub fn record(&self, seen: impl IntoIterator<Item = (UserId, Timestamp)>) {
        let mut waiting = self.waiting();
        for (user, at) in seen {
            let newest = waiting.entry(user).or_insert(at);
            *newest = at.max(*newest);
        }
        if !waiting.is_empty() {
            self.arrived.notify_one();
        }
    }

    /// Stores batch after batch. What a failing store refuses is kept and tried again.
    pub async fn run(&self) {
        loop {
            self.arrived.notified().await;
            tokio::time::sleep(BATCH).await;
            self.flush().await;
        }
    }

    /// Stores what waits, now.
    pub async fn flush(&self) {
        let batch: Vec<_> = self.waiting().drain().collect();
        if batch.is_empty() {
            return;
        }
        if let Err(error) = self.store.record_last_seen(&batch).await {
            tracing::warn!(%error, people = batch.len(), "last_seen_not_stored");
            self.record(batch);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<UserId, Timestamp>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
