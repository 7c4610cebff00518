//! A transition: a user's change between online and offline.

use protocol::{Timestamp, UserId};
use std::fmt;

/// A user's change between online and offline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Who.
    pub user: UserId,
    /// Online or offline from now on.
    pub is_online: bool,
    /// How many transitions this user has made in this epoch, this one included. The first is to
    /// online, so an odd version is online and an even one offline.
    pub version: u64,
    /// When the last connection went; absent while online.
    pub last_seen: Option<Timestamp>,
    /// When it was decided.
    pub at: Timestamp,
    /// The rule that decided.
    pub reason: TransitionReason,
}

/// The rule that decided a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TransitionReason {
    /// A first connection opened.
    Connected,
    /// No connection was active for the whole grace.
    GraceExpired,
    /// The last of the user's sessions ended.
    SessionEnded,
}

impl TransitionReason {
    /// The stable name, for the log and for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::GraceExpired => "grace_expired",
            Self::SessionEnded => "session_ended",
        }
    }
}

impl fmt::Display for TransitionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A user's presence at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserPresence {
    /// Who.
    pub user: UserId,
    /// Whether a connection is active, or the grace after the last one still runs.
    pub is_online: bool,
    /// When the last connection went; absent while online, and for who was not seen in this epoch.
    pub last_seen: Option<Timestamp>,
    /// The version of the newest transition; 0 for who was not seen in this epoch.
    pub version: u64,
}
