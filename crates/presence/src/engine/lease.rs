//! A lease: a connection's right to count.

use std::time::Duration;

/// A connection's right to count, renewed by activity. Times are monotonic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    pub(super) last_activity: Duration,
    pub(super) deadline: Duration,
}

impl Lease {
    /// From the activity at `now`.
    pub(super) fn starting(now: Duration, pong_timeout: Duration) -> Self {
        Self {
            last_activity: now,
            deadline: now + pong_timeout,
        }
    }
}
