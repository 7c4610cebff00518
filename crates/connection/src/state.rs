//! Everything that the machine remembers.

use crate::{Generation, Now, Outbox, Phase, Settings, Suspension, announce::Announcer};
use protocol::{ChatId, Resume, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// What the browser says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Whether it thinks that there is a network: a hint, not proof.
    pub has_network: bool,
    /// Whether the page can be seen.
    pub is_visible: bool,
}

/// The state of the machine.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    pub(crate) phase: Phase,
    pub(crate) next_generation: u64,
    pub(crate) resume: Option<Resume>,
    pub(crate) me: Option<UserId>,
    pub(crate) outbox: Outbox,
    pub(crate) subscriptions: BTreeSet<ChatId>,
    /// Read positions that wait for a connection.
    pub(crate) unread_marks: BTreeMap<ChatId, u64>,
    pub(crate) environment: Environment,
    /// When a page that was hidden a moment ago stops trying.
    pub(crate) hides_at: Option<u64>,
    /// Whether the sign-in was checked since the last welcome.
    pub(crate) auth_retry_used: bool,
    pub(crate) planned: Option<Planned>,
    /// Sending waits for missed messages until then.
    pub(crate) resyncing_until: Option<u64>,
    pub(crate) announcer: Announcer,
    pub(crate) last_now: Option<Now>,
    pub(crate) last_attempt_at: Option<u64>,
    pub(crate) next_ping_id: u64,
}

/// A change to a new socket that the server asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Planned {
    /// When to open the new socket; while it opens, when it has failed.
    pub(crate) at: u64,
    /// The new socket, and whether it said hello.
    pub(crate) opening: Option<(Generation, bool)>,
    /// New sockets that failed.
    pub(crate) failures: u32,
}

impl State {
    /// A machine that has not started. `resume` is where the page was rendered.
    #[must_use]
    pub fn new(environment: Environment, resume: Option<Resume>) -> Self {
        Self {
            phase: Phase::Idle,
            next_generation: 1,
            resume,
            me: None,
            outbox: Outbox::default(),
            subscriptions: BTreeSet::new(),
            unread_marks: BTreeMap::new(),
            environment,
            hides_at: None,
            auth_retry_used: false,
            planned: None,
            resyncing_until: None,
            announcer: Announcer::default(),
            last_now: None,
            last_attempt_at: None,
            next_ping_id: 1,
        }
    }

    /// Where the connection stands.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// What the browser says of itself.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// Messages on their way.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Where a new connection would go on.
    #[must_use]
    pub const fn resume(&self) -> Option<Resume> {
        self.resume
    }

    /// Who is signed in, once welcomed.
    #[must_use]
    pub const fn me(&self) -> Option<UserId> {
        self.me
    }

    /// Since when the connection is down, in monotonic milliseconds.
    #[must_use]
    pub const fn down_since(&self) -> Option<u64> {
        self.announcer.down_since
    }

    /// The sockets that may be open: one, or two while one replaces the other.
    pub fn sockets(&self) -> impl Iterator<Item = Generation> {
        let opening = self
            .planned
            .and_then(|planned| planned.opening)
            .map(|(new, _)| new);
        self.phase.generation().into_iter().chain(opening)
    }

    /// When [`crate::Event::Tick`] is due, in monotonic milliseconds; nothing when only an event can
    /// change anything.
    #[must_use]
    pub fn next_deadline(&self, settings: &Settings) -> Option<u64> {
        let is_online = self.phase.is_online();
        let phase = match &self.phase {
            Phase::Idle | Phase::Terminal(_) => return None,
            Phase::Suspended {
                why: Suspension::Frozen,
                ..
            } => return None,
            Phase::Exhausted => {
                return earliest([
                    self.outbox.next_deadline(false, settings),
                    self.announcer.next_deadline(self, settings),
                ]);
            }
            Phase::Connecting { since, .. } => Some(since + settings.connect_timeout_ms),
            Phase::Handshaking { since, .. } => Some(since + settings.handshake_timeout_ms),
            Phase::Backoff { retry_at, .. } => Some(*retry_at),
            Phase::Suspended { poll_at, .. } => *poll_at,
            Phase::Online {
                probe: Some(probe), ..
            } => Some(probe.deadline),
            Phase::Online {
                since,
                last_rx,
                is_stable,
                ..
            } => {
                let ping = last_rx + settings.ping_interval_ms;
                let stable = since + settings.stable_ms;
                Some(if *is_stable { ping } else { ping.min(stable) })
            }
        };
        earliest([
            phase,
            self.hides_at.filter(|_| !is_online),
            self.planned.map(|planned| planned.at),
            self.resyncing_until,
            self.outbox
                .next_deadline(is_online && self.resyncing_until.is_none(), settings),
            self.announcer.next_deadline(self, settings),
            self.last_now
                .map(|now| now.monotonic_ms + settings.watchdog_ms),
        ])
    }
}

fn earliest<const N: usize>(deadlines: [Option<u64>; N]) -> Option<u64> {
    deadlines.into_iter().flatten().min()
}
