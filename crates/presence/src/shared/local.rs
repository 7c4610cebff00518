//! The sockets of this node, and what it knows of their users.

use super::store::Stored;
use crate::{
    Choice, CloseReason, ConnectionKey, Event, Registration,
    engine::{KNOWN_WITHIN, User},
};
use protocol::{ConnectionId, NodeId, SessionId, UserId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::Instant;

#[derive(Default)]
pub(super) struct Local {
    users: BTreeMap<UserId, LocalUser>,
    /// When which socket is given up unless something arrives from it.
    silences: BTreeSet<(Instant, ConnectionKey)>,
    /// When a grace ends or somebody is away, by the store's time: this node looks first.
    ends: BTreeSet<(Duration, UserId)>,
}

#[derive(Default)]
pub(super) struct LocalUser {
    sockets: BTreeMap<ConnectionId, Socket>,
    choice: Option<Choice>,
    /// Sessions that ended here and of which the store does not know yet.
    unsaid: Vec<SessionId>,
    /// What stood in the store when last looked, which may be nothing; never looked, at first.
    stored: Option<Option<Stored>>,
}

struct Socket {
    registration: Registration,
    is_closing: bool,
    last_activity: Instant,
    /// Given up then.
    deadline: Instant,
    input: Input,
}

/// What a socket has said of input.
#[derive(Clone, Copy)]
enum Input {
    Unknown,
    At(Instant),
    NeverTold,
}

impl Local {
    pub(super) fn user(&mut self, id: UserId) -> &mut LocalUser {
        self.users.entry(id).or_default()
    }

    pub(super) fn get(&self, id: UserId) -> Option<&LocalUser> {
        self.users.get(&id)
    }

    pub(super) fn ids(&self) -> Vec<UserId> {
        self.users.keys().copied().collect()
    }

    /// Nothing when it is here already.
    pub(super) fn open(&mut self, registration: Registration, silence: Duration) {
        let (key, now) = (registration.key(), Instant::now());
        let user = self.user(key.user);
        if user.sockets.contains_key(&key.connection) {
            return;
        }
        let deadline = now + silence;
        user.sockets.insert(
            key.connection,
            Socket {
                registration,
                is_closing: false,
                last_activity: now,
                deadline,
                input: Input::Unknown,
            },
        );
        self.silences.insert((deadline, key));
    }

    /// Something arrived. A peer that never finishes its closing handshake but keeps sending is not
    /// waited for any longer.
    pub(super) fn activity(&mut self, key: ConnectionKey, silence: Duration) {
        self.renew(key, silence, |socket| {
            socket.last_activity = Instant::now();
        });
    }

    pub(super) fn closing(&mut self, key: ConnectionKey, silence: Duration) {
        self.renew(key, silence, |socket| socket.is_closing = true);
    }

    pub(super) fn input(&mut self, key: ConnectionKey, idle: Option<Duration>) {
        if let Some(socket) = self.socket(key) {
            let now = Instant::now();
            socket.input = match idle {
                Some(idle) => Input::At(now.checked_sub(idle).unwrap_or(now)),
                None => Input::NeverTold,
            };
        }
    }

    pub(super) fn remove(&mut self, key: ConnectionKey) {
        if let Some(user) = self.users.get_mut(&key.user)
            && let Some(socket) = user.sockets.remove(&key.connection)
        {
            self.silences.remove(&(socket.deadline, key));
        }
    }

    /// Takes a session's sockets out.
    pub(super) fn end_session(&mut self, user: UserId, session: SessionId) -> Vec<ConnectionId> {
        let of_session = |registration: &Registration| registration.session == session;
        let keys = self.user(user).keys(of_session);
        self.remove_all(&keys)
    }

    fn remove_all(&mut self, keys: &[ConnectionKey]) -> Vec<ConnectionId> {
        for key in keys {
            self.remove(*key);
        }
        keys.iter().map(|key| key.connection).collect()
    }

    pub(super) fn next_silence(&self) -> Option<Instant> {
        self.silences.first().map(|(deadline, _)| *deadline)
    }

    /// The next socket from which nothing came for too long, and why it is given up.
    pub(super) fn silent(&self, now: Instant) -> Option<(ConnectionKey, CloseReason)> {
        let (deadline, key) = *self.silences.first()?;
        let socket = self.users.get(&key.user)?.sockets.get(&key.connection)?;
        let reason = if socket.is_closing {
            CloseReason::CloseTimeout
        } else {
            CloseReason::PongTimeout
        };
        (deadline <= now).then_some((key, reason))
    }

    /// This process was stopped: what has arrived meanwhile is read before anybody is given up.
    pub(super) fn excuse(&mut self, until: Instant) {
        self.silences.clear();
        for user in self.users.values_mut() {
            for socket in user.sockets.values_mut() {
                socket.deadline = socket.deadline.max(until);
                self.silences
                    .insert((socket.deadline, socket.registration.key()));
            }
        }
    }

    /// What stands in the store of somebody who is connected here. Gives the connections whose
    /// sessions ended elsewhere, and which are none any more.
    pub(super) fn note_stored(&mut self, id: UserId, stored: Option<Stored>) -> Vec<ConnectionId> {
        let end = |stored: &Option<Stored>| stored.as_ref().and_then(|it| it.user.next_end());
        let Some(user) = self.users.get_mut(&id) else {
            return Vec::new();
        };
        if let Some(end) = user.stored.as_ref().and_then(end) {
            self.ends.remove(&(end, id));
        }
        if let Some(end) = end(&stored) {
            self.ends.insert((end, id));
        }
        user.stored = Some(stored);
        let ended = user.compare_sessions();
        self.remove_all(&ended)
    }

    /// What stands in the store of somebody is to be looked up again.
    pub(super) fn distrust(&mut self, id: UserId) {
        if let Some(user) = self.users.get_mut(&id) {
            let end = user.stored.take().flatten();
            if let Some(end) = end.and_then(|it| it.user.next_end()) {
                self.ends.remove(&(end, id));
            }
        }
    }

    pub(super) fn next_end(&self) -> Option<(Duration, UserId)> {
        self.ends.first().copied()
    }

    /// Forgets who has no sockets here and of whom nothing is left to be told or awaited; gives
    /// whether it did.
    pub(super) fn forget(&mut self, id: UserId, node: NodeId) -> bool {
        let is_over = |user: &LocalUser| {
            let is_settled = |stored: &Stored| {
                let mut registrations = stored.user.registrations();
                let is_here = registrations.any(|it| it.node == node);
                !is_here && !stored.user.is_leaving()
            };
            user.sockets.is_empty()
                && user.unsaid.is_empty()
                && user.stored.iter().flatten().all(is_settled)
        };
        let is_over = self.users.get(&id).is_some_and(is_over);
        if is_over {
            // What is left to end of them is for others to look at.
            self.distrust(id);
            self.users.remove(&id);
        }
        is_over
    }

    fn socket(&mut self, key: ConnectionKey) -> Option<&mut Socket> {
        self.users
            .get_mut(&key.user)?
            .sockets
            .get_mut(&key.connection)
    }

    /// Only while it does not close.
    fn renew(&mut self, key: ConnectionKey, silence: Duration, note: impl FnOnce(&mut Socket)) {
        let deadline = Instant::now() + silence;
        let Some(socket) = self.socket(key).filter(|socket| !socket.is_closing) else {
            return;
        };
        let before = std::mem::replace(&mut socket.deadline, deadline);
        note(socket);
        self.silences.remove(&(before, key));
        self.silences.insert((deadline, key));
    }
}

impl LocalUser {
    pub(super) fn stored(&self) -> Option<&Option<Stored>> {
        self.stored.as_ref()
    }

    pub(super) fn choose(&mut self, choice: Choice) {
        if self
            .choice
            .is_none_or(|known| known.version < choice.version)
        {
            self.choice = Some(choice);
        }
    }

    pub(super) fn leave_unsaid(&mut self, session: SessionId) {
        self.unsaid.push(session);
    }

    pub(super) fn has(&self, connection: ConnectionId) -> bool {
        self.sockets.contains_key(&connection)
    }

    pub(super) fn sockets(&self) -> usize {
        self.sockets.len()
    }

    /// What is to be told so that `user` is as this node knows it at this time of the store: what it
    /// removed, what it holds, and that it still does.
    pub(super) fn differences(
        &self,
        id: UserId,
        user: &User,
        node: NodeId,
        time: Duration,
    ) -> Vec<Event> {
        let now = Instant::now();
        // The store's clock may have been set since.
        let told_input = user.last_input().unwrap_or_default() + KNOWN_WITHIN;
        let is_untold = |at: Instant| told_input < time.saturating_sub(now - at);
        let mut events = Vec::new();
        events.extend(self.choice.map(|choice| Event::Choose(id, choice)));
        for &session in &self.unsaid {
            events.push(Event::SessionEnded { user: id, session });
        }
        for registration in user.registrations() {
            if registration.node == node && !self.sockets.contains_key(&registration.connection) {
                events.push(Event::Closed(
                    registration.key(),
                    CloseReason::TransportLost,
                ));
            }
        }
        for socket in self.sockets.values() {
            let key = socket.registration.key();
            let is_known = user.registrations().any(|it| it == &socket.registration);
            if !is_known {
                events.push(Event::Open(socket.registration));
            }
            match socket.input {
                Input::At(at) if !is_known || is_untold(at) => {
                    events.push(Event::Input(key, Some(now - at)));
                }
                Input::NeverTold if !is_known => events.push(Event::Input(key, None)),
                _ => {}
            }
            if !is_known && socket.is_closing {
                events.push(Event::Closing(key));
            }
            events.push(Event::Renewed(key, now - socket.last_activity));
        }
        events
    }

    /// Forgets which sessions ended here once the store knows of them. Gives the sockets of sessions
    /// that ended elsewhere.
    fn compare_sessions(&mut self) -> Vec<ConnectionKey> {
        let Some(stored) = self.stored.iter().flatten().next() else {
            return Vec::new();
        };
        let has_ended = |session| stored.user.has_ended(session);
        self.unsaid.retain(|session| !has_ended(*session));
        self.keys(|registration| has_ended(registration.session))
    }

    fn keys(&self, is_meant: impl Fn(&Registration) -> bool) -> Vec<ConnectionKey> {
        let sockets = self.sockets.values().map(|socket| &socket.registration);
        let meant = sockets.filter(|registration| is_meant(registration));
        meant.map(Registration::key).collect()
    }
}
