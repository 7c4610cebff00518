//! A grace: how long the last close is held back.

use super::Now;
use crate::{CloseReason, Registration};
use protocol::SessionId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The user's grace: runs from the moment at which no connection was active any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grace {
    pub(super) since: Now,
    /// Monotonic: offline from then on.
    #[serde(with = "super::micros")]
    pub(super) deadline: Duration,
    /// The connection that was the last, and why it went.
    pub(super) last: Registration,
    pub(super) reason: CloseReason,
}

/// A session's own grace, which may run while other sessions are connected. It decides one thing:
/// whether the end of another session leaves somebody to wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Departure {
    pub(super) session: SessionId,
    /// Monotonic.
    #[serde(with = "super::micros")]
    pub(super) deadline: Duration,
}
