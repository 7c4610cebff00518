//! The pure engine: events and the time go in, effects come out.
//!
//! It has no clock, no randomness, no runtime and no log, so a schedule of events at given times
//! always has the same effects. Between events nothing happens by itself: the owner sends
//! [`Event::Sweep`] at [`Engine::next_deadline`].
//!
//! Invariants, for each user:
//! - a connection is active or gone, and each active one has one lease on the agenda;
//! - online means: at least one active connection, or else exactly one running grace;
//! - offline means: no active connection and no grace;
//! - what others are shown follows from that, from input and from the user's choice, and each change
//!   of it is one transition.

mod agenda;
mod arrive;
mod ended;
mod explain;
mod grace;
mod input;
mod lease;
mod leave;
mod stall;
mod user;

use crate::{
    Choice, CloseReason, ConnectionKey, ConnectionState, Lifecycle, Record, Registration, Settings,
    Transition, UserPresence,
};
use agenda::Agenda;
use ended::EndedSessions;
use protocol::{SessionId, Timestamp, UserId};
use std::{collections::HashMap, time::Duration};
use user::{Connection, User};

/// Decides about the users of one shard.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    /// Everybody who was online in this epoch: versions must not start again. Walked only where the
    /// order cannot show.
    users: HashMap<UserId, User>,
    agenda: Agenda,
    ended: EndedSessions,
    /// When this engine last handled anything: it was not stopped then.
    awake_at: Duration,
}

/// The time of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Since an origin of the process's own. All decisions rest on it; one that goes back counts as
    /// no time passed.
    pub monotonic: Duration,
    /// For people to read. Nothing is decided by it.
    pub wall: Timestamp,
}

/// What happened. Events that name what is unknown, or already gone, have no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A socket asks to count.
    Open(Registration),
    /// Something arrived from it: a pong or any other frame.
    Activity(ConnectionKey),
    /// Input was given there this long ago; nothing, when it never tells. See [`input`].
    Input(ConnectionKey, Option<Duration>),
    /// A user has chosen what to show, or what they chose before is known from now on.
    Choose(UserId, Choice),
    /// Its closing handshake has begun, from either side.
    Closing(ConnectionKey),
    /// It has ended.
    Closed(ConnectionKey, CloseReason),
    /// A session was signed out, revoked, or has expired.
    SessionEnded {
        /// Whose.
        user: UserId,
        /// Which.
        session: SessionId,
    },
    /// Time has passed: see what has run out.
    Sweep,
}

/// What follows from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The answer to [`Event::Open`], exactly one each.
    Answer(Result<Opened, OpenRefused>),
    /// A line for the structured log.
    Record(Record),
    /// A connection no longer counts by the engine's own decision: its socket must be closed.
    CloseConnection {
        /// Which.
        key: ConnectionKey,
        /// Why.
        reason: CloseReason,
    },
    /// Others are shown something else of a user.
    Transition(Transition),
}

/// A connection counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The user's active connections, this one included.
    pub active_count: usize,
    /// It ended a grace, and nobody else will hear of it.
    pub reconnected: bool,
}

/// A connection may not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenRefused {
    /// Its session ended while it was on its way here.
    #[error("the session has ended")]
    SessionEnded,
}

impl Engine {
    /// Nobody is online yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            users: HashMap::new(),
            agenda: Agenda::default(),
            ended: EndedSessions::default(),
            awake_at: Duration::ZERO,
        }
    }

    /// Decides what follows from an event.
    pub fn handle(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let now = Now {
            monotonic: now.monotonic.max(self.awake_at),
            ..now
        };
        self.excuse_a_stall(now.monotonic);
        self.awake_at = now.monotonic;

        let mut effects = Vec::new();
        match event {
            Event::Open(registration) => self.open(registration, now, &mut effects),
            Event::Activity(key) => self.activity(key, now.monotonic),
            Event::Input(key, idle) => self.input(key, idle, now, &mut effects),
            Event::Choose(user, choice) => self.choose(user, choice, now, &mut effects),
            Event::Closing(key) => self.closing(key, now.monotonic),
            Event::Closed(key, reason) => self.closed(key, reason, now, &mut effects),
            Event::SessionEnded { user, session } => {
                self.session_ended(user, session, now, &mut effects);
            }
            Event::Sweep => self.sweep(now, &mut effects),
        }
        effects
    }

    /// When the next [`Event::Sweep`] is wanted, on the monotonic time of [`Now`]; never, as long as
    /// nothing can run out.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let look_in = if self.agenda.graces.is_empty() {
            self.settings.reaper_interval
        } else {
            self.settings.reaper_interval.min(stall::GRACE_WATCH)
        };
        Some(self.agenda.first()?.min(self.awake_at + look_in))
    }

    /// What others are shown of a user.
    #[must_use]
    pub fn presence(&self, user: UserId) -> UserPresence {
        let known = self.users.get(&user);
        let last = known.and_then(|user| user.last);
        let at_first = known.map(|user| user.at_first).unwrap_or_default();
        UserPresence {
            user,
            shown: last.map_or(at_first, |last| last.shown),
            last_seen: last.and_then(|last| last.last_seen),
            version: last.map_or(0, |last| last.version),
        }
    }

    fn open_connection(&mut self, key: ConnectionKey) -> Option<&mut Connection> {
        self.users
            .get_mut(&key.user)?
            .connection_mut(key.connection)
            .filter(|connection| connection.state == ConnectionState::Open)
    }
}

fn record(
    event: Lifecycle,
    registration: &Registration,
    active_count: usize,
    reason: &'static str,
) -> Effect {
    Effect::Record(Record {
        event,
        key: registration.key(),
        session: registration.session,
        active_count,
        reason,
    })
}
