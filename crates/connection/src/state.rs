//! Everything that the machine remembers.

use crate::{
    Generation, Now, Outbox, Phase, Settings, Suspension, announce::Announcer, input::Input,
};
use protocol::{ChatId, Resume, Room, UserId};

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
    /// Whose presence is on screen.
    pub(crate) subscriptions: Vec<Room>,
    /// Read positions that wait for a connection.
    pub(crate) unread_marks: Vec<(ChatId, u64)>,
    pub(crate) input: Input,
    pub(crate) environment: Environment,
    /// When a page that was hidden a moment ago stops trying; nothing once it has been long hidden.
    pub(crate) hides_at: Option<u64>,
    /// Whether the sign-in was checked since the last welcome.
    pub(crate) auth_retry_used: bool,
    pub(crate) planned: Option<Planned>,
    /// Whether messages were missed that will not be replayed; survives a loss, for the resume
    /// token no longer tells of them.
    pub(crate) missed: Option<Missed>,
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

/// Messages were missed, and what is on screen is being fetched afresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    /// When to ask for it again.
    pub(crate) ask_again_at: u64,
    /// Whether sending waits for it.
    pub(crate) holds_sending: bool,
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
            subscriptions: Vec::new(),
            unread_marks: Vec::new(),
            input: Input::default(),
            environment,
            hides_at: None,
            auth_retry_used: false,
            planned: None,
            missed: None,
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

    /// Since when the connection is down and somebody could notice, in monotonic milliseconds.
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
        if matches!(
            self.phase,
            Phase::Idle
                | Phase::Terminal(_)
                | Phase::Suspended {
                    why: Suspension::Frozen,
                    ..
                }
        ) {
            return None;
        }
        let missed = self.missed.filter(|_| self.phase.is_online());
        earliest([
            self.phase.deadline(settings),
            self.hides_at,
            self.planned.map(|planned| planned.at),
            missed.map(|missed| missed.ask_again_at),
            self.outbox.next_deadline(self.may_flush(), settings),
            self.announcer.next_deadline(self, settings),
            self.last_now
                .map(|now| now.monotonic_ms + settings.watchdog_ms),
        ])
    }

    /// Whether messages may be sent.
    pub(crate) fn may_flush(&self) -> bool {
        self.phase.is_online() && !self.missed.is_some_and(|missed| missed.holds_sending)
    }
}

fn earliest<const N: usize>(deadlines: [Option<u64>; N]) -> Option<u64> {
    deadlines.into_iter().flatten().min()
}
