//! The pure engine: events and the time go in, effects come out.
//!
//! It has no clock, no randomness, no runtime and no log, so a schedule of events at given times
//! always has the same effects. Between events nothing happens by itself: the owner sends
//! [`Event::Sweep`] at [`Engine::next_deadline`].
//!
//! Invariants, for each user:
//! - a connection is active or gone, and each active one has one lease on the agenda;
//! - online means: at least one active connection, or else exactly one running grace;
//! - offline means: no active connection and no grace.

mod agenda;
mod ended;
mod explain;
mod grace;
mod lease;
mod stall;
mod user;

use crate::{
    CloseReason, ConnectionKey, ConnectionState, Lifecycle, Record, Registration, Settings,
    Transition, TransitionReason, UserPresence,
};
use agenda::Agenda;
use ended::EndedSessions;
use grace::Grace;
use lease::Lease;
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
    /// A user went online or offline.
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

/// How a connection ends.
#[derive(Clone, Copy)]
enum End {
    /// Its socket's task reported it.
    Reported(CloseReason),
    /// Its session ended.
    WithSession,
    /// Its lease ran out.
    WithLease,
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

    /// A user's presence.
    #[must_use]
    pub fn presence(&self, user: UserId) -> UserPresence {
        let last = self.users.get(&user).and_then(|user| user.last);
        UserPresence {
            user,
            is_online: last.is_some_and(|last| last.is_online),
            last_seen: last.and_then(|last| last.last_seen),
            version: last.map_or(0, |last| last.version),
        }
    }

    fn open(&mut self, registration: Registration, now: Now, effects: &mut Vec<Effect>) {
        if self.ended.contains(registration.session, now.monotonic) {
            effects.push(Effect::Answer(Err(OpenRefused::SessionEnded)));
            return;
        }
        let user = self.users.entry(registration.user).or_default();
        let mut reconnected = false;
        if user.connection(registration.connection).is_none() {
            let lease = Lease::starting(now.monotonic, self.settings.pong_timeout);
            self.agenda.add_lease(registration.key(), &lease);
            user.insert(Connection {
                registration,
                state: ConnectionState::Open,
                opened: now,
                lease,
            });
            user.stop_awaiting(registration.session);
            let count = user.connections.len();
            effects.push(record(
                Lifecycle::ConnectionEstablished,
                &registration,
                count,
                "opened",
            ));
            if let Some(grace) = user.grace.take() {
                self.agenda.remove_grace(registration.user, &grace);
                reconnected = true;
                effects.push(record(
                    Lifecycle::UserReconnected,
                    &registration,
                    count,
                    "within_grace",
                ));
            } else if !user.is_online() {
                let reason = TransitionReason::Connected;
                effects.push(record(
                    Lifecycle::PresenceOnline,
                    &registration,
                    count,
                    reason.as_str(),
                ));
                effects.push(user.transition(registration.user, None, reason, now));
            }
        }
        effects.push(Effect::Answer(Ok(Opened {
            active_count: user.connections.len(),
            reconnected,
        })));
    }

    /// A closing connection's lease is not renewed, or a peer that never finishes its closing
    /// handshake but keeps sending would count for ever.
    fn activity(&mut self, key: ConnectionKey, now: Duration) {
        let lease = Lease::starting(now, self.settings.pong_timeout);
        if let Some(connection) = self.open_connection(key) {
            let old = std::mem::replace(&mut connection.lease, lease);
            self.agenda.replace_lease(key, &old, &lease);
        }
    }

    fn closing(&mut self, key: ConnectionKey, now: Duration) {
        let pong_timeout = self.settings.pong_timeout;
        if let Some(connection) = self.open_connection(key) {
            connection.state = ConnectionState::Closing;
            let old = connection.lease;
            connection.lease.deadline = now + pong_timeout;
            let new = connection.lease;
            self.agenda.replace_lease(key, &old, &new);
        }
    }

    fn open_connection(&mut self, key: ConnectionKey) -> Option<&mut Connection> {
        self.users
            .get_mut(&key.user)?
            .connection_mut(key.connection)
            .filter(|connection| connection.state == ConnectionState::Open)
    }

    fn closed(
        &mut self,
        key: ConnectionKey,
        reason: CloseReason,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.remove(key, End::Reported(reason), now, effects);
        if self.settings.offline_grace.is_zero() {
            self.go_offline(key.user, TransitionReason::GraceExpired, now, effects);
        }
    }

    fn session_ended(
        &mut self,
        user_id: UserId,
        session: SessionId,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.ended.insert(session, now.monotonic);
        let Some(user) = self.users.get(&user_id) else {
            return;
        };
        for key in user.connections_of(session) {
            self.remove(key, End::WithSession, now, effects);
        }
        let Some(user) = self.users.get_mut(&user_id) else {
            return;
        };
        user.stop_awaiting(session);
        if !user.awaits_a_session(now.monotonic) {
            self.go_offline(user_id, TransitionReason::SessionEnded, now, effects);
        }
    }

    fn sweep(&mut self, now: Now, effects: &mut Vec<Effect>) {
        while let Some(key) = self.agenda.pop_due_lease(now.monotonic) {
            self.remove(key, End::WithLease, now, effects);
        }
        while let Some(user) = self.agenda.pop_due_grace(now.monotonic) {
            self.go_offline(user, TransitionReason::GraceExpired, now, effects);
        }
    }

    /// The only way out for a connection; names it, so that no other can be meant.
    fn remove(&mut self, key: ConnectionKey, end: End, now: Now, effects: &mut Vec<Effect>) {
        let Some(user) = self.users.get_mut(&key.user) else {
            return;
        };
        let Some(connection) = user.remove(key.connection) else {
            return;
        };
        self.agenda.remove_lease(key, &connection.lease);

        let reason = match (end, connection.state) {
            (End::Reported(reason), _) => reason,
            (End::WithSession, _) => CloseReason::SessionEnded,
            (End::WithLease, ConnectionState::Open) => CloseReason::PongTimeout,
            (End::WithLease, ConnectionState::Closing) => CloseReason::CloseTimeout,
        };
        let last = connection.registration;
        let count = user.connections.len();
        effects.push(match end {
            End::Reported(_) => record(Lifecycle::WsClosed, &last, count, reason.as_str()),
            End::WithSession | End::WithLease => Effect::CloseConnection { key, reason },
        });
        effects.push(record(
            Lifecycle::ActiveSocketClosed,
            &last,
            count,
            reason.as_str(),
        ));

        let deadline = now.monotonic + self.settings.offline_grace;
        user.departed(last.session, now.monotonic, deadline);
        if count == 0 {
            effects.push(record(
                Lifecycle::UserDisconnected,
                &last,
                count,
                reason.as_str(),
            ));
            let grace = Grace {
                since: now,
                deadline,
                last,
                reason,
            };
            self.agenda.add_grace(key.user, &grace);
            user.grace = Some(grace);
        }
    }

    /// Ends a user's grace with the transition to offline. Without a running grace there is nothing
    /// to end: a connection is active, or the user is offline already.
    fn go_offline(
        &mut self,
        user_id: UserId,
        reason: TransitionReason,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Some(user) = self.users.get_mut(&user_id) else {
            return;
        };
        let Some(grace) = user.grace.take() else {
            return;
        };
        self.agenda.remove_grace(user_id, &grace);
        user.departures = Vec::new();
        effects.push(record(
            Lifecycle::PresenceOffline,
            &grace.last,
            0,
            reason.as_str(),
        ));
        effects.push(user.transition(user_id, Some(grace.since.wall), reason, now));
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
