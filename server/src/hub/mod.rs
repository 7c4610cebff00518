//! Fan-out: from what happened to the sockets that are to be told.
//!
//! Transitions come out of the directory in one place and reach sockets through one place,
//! [`Hub::run_announcements`]; messages come from the one writer. Nothing here waits for a socket: each has a
//! bounded [`Queue`]. The index is behind a plain mutex that is never held across an await.

mod interest;
mod last_seen;
mod members;
mod presence;
mod queue;

pub use interest::{Registered, Watch};
pub use last_seen::LastSeen;
pub use members::{ChatMembers, Member};
pub use presence::{PresenceError, connected_users};
pub use queue::{Close, Drained, Kind, Outgoing, Pushed, Queue};

use crate::metrics::Metrics;
use ::presence::Directory;
use interest::Interest;
use protocol::{
    Chat, ChatId, CloseCode, ConnectionId, Message, ServerFrame, SessionId, Timestamp, User, UserId,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::{ChatKey, Store, StoreError};

/// Fan-out to the sockets of this process; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    store: Store,
    directory: Arc<dyn Directory>,
    metrics: Metrics,
    interest: Mutex<Interest>,
    last_seen: LastSeen,
    is_presence_enabled: bool,
}

impl Hub {
    /// A hub without sockets.
    #[must_use]
    pub fn new(
        store: Store,
        directory: Arc<dyn Directory>,
        metrics: Metrics,
        is_presence_enabled: bool,
    ) -> Self {
        Self(Arc::new(Inner {
            last_seen: LastSeen::new(store.clone()),
            store,
            directory,
            metrics,
            interest: Mutex::default(),
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

    /// Removes exactly this socket.
    pub fn unregister(&self, id: ConnectionId) {
        self.interest().unregister(id);
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

    /// The chats that a socket has on screen.
    #[must_use]
    pub fn watched(&self, id: ConnectionId) -> Vec<ChatId> {
        self.interest().watched(id)
    }

    /// Puts a chat on a socket's screen, unless `limit` chats are there already. The caller has made
    /// the members known by [`Hub::chat_members`]; the snapshot is to be read afterwards, so that a
    /// change in between is in one of the two.
    #[must_use]
    pub fn watch(&self, id: ConnectionId, chat: ChatId, limit: usize) -> Watch {
        self.interest().watch(id, chat, limit)
    }

    /// Takes a chat off a socket's screen.
    pub fn unwatch(&self, id: ConnectionId, chat: ChatId) -> bool {
        self.interest().unwatch(id, chat)
    }

    /// Closes one socket once what waits for it has been written.
    pub fn close(&self, id: ConnectionId, code: CloseCode, reason: &str) {
        if let Some(registered) = self.interest().socket(id) {
            registered.queue.close(code, reason);
        }
    }

    /// Closes every socket of this node; clients come back as the code advises and catch up.
    pub fn close_all(&self, code: CloseCode, reason: &str) {
        for (_, registered) in self.interest().all() {
            registered.queue.close(code, reason);
        }
    }

    /// Stores that everybody with a socket here was seen `now`, for when the process ends.
    pub async fn store_last_seen(&self, now: Timestamp) {
        let here: Vec<_> = self.interest().all().map(|(_, r)| (r.user, now)).collect();
        self.0.last_seen.record(here);
        self.0.last_seen.flush().await;
    }

    /// Sign-out or revocation: ends the session's presence at once and closes its sockets.
    pub async fn end_session(&self, user: UserId, session: SessionId) {
        if let Err(error) = self.0.directory.end_session(user, session).await {
            tracing::error!(%user, %session, %error, "session_end_not_recorded");
        }
        for (_, registered) in self.interest().sockets_of_session(user, session) {
            registered
                .queue
                .close(CloseCode::SESSION_EXPIRED, "signed out");
        }
    }

    /// The members of a chat, from memory where they are known.
    ///
    /// # Errors
    /// When they are not in memory and the store cannot be read.
    pub async fn chat_members(&self, chat: ChatId) -> Result<Arc<ChatMembers>, StoreError> {
        let known = self.interest().members(chat);
        match known {
            Some(members) => Ok(members),
            None => self.load_members(chat).await,
        }
    }

    /// The name, topic or membership of a chat changed: its members' tabs learn of it, and those that
    /// have it on screen get a fresh list of members.
    ///
    /// # Errors
    /// When the store cannot be read; what has been told then stays told.
    pub async fn chat_changed(&self, chat: ChatId) -> Result<(), StoreError> {
        let members = self.load_members(chat).await?;
        for user in self.users_with_sockets(&members) {
            if let Some(chat) = self.0.store.chat(user, ChatKey::Id(chat)).await? {
                self.send_to_user(user, &ServerFrame::ChatUpdated { chat });
            }
        }
        self.send_snapshot(chat).await;
        Ok(())
    }

    /// A public chat is new, or has another name or topic: those of its workspace who could join it
    /// see it so in their tabs. Its members are told by [`Hub::chat_changed`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn chat_listed(&self, chat: &Chat) -> Result<(), StoreError> {
        if chat.is_private {
            return Ok(());
        }
        let members = self.chat_members(chat.chat_id).await?;
        let colleagues = self.0.store.workspace_members(chat.workspace_id).await?;
        let chat = Chat {
            role: None,
            read_offset: 0,
            unread: 0,
            ..chat.clone()
        };
        let frame = Outgoing::new(Kind::Reliable, &ServerFrame::ChatUpdated { chat });
        let interest = self.interest();
        for colleague in colleagues {
            if !members.contains(colleague.user_id) {
                self.tell(interest.sockets_of(colleague.user_id), &frame);
            }
        }
        Ok(())
    }

    /// A person left a chat or was removed: their tabs drop it, and the others' are refreshed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn member_left(&self, chat: ChatId, user: UserId) -> Result<(), StoreError> {
        self.send_to_user(user, &ServerFrame::ChatRemoved { chat_id: chat });
        self.chat_changed(chat).await
    }

    /// A person has read a chat up to `sequence`: stored, then told to all their tabs.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn mark_read(
        &self,
        chat: ChatId,
        user: UserId,
        sequence: u64,
    ) -> Result<(), StoreError> {
        if let Some(sequence) = self.0.store.set_read(chat, user, sequence).await? {
            self.send_to_user(
                user,
                &ServerFrame::Read {
                    chat_id: chat,
                    sequence,
                },
            );
        }
        Ok(())
    }

    /// Tells every socket of a chat's members of a message's newest form. Called in the order of the
    /// offsets, by the writer only.
    pub fn publish(&self, members: &ChatMembers, message: &Message, frame: &ServerFrame) {
        let kind = Kind::Message {
            offset: message.offset,
        };
        let frame = Outgoing::new(kind, frame);
        self.tell(self.interest().sockets_of_members(members), &frame);
    }

    /// Tells those who have a chat on screen that somebody is typing, or stopped. Never oneself.
    pub fn publish_typing(&self, chat_id: ChatId, typist: &User, is_typing: bool) {
        let user_id = typist.user_id;
        let frame = ServerFrame::Typing {
            chat_id,
            user_id,
            display_name: typist.display_name.clone(),
            is_typing,
        };
        let frame = Outgoing::new(Kind::Typing, &frame);
        let interest = self.interest();
        let others = interest
            .watchers(chat_id)
            .filter(|(_, r)| r.user != user_id);
        self.tell(others, &frame);
    }

    /// Queues a frame for one socket, and counts what gives way to it.
    pub fn push(&self, queue: &Queue, frame: Outgoing) {
        if let Some(outcome) = queue.push(frame).gave_way() {
            self.0.metrics.gave_way(outcome);
        }
    }

    fn send_to_user(&self, user: UserId, frame: &ServerFrame) {
        let frame = Outgoing::new(Kind::Reliable, frame);
        self.tell(self.interest().sockets_of(user), &frame);
    }

    fn tell<'a>(
        &self,
        sockets: impl Iterator<Item = (ConnectionId, &'a Registered)>,
        frame: &Outgoing,
    ) {
        for (_, registered) in sockets {
            self.push(&registered.queue, frame.clone());
        }
    }

    fn users_with_sockets(&self, members: &ChatMembers) -> Vec<UserId> {
        let interest = self.interest();
        members
            .ids()
            .filter(|user| interest.count_of(*user) > 0)
            .collect()
    }

    async fn load_members(&self, chat: ChatId) -> Result<Arc<ChatMembers>, StoreError> {
        let load = self.interest().begin_load();
        let members = self.0.store.chat_members(chat).await?;
        let members: Arc<ChatMembers> = Arc::new(
            members
                .into_iter()
                .map(|m| {
                    (
                        m.user_id,
                        Member {
                            display_name: m.display_name,
                            last_seen: m.last_seen,
                        },
                    )
                })
                .collect(),
        );
        self.interest().finish_load(load, chat, &members);
        Ok(members)
    }

    fn interest(&self) -> MutexGuard<'_, Interest> {
        self.0
            .interest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
