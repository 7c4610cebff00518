//! The time since the load began.

use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The time since the load began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// Begins now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago that is.
    pub(crate) fn now(self) -> Duration {
        self.0.elapsed()
    }

    /// Waits for a time; returns how late it has become, which is little unless this machine has more to
    /// do than it can.
    pub(crate) async fn until(self, at: Duration) -> Duration {
        sleep_until(self.0 + at).await;
        self.now().saturating_sub(at)
    }
}
