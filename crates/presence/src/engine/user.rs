//! A user: the active connections, the running grace, what was chosen, the last transition.

use super::{
    Effect, Event, Now, Rules, ended::EndedSessions, grace::Departure, grace::Grace, lease::Lease,
    micros,
};
use crate::{
    Choice, ConnectionKey, ConnectionState, Lifecycle, Record, Registration, Shown, Transition,
    TransitionReason, UserPresence,
};
use protocol::{Availability, ConnectionId, Mode, SessionId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// More than a person has sockets; past it the oldest goes without its last line in the log.
const GIVEN_UP: usize = 64;

/// Everything that decides about one user. It does not know whose it is: whoever keeps it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// The active ones, by id: few, and the newest id is mostly the largest.
    pub(super) connections: Vec<Connection>,
    /// Runs exactly while no connection is active and the user is still online.
    pub(super) grace: Option<Grace>,
    /// Sessions that went without signing out, and may be on their way back.
    pub(super) departures: Vec<Departure>,
    /// Sessions that ended lately.
    pub(super) ended: EndedSessions,
    /// Sockets that presence gave up on and whose tasks have not reported their end: the last line
    /// of each in the log is still to come.
    given_up: Vec<Registration>,
    /// Connected or within the grace; and the rule by which that came to be, once it has changed.
    pub(super) is_online: bool,
    pub(super) decided_by: Option<TransitionReason>,
    /// When input was last reported, monotonic; known on, also while the user is offline.
    #[serde(with = "micros::optional")]
    pub(super) last_input: Option<Duration>,
    /// When the user is away unless input comes.
    #[serde(with = "micros::optional")]
    pub(super) away_due: Option<Duration>,
    pub(super) is_away: bool,
    /// What the user has chosen, once that is known.
    pub(super) choice: Option<Choice>,
    /// What others are shown before the first transition.
    pub(super) at_first: Shown,
    /// What others know, or will in a moment.
    pub(super) last: Option<Transition>,
    /// Versions that others may have been told before.
    versions_before: u64,
}

/// An active connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Connection {
    pub(super) registration: Registration,
    pub(super) state: ConnectionState,
    pub(super) opened: Now,
    pub(super) lease: Lease,
    /// It reports no input: whoever it belongs to is there while it is open.
    pub(super) is_constant: bool,
}

impl User {
    /// Others may have been told versions up to this one, whatever is known of it here: the next one
    /// is larger.
    pub fn skip_versions(&mut self, versions: u64) {
        self.versions_before = self.versions_before.max(versions);
    }

    /// Others were told something newer than is known here, which is from before; gives what they are
    /// to be told now.
    pub fn recall(&mut self, told: &UserPresence, now: Now) -> Option<Effect> {
        self.last = Some(Transition {
            user: told.user,
            before: self.told(),
            shown: told.shown,
            version: told.version,
            last_seen: told.last_seen,
            at: now.wall,
            reason: TransitionReason::GraceExpired,
        });
        let reason = if self.is_online {
            TransitionReason::Connected
        } else {
            TransitionReason::GraceExpired
        };
        self.settle(told.user, now.wall, reason, now)
    }

    /// Whether others were told something newer than is known here, or something else at the very same
    /// time.
    #[must_use]
    pub fn is_behind(&self, told: &UserPresence) -> bool {
        let known = self.last.map_or(0, |last| last.version);
        told.version > known || told.version == known && told.shown != self.told()
    }

    /// Whether the user is connected, or was a moment ago; whatever others are shown.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        self.is_online
    }

    /// Decides what follows from an event about this user, or from the time that has passed.
    pub fn handle(&mut self, id: UserId, event: Event, now: Now, rules: &Rules) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Open(registration) => self.open(registration, now, rules, &mut effects),
            Event::Activity(key) => self.activity(key, now.monotonic, rules),
            Event::Renewed(key, since) => self.renewed(key, since, now.monotonic, rules),
            Event::Input(key, idle) => self.input(key, idle, now, rules, &mut effects),
            Event::Choose(_, choice) => self.choose(id, choice, now, &mut effects),
            Event::Closing(key) => self.closing(key, now.monotonic, rules),
            Event::Closed(key, reason) => self.closed(key, reason, now, rules, &mut effects),
            Event::SessionEnded { session, .. } => {
                self.session_ended(id, session, now, rules, &mut effects);
            }
            Event::Sweep => self.sweep(id, now, rules, &mut effects),
        }
        effects
    }

    /// When something runs out, monotonic; never, as long as nothing can.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let leases = self.connections.iter().map(|it| it.lease.deadline);
        let grace = self.grace.iter().map(|it| it.deadline);
        leases.chain(grace).chain(self.away_due).min()
    }

    /// What others are shown of this user.
    #[must_use]
    pub fn presence(&self, id: UserId) -> UserPresence {
        UserPresence {
            user: id,
            shown: self.told(),
            last_seen: self.last.and_then(|last| last.last_seen),
            version: self.version(),
            as_of: None,
        }
    }

    /// Whether this connection counts.
    #[must_use]
    pub fn holds(&self, registration: &Registration) -> bool {
        self.connection(registration.connection).is_some()
    }

    /// The connections that count.
    pub fn registrations(&self) -> impl Iterator<Item = &Registration> {
        self.connections.iter().map(|it| &it.registration)
    }

    /// When something last arrived from one of the connections, monotonic.
    #[must_use]
    pub fn last_heard(&self) -> Option<Duration> {
        let leases = self.connections.iter().map(|it| it.lease.last_activity);
        leases.max()
    }

    /// For how long nobody has renewed the lease of a connection.
    #[must_use]
    pub fn unrenewed_for(
        &self,
        id: ConnectionId,
        now: Duration,
        rules: &Rules,
    ) -> Option<Duration> {
        let lease = self.connection(id)?.lease;
        Some((now + rules.lease).saturating_sub(lease.deadline))
    }

    /// When there was input last, monotonic, as far as any was told of.
    #[must_use]
    pub const fn last_input(&self) -> Option<Duration> {
        self.last_input
    }

    /// When a grace ends or the user is away: what no lease decides.
    #[must_use]
    pub fn next_end(&self) -> Option<Duration> {
        let grace = self.grace.as_ref().map(|grace| grace.deadline);
        grace.into_iter().chain(self.away_due).min()
    }

    /// Whether no connection is left and the end of the grace is still to come.
    #[must_use]
    pub const fn is_leaving(&self) -> bool {
        self.grace.is_some()
    }

    /// Whether a session was heard to have ended lately.
    #[must_use]
    pub fn has_ended(&self, session: SessionId) -> bool {
        self.ended.has(session)
    }

    /// What others were told last.
    #[must_use]
    pub const fn last_transition(&self) -> Option<Transition> {
        self.last
    }

    fn version(&self) -> u64 {
        self.last.map_or(self.versions_before, |last| last.version)
    }

    /// What others were shown last.
    fn told(&self) -> Shown {
        self.last.map_or(self.at_first, |last| last.shown)
    }

    /// What others are to be shown.
    fn shown(&self) -> Shown {
        let Choice { mode, note, .. } = self.choice.unwrap_or_default();
        let is_online = self.is_online && mode != Mode::Invisible;
        let availability = match mode {
            Mode::Dnd => Some(Availability::Dnd),
            _ if self.is_away => Some(Availability::Away),
            _ => None,
        };
        Shown {
            is_online,
            availability: availability.filter(|_| is_online),
            note,
        }
    }

    /// The first choice that is heard of in an epoch is what others have been shown already; of one
    /// who is online nothing was shown before their first connection.
    fn choose(&mut self, id: UserId, choice: Choice, now: Now, effects: &mut Vec<Effect>) {
        if self
            .choice
            .is_some_and(|known| known.version >= choice.version)
        {
            return;
        }
        let is_first = self.choice.replace(choice).is_none();
        if is_first && self.last.is_none() {
            self.at_first = self.shown();
            return;
        }
        effects.extend(self.settle(id, now.wall, TransitionReason::Chosen, now));
    }

    pub(super) fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        let place = self.place(id).ok()?;
        Some(&self.connections[place])
    }

    pub(super) fn connection_mut(&mut self, id: ConnectionId) -> Option<&mut Connection> {
        let place = self.place(id).ok()?;
        Some(&mut self.connections[place])
    }

    /// A connection that is open; one that closes is none.
    pub(super) fn open_connection(&mut self, key: ConnectionKey) -> Option<&mut Connection> {
        self.connection_mut(key.connection)
            .filter(|connection| connection.state == ConnectionState::Open)
    }

    pub(super) fn connections_of(&self, session: SessionId) -> Vec<ConnectionKey> {
        self.connections
            .iter()
            .filter(|connection| connection.registration.session == session)
            .map(|connection| connection.registration.key())
            .collect()
    }

    /// Adds a connection that is not here yet.
    pub(super) fn insert(&mut self, connection: Connection) {
        if let Err(place) = self.place(connection.registration.connection) {
            self.connections.insert(place, connection);
        }
    }

    pub(super) fn take(&mut self, id: ConnectionId) -> Option<Connection> {
        let place = self.place(id).ok()?;
        Some(self.connections.remove(place))
    }

    /// Whether a connection that reports no input keeps the user there.
    pub(super) fn is_constant(&self) -> bool {
        self.connections
            .iter()
            .any(|connection| connection.is_constant)
    }

    /// A socket no longer counts, before its task said so.
    pub(super) fn give_up(&mut self, socket: Registration) {
        self.take_given_up(socket.connection);
        if self.given_up.len() >= GIVEN_UP {
            self.given_up.remove(0);
        }
        self.given_up.push(socket);
    }

    /// The task of a socket reports its end; gives the socket if it was given up before.
    pub(super) fn take_given_up(&mut self, id: ConnectionId) -> Option<Registration> {
        let place = self.given_up.iter().position(|it| it.connection == id)?;
        let socket = self.given_up.remove(place);
        self.given_up.shrink_to_fit();
        Some(socket)
    }

    /// A connection of this session has gone: unless it ends, the session may come back until the
    /// deadline. Noted for sessions with other connections too, where it decides nothing.
    pub(super) fn departed(&mut self, session: SessionId, now: Duration, deadline: Duration) {
        self.stop_awaiting(session);
        self.departures.retain(|departure| departure.deadline > now);
        self.departures.push(Departure { session, deadline });
    }

    /// This session will not come back.
    pub(super) fn stop_awaiting(&mut self, session: SessionId) {
        self.departures
            .retain(|departure| departure.session != session);
    }

    /// Whether a session that has not ended is still within its own grace.
    pub(super) fn awaits_a_session(&self, now: Duration) -> bool {
        self.departures
            .iter()
            .any(|departure| departure.deadline > now)
    }

    /// No connection is left, nor a grace. Who is offline is known for as long as the process lives,
    /// and should cost little.
    pub(super) fn gone(&mut self, reason: TransitionReason) {
        self.is_online = false;
        self.decided_by = Some(reason);
        self.is_away = false;
        self.away_due = None;
        self.connections.shrink_to_fit();
        self.departures = Vec::new();
    }

    /// Makes a transition if others are to be shown something else than they are: the one place that
    /// makes any. `left_at` is when the user left, if they did.
    pub(super) fn settle(
        &mut self,
        user: UserId,
        left_at: Timestamp,
        reason: TransitionReason,
        now: Now,
    ) -> Option<Effect> {
        let shown = self.shown();
        let before = self.told();
        if shown == before {
            return None;
        }
        let last_seen = match (shown.is_online, before.is_online) {
            (true, _) => None,
            (false, true) => Some(left_at),
            (false, false) => self.last.and_then(|last| last.last_seen),
        };
        let transition = Transition {
            user,
            before,
            shown,
            version: self.version().max(self.versions_before).saturating_add(1),
            last_seen,
            at: now.wall,
            reason,
        };
        self.last = Some(transition);
        Some(Effect::Transition(transition))
    }

    /// A line of the log about one of this user's connections.
    pub(super) fn record(
        &self,
        event: Lifecycle,
        registration: &Registration,
        reason: &'static str,
    ) -> Effect {
        Effect::Record(Record {
            event,
            key: registration.key(),
            session: registration.session,
            active_count: self.connections.len(),
            reason,
        })
    }

    fn place(&self, id: ConnectionId) -> Result<usize, usize> {
        self.connections
            .binary_search_by_key(&id, |connection| connection.registration.connection)
    }
}
