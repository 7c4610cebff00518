//! A transition: a change of what others are shown of a user.

use protocol::{Availability, Mode, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What others are shown of a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Connected, or within the grace, and not invisible.
    pub is_online: bool,
    /// What more there is to say of somebody who is online.
    pub availability: Option<Availability>,
    /// Stands for what they say of themselves: another text, another number.
    pub note: u64,
}

/// What a user has chosen to show. Kept where it lasts, and told to the directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// How they want to be shown while connected.
    pub mode: Mode,
    /// See [`Shown::note`].
    pub note: u64,
    /// Grows with each choice; an older one never overwrites a newer one.
    pub version: u64,
}

/// A change of what others are shown of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Who.
    pub user: UserId,
    /// What was shown before.
    pub before: Shown,
    /// What is shown from now on.
    pub shown: Shown,
    /// How many transitions this user has made in this epoch, this one included.
    pub version: u64,
    /// When the user was last shown online; absent while they are.
    pub last_seen: Option<Timestamp>,
    /// When it was decided.
    pub at: Timestamp,
    /// The rule that decided.
    pub reason: TransitionReason,
}

impl Transition {
    /// Whether the user is shown online from now on.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        self.shown.is_online
    }
}

/// The rule that decided a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransitionReason {
    /// A first connection opened.
    Connected,
    /// No connection was active for the whole grace.
    GraceExpired,
    /// The last of the user's sessions ended.
    SessionEnded,
    /// No input came from any connection for a while.
    Idle,
    /// Input came again.
    Input,
    /// The user chose to be shown otherwise.
    Chosen,
}

impl TransitionReason {
    /// The stable name, for the log and for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::GraceExpired => "grace_expired",
            Self::SessionEnded => "session_ended",
            Self::Idle => "idle",
            Self::Input => "input",
            Self::Chosen => "chosen",
        }
    }
}

impl fmt::Display for TransitionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What others are shown of a user at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserPresence {
    /// Who.
    pub user: UserId,
    /// What is shown.
    pub shown: Shown,
    /// When the user was last shown online; absent while they are, and for who was not in this
    /// epoch.
    pub last_seen: Option<Timestamp>,
    /// The version of the newest transition; 0 for who made none in this epoch.
    pub version: u64,
    /// When this was true, if it is not known to be so still.
    pub as_of: Option<Timestamp>,
}

impl UserPresence {
    /// Whether the user is shown online.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        self.shown.is_online
    }
}
