//! Where the connection stands. All times are monotonic milliseconds.

use crate::{Generation, Settings};

/// Where the connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not started.
    Idle,
    /// A socket is opening.
    Connecting {
        /// Which.
        generation: Generation,
        /// Attempts made since the last stable connection; 0 for the very first.
        attempt: u32,
        /// Since when.
        since: u64,
    },
    /// A socket is open; `hello` was sent.
    Handshaking {
        /// Which.
        generation: Generation,
        /// As in `Connecting`.
        attempt: u32,
        /// Since when.
        since: u64,
    },
    /// The server said welcome.
    Online {
        /// Which socket.
        generation: Generation,
        /// As in `Connecting`; forgotten once stable.
        attempt: u32,
        /// Since when.
        since: u64,
        /// When something last arrived.
        last_rx: u64,
        /// A sign of life that was asked for.
        probe: Option<Probe>,
        /// Whether a pong has arrived.
        has_pong: bool,
        /// Whether the connection has proved itself.
        is_stable: bool,
    },
    /// Waiting for the next attempt.
    Backoff {
        /// The attempt that will be made.
        attempt: u32,
        /// When.
        retry_at: u64,
    },
    /// Not trying, for a reason that uses up no attempt.
    Suspended {
        /// As in `Connecting`.
        attempt: u32,
        /// Why.
        why: Suspension,
        /// When to try all the same; nothing while frozen, for a frozen page has no timers.
        poll_at: Option<u64>,
    },
    /// All attempts failed.
    Exhausted,
    /// Over, unless the person asks for more.
    Terminal(Terminal),
}

/// A sign of life that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// When it is overdue.
    pub deadline: u64,
    /// Whether there was a reason to doubt the connection, so that it cannot be called connected
    /// before the answer.
    pub is_doubtful: bool,
}

/// Why nothing is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspension {
    /// The browser says that there is no network.
    Offline,
    /// Nobody looks.
    Hidden,
    /// The page is in the back/forward cache.
    Frozen,
}

/// Why it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// The sign-in does not hold.
    SignedOut,
    /// The server refuses this page.
    Forbidden,
    /// The server speaks another version.
    Version,
    /// The server, or this client, closed for good.
    Closed,
}

impl Phase {
    /// The socket that this phase is about.
    #[must_use]
    pub const fn generation(&self) -> Option<Generation> {
        match self {
            Self::Connecting { generation, .. }
            | Self::Handshaking { generation, .. }
            | Self::Online { generation, .. } => Some(*generation),
            _ => None,
        }
    }

    /// Attempts made since the last stable connection.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        match self {
            Self::Connecting { attempt, .. }
            | Self::Handshaking { attempt, .. }
            | Self::Online { attempt, .. }
            | Self::Backoff { attempt, .. }
            | Self::Suspended { attempt, .. } => *attempt,
            Self::Idle | Self::Exhausted | Self::Terminal(_) => 0,
        }
    }

    /// When time alone changes something.
    pub(crate) fn deadline(&self, settings: &Settings) -> Option<u64> {
        match self {
            Self::Idle | Self::Exhausted | Self::Terminal(_) => None,
            Self::Connecting { since, .. } => Some(since + settings.connect_timeout_ms),
            Self::Handshaking { since, .. } => Some(since + settings.handshake_timeout_ms),
            Self::Online {
                probe: Some(probe), ..
            } => Some(probe.deadline),
            Self::Online {
                since,
                last_rx,
                is_stable,
                ..
            } => {
                let ping = last_rx + settings.ping_interval_ms;
                let stable = since + settings.stable_ms;
                Some(if *is_stable { ping } else { ping.min(stable) })
            }
            Self::Backoff { retry_at, .. } => Some(*retry_at),
            Self::Suspended { poll_at, .. } => *poll_at,
        }
    }

    /// Whether the server has said welcome.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        matches!(self, Self::Online { .. })
    }
}
