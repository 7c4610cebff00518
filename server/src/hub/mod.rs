//! Fan-out: from what happened to the sockets that are to be told.
//!
//! Transitions come out of the directory in one place and reach sockets through one place,
//! [`Hub::run_announcements`]; messages come from the one writer. Nothing here waits for a socket: each has a
//! bounded [`Queue`]. The index is behind a plain mutex that is never held across an await.
//!
//! What happened here is told to other servers as well, with the functions that the rest of the server
//! calls; what happened there is shown by those of [`elsewhere`].

mod chats;
mod circle;
mod elsewhere;
mod interest;
mod last_seen;
mod listening;
mod members;
mod notifications;
mod people;
mod presence;
mod profile;
mod queue;
mod recent;
mod roster;

pub use circle::{Circle, Sight, choice};
pub use interest::{Registered, Watch};
pub use last_seen::LastSeen;
pub use members::Members;
pub use notifications::notification;
pub use people::EnterError;
pub use presence::PresenceError;
pub use profile::{Profile, profile_of};
pub use queue::{Close, Drained, Kind, Outgoing, Pushed, Queue};

use crate::{
    clock::millis,
    metrics::{Metrics, Sockets},
    nodes::{Event, Nodes},
};
use ::presence::{Directory, Transition};
use interest::Interest;
use protocol::{
    ChatId, CloseCode, ConnectionId, Mode, Room, ServerFrame, SessionId, Timestamp, User, UserId,
};
use recent::Recent;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::Store;

/// Locks that rooms share while their members are read: enough that they seldom wait for each other.
const READING_LOCKS: usize = 64;

/// Asks a client to come back by another server, at a moment of its own within `spread`.
#[must_use]
pub fn elsewhere_within(spread: Duration) -> ServerFrame {
    ServerFrame::Reconnect {
        after_ms: 0,
        spread_ms: millis(spread),
        reason: "drain".to_owned(),
    }
}

/// Fan-out to the sockets of this process; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    store: Store,
    directory: Arc<dyn Directory>,
    nodes: Nodes,
    metrics: Metrics,
    interest: Mutex<Interest>,
    /// Held while members are read: a room has the one that its hash leads to.
    reading: [tokio::sync::Mutex<()>; READING_LOCKS],
    last_seen: LastSeen,
    recent: Recent,
    is_presence_enabled: bool,
}

impl Hub {
    /// A hub without sockets.
    #[must_use]
    pub fn new(
        store: Store,
        directory: Arc<dyn Directory>,
        nodes: Nodes,
        metrics: Metrics,
        is_presence_enabled: bool,
    ) -> Self {
        Self(Arc::new(Inner {
            last_seen: LastSeen::new(store.clone()),
            recent: Recent::default(),
            store,
            directory,
            nodes,
            metrics,
            interest: Mutex::default(),
            reading: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            is_presence_enabled,
        }))
    }

    /// Closes the sockets of connections that the directory gave up on, for as long as the process
    /// lives.
    pub async fn run_reaper(self) {
        loop {
            for connection in self.0.directory.reaped().await {
                self.close(
                    connection,
                    CloseCode::PONG_TIMEOUT,
                    "nothing was heard for too long",
                );
            }
        }
    }

    /// Writes what was last seen to the store, in batches, for as long as the process lives.
    pub async fn run_last_seen(self) {
        self.0.last_seen.run().await;
    }

    /// Adds a socket unless the person has `limit` of them on this node already. Nothing is sent to
    /// it before [`Hub::welcome`].
    #[must_use]
    pub fn register(
        &self,
        id: ConnectionId,
        user: UserId,
        session: SessionId,
        queue: Arc<Queue>,
        limit: usize,
    ) -> bool {
        let mut interest = self.interest();
        let is_admitted = interest.count_of(user) < limit;
        if is_admitted {
            interest.register(id, user, session, queue);
        }
        is_admitted
    }

    /// From now on the socket is sent what concerns it.
    pub fn welcome(&self, id: ConnectionId) {
        self.interest().welcome(id);
    }

    /// Its closing handshake has begun.
    pub fn closing(&self, id: ConnectionId) {
        self.interest().closing(id);
    }

    /// Removes exactly this socket.
    pub fn unregister(&self, id: ConnectionId) {
        let mut interest = self.interest();
        if let Some(user) = interest.unregister(id)
            && self.0.nodes.are_possible()
        {
            let unwanted = interest.listening.leave(user);
            self.0.nodes.listen_no_more(&unwanted);
            interest.forget_unheard();
        }
    }

    /// How many sockets a person has on this node.
    #[must_use]
    pub fn count_of(&self, user: UserId) -> usize {
        self.interest().count_of(user)
    }

    /// How many sockets this node has.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.interest().len()
    }

    /// The sockets of this node, counted.
    #[must_use]
    pub fn sockets(&self) -> Sockets {
        let mut counted = Sockets::default();
        for (_, registered) in self.interest().all() {
            if registered.is_closing {
                counted.closing += 1;
            } else {
                counted.open += 1;
            }
            let queued = registered.queue.len();
            counted.queued += queued;
            counted.longest = counted.longest.max(queued);
        }
        counted
    }

    /// How many people have sockets on this node.
    #[must_use]
    pub fn users(&self) -> usize {
        self.interest().everybody().len()
    }

    /// The sockets of this node that were opened first, at most so many: whose each is, and whether its
    /// closing handshake has begun.
    #[must_use]
    pub fn first_sockets(&self, limit: usize) -> Vec<(ConnectionId, UserId, bool)> {
        let mut sockets: Vec<_> = {
            let interest = self.interest();
            let all = interest.all();
            all.map(|(id, it)| (id, it.user, it.is_closing)).collect()
        };
        sockets.sort_unstable();
        sockets.truncate(limit);
        sockets
    }

    /// The rooms that a socket has on screen.
    #[must_use]
    pub fn watched(&self, id: ConnectionId) -> Vec<Room> {
        self.interest().watched(id)
    }

    /// Puts a room on a socket's screen, unless `limit` rooms are there already. The caller has made
    /// the members known by [`Hub::members`]; the snapshot is to be read afterwards, so that a
    /// change in between is in one of the two.
    #[must_use]
    pub fn watch(&self, id: ConnectionId, room: Room, limit: usize) -> Watch {
        self.interest().watch(id, room, limit)
    }

    /// Takes a room off a socket's screen.
    pub fn unwatch(&self, id: ConnectionId, room: Room) -> bool {
        self.interest().unwatch(id, room)
    }

    /// Closes one socket once what waits for it has been written.
    pub fn close(&self, id: ConnectionId, code: CloseCode, reason: &str) {
        if let Some(registered) = self.interest().socket(id) {
            registered.queue.close(code, reason);
        }
    }

    /// Closes one socket of a person for good, wherever it is connected: an administrator wants it.
    pub fn close_for_good(&self, user: UserId, connection: ConnectionId) {
        self.0.nodes.tell(Event::Closed(user, connection));
        self.close_here_for_good(connection);
    }

    fn close_here_for_good(&self, connection: ConnectionId) {
        self.close(
            connection,
            CloseCode::CLOSED_BY_ADMIN,
            "closed by an administrator",
        );
    }

    /// A socket has answered a ping.
    pub fn answered(&self, id: ConnectionId) {
        self.interest().answered(id);
    }

    /// How long ago a socket of this node answered a ping, if it ever did.
    #[must_use]
    pub fn since_pong(&self, id: ConnectionId) -> Option<Duration> {
        Some(self.interest().socket(id)?.answered?.elapsed())
    }

    /// What was announced here last, newest first.
    #[must_use]
    pub fn recent(&self) -> Vec<Transition> {
        self.0.recent.newest()
    }

    /// Asks everybody with a socket here to come back by another one, each at a time of their own within
    /// `spread`; what brings them to a server brings them to another one meanwhile.
    pub fn send_elsewhere(&self, spread: Duration) {
        let frame = Outgoing::new(Kind::Reliable, &elsewhere_within(spread));
        for (_, registered) in self.interest().all() {
            self.push(&registered.queue, frame.clone());
        }
    }

    /// Closes every socket of this node; clients come back as the code advises and catch up.
    pub fn close_all(&self, code: CloseCode, reason: &str) {
        for (_, registered) in self.interest().all() {
            registered.queue.close(code, reason);
        }
    }

    /// Stores that everybody with a socket here was seen `now`, for when the process ends; but nothing
    /// of the invisible, who were not seen.
    pub async fn store_last_seen(&self, now: Timestamp) {
        let here: Vec<_> = {
            let interest = self.interest();
            let users = interest.all().map(|(_, registered)| registered.user);
            let is_seen = |user: &UserId| interest.mode(*user) != Mode::Invisible;
            users.filter(is_seen).map(|user| (user, now)).collect()
        };
        self.0.last_seen.record(here);
        self.0.last_seen.flush().await;
    }

    /// Sign-out or revocation: ends the session's presence at once and closes its sockets, wherever they
    /// are.
    pub async fn end_session(&self, user: UserId, session: SessionId) {
        // First, so that others know why when presence gives up the sockets.
        self.0.nodes.tell(Event::SessionEnded(user, session));
        if let Err(error) = self.0.directory.end_session(user, session).await {
            tracing::error!(%user, %session, %error, "session_end_not_recorded");
        }
        self.close_session(user, session);
    }

    fn close_session(&self, user: UserId, session: SessionId) {
        for (_, registered) in self.interest().sockets_of_session(user, session) {
            registered
                .queue
                .close(CloseCode::SESSION_EXPIRED, "signed out");
        }
    }

    /// Tells those who have a chat on screen that somebody is typing, or stopped. Never oneself, nor
    /// across a block; and nobody of the invisible.
    pub fn publish_typing(&self, chat: ChatId, typist: &User, is_typing: bool) {
        if self.interest().mode(typist.user_id) == Mode::Invisible {
            return;
        }
        self.0.nodes.tell(Event::Typing {
            chat,
            typist: typist.clone(),
            is_typing,
        });
        self.show_typing(chat, typist, is_typing);
    }

    fn show_typing(&self, chat_id: ChatId, typist: &User, is_typing: bool) {
        let user_id = typist.user_id;
        self.0.metrics.typing();
        let frame = ServerFrame::Typing {
            chat_id,
            user_id,
            display_name: typist.display_name.clone(),
            is_typing,
        };
        let frame = Outgoing::new(Kind::Typing, &frame);
        let interest = self.interest();
        let others = interest.watchers(Room::Chat(chat_id)).filter(|(_, r)| {
            let circle = interest.circle(r.user).unwrap_or_default();
            r.user != user_id && !circle.blocked.contains(&user_id)
        });
        self.tell(others, &frame);
    }

    /// Queues a frame for one socket, and counts what gives way to it.
    pub fn push(&self, queue: &Queue, frame: Outgoing) {
        if let Some(outcome) = queue.push(frame).gave_way() {
            self.0.metrics.gave_way(outcome);
        }
    }

    /// Tells a person's tabs, wherever they are connected.
    fn tell_tabs(&self, user: UserId, frames: Vec<ServerFrame>) {
        for frame in &frames {
            self.send_to_user(user, frame);
        }
        self.0.nodes.tell(Event::Tell(user, frames));
    }

    /// Tells a person's tabs that are connected here.
    fn send_to_user(&self, user: UserId, frame: &ServerFrame) {
        let frame = Outgoing::new(Kind::Reliable, frame);
        self.tell(self.interest().sockets_of(user), &frame);
    }

    fn tell<'a>(
        &self,
        sockets: impl Iterator<Item = (ConnectionId, &'a Registered)>,
        frame: &Outgoing,
    ) {
        let mut told = 0;
        for (_, registered) in sockets {
            self.push(&registered.queue, frame.clone());
            told += 1;
        }
        self.0.metrics.fan_out(frame.kind.as_str(), told);
    }

    fn interest(&self) -> MutexGuard<'_, Interest> {
        self.0
            .interest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
