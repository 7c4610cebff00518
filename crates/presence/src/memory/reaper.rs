//! Makes time pass in a directory: sleeps until the next deadline, and is woken only by an earlier
//! one.

use super::{MemoryDirectory, lock};
use crate::Event;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::time::timeout_at;

impl MemoryDirectory {
    /// Lets leases and graces run out, until the future is dropped.
    ///
    /// On paused tokio time, let time pass by `sleep`, which stops at each deadline on the way.
    /// `advance` jumps over them: for the directory that is a stop of the process.
    pub async fn run(self: Arc<Self>) -> Infallible {
        loop {
            let earlier_deadline = self.earlier_deadline.notified();
            match self.next_deadline() {
                // Woken by time or by an earlier deadline: either way the sweep sees what is due.
                Some(deadline) => drop(timeout_at(self.origin + deadline, earlier_deadline).await),
                None => earlier_deadline.await,
            }
            self.sweep();
        }
    }

    fn next_deadline(&self) -> Option<Duration> {
        self.shards
            .iter()
            .filter_map(|shard| lock(shard).next_deadline())
            .min()
    }

    fn sweep(&self) {
        for shard in &self.shards {
            let effects = {
                let mut shard = lock(shard);
                let now = self.origin.elapsed();
                if shard.next_deadline().is_none_or(|deadline| now < deadline) {
                    continue;
                }
                self.apply_to(&mut shard, Event::Sweep)
            };
            self.note(&effects);
        }
    }
}
