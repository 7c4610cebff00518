//! The pure engine: events and the time go in, effects come out.
//!
//! It has no clock, no randomness, no runtime and no log, so a schedule of events at given times
//! always has the same effects. Between events nothing happens by itself: the owner sends
//! [`Event::Sweep`] at [`Engine::next_deadline`].
//!
//! Invariants, for each user:
//! - a connection is active or gone, and each active one has one lease;
//! - online means: at least one active connection, or else exactly one running grace;
//! - offline means: no active connection and no grace;
//! - what others are shown follows from that, from input and from the user's choice, and each change
//!   of it is one transition;
//! - the agenda has each user once, at their earliest deadline, if they have any.
//!
//! A [`User`] decides about one user; the engine keeps many, and knows who is due.

mod ahead;
mod arrive;
mod ended;
mod explain;
mod grace;
mod input;
mod lease;
mod leave;
mod micros;
mod rules;
mod stall;
mod user;

use crate::{
    Choice, CloseReason, ConnectionKey, Record, Registration, Settings, Transition,
    UserDiagnostics, UserPresence,
};
use protocol::{SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

pub(crate) use ahead::KNOWN_WITHIN;
pub use rules::{Rules, Tenant};
pub(crate) use stall::TOLERATED_LATENESS;
pub use user::User;

/// Decides about the users of one shard.
#[derive(Debug)]
pub struct Engine {
    rules: Rules,
    reaper_interval: Duration,
    /// Everybody who was online in this epoch: versions must not start again. Walked only where the
    /// order cannot show.
    users: HashMap<UserId, User>,
    /// When who is due, monotonic.
    agenda: BTreeSet<(Duration, UserId)>,
    /// In how many users a grace runs.
    graces: usize,
    /// When this engine last handled anything: it was not stopped then.
    awake_at: Duration,
}

/// The time of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// Since an origin of the process's own. All decisions rest on it; one that goes back counts as
    /// no time passed.
    #[serde(with = "micros")]
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
    /// The node that holds its socket still does; the socket was last heard of this long ago.
    Renewed(ConnectionKey, Duration),
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
            rules: Rules::of_one_node(&settings),
            reaper_interval: settings.reaper_interval,
            users: HashMap::new(),
            agenda: BTreeSet::new(),
            graces: 0,
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
        match event.user() {
            Some(user) => self.decide(user, event, now, &mut effects),
            None => {
                while let Some(user) = self.due(now.monotonic) {
                    self.decide(user, event, now, &mut effects);
                }
            }
        }
        effects
    }

    fn decide(&mut self, id: UserId, event: Event, now: Now, effects: &mut Vec<Effect>) {
        let user = match event {
            Event::Open(_) | Event::Choose(..) | Event::SessionEnded { .. } => {
                self.users.entry(id).or_default()
            }
            _ => match self.users.get_mut(&id) {
                Some(user) => user,
                None => return,
            },
        };
        let (deadline, had_grace) = (user.deadline(), user.grace.is_some());
        effects.extend(user.handle(id, event, now, &self.rules));
        if let Some(deadline) = deadline {
            self.agenda.remove(&(deadline, id));
        }
        if let Some(deadline) = user.deadline() {
            self.agenda.insert((deadline, id));
        }
        self.graces = self.graces - usize::from(had_grace) + usize::from(user.grace.is_some());
    }

    fn due(&self, now: Duration) -> Option<UserId> {
        let (deadline, user) = *self.agenda.first()?;
        (deadline <= now).then_some(user)
    }

    /// When the next [`Event::Sweep`] is wanted, on the monotonic time of [`Now`]; never, as long as
    /// nothing can run out.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Duration> {
        let look_in = if self.graces == 0 {
            self.reaper_interval
        } else {
            self.reaper_interval.min(stall::GRACE_WATCH)
        };
        let (deadline, _) = self.agenda.first()?;
        Some(*deadline.min(&(self.awake_at + look_in)))
    }

    /// What others are shown of a user.
    #[must_use]
    pub fn presence(&self, user: UserId) -> UserPresence {
        match self.users.get(&user) {
            Some(known) => known.presence(user),
            None => User::default().presence(user),
        }
    }

    /// Everything that decides about one user.
    #[must_use]
    pub fn diagnostics(&self, user: UserId, now: Now) -> UserDiagnostics {
        match self.users.get(&user) {
            Some(known) => known.diagnostics(user, now, &self.rules),
            None => User::default().diagnostics(user, now, &self.rules),
        }
    }
}

impl Event {
    /// Whom it is about; nobody in particular, when time has passed.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self {
            Self::Open(registration) => Some(registration.user),
            Self::Activity(key)
            | Self::Renewed(key, _)
            | Self::Input(key, _)
            | Self::Closing(key)
            | Self::Closed(key, _) => Some(key.user),
            Self::Choose(user, _) | Self::SessionEnded { user, .. } => Some(*user),
            Self::Sweep => None,
        }
    }
}
