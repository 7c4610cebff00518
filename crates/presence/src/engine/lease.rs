//! A lease: a connection's right to count.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A connection's right to count, renewed by activity. Times are monotonic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lease {
    #[serde(with = "super::micros")]
    pub(super) last_activity: Duration,
    #[serde(with = "super::micros")]
    pub(super) deadline: Duration,
}

impl Lease {
    /// From the activity at `now`.
    pub(super) fn starting(now: Duration, length: Duration) -> Self {
        Self {
            last_activity: now,
            deadline: now + length,
        }
    }
}
