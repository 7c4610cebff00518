//! Fan-out: from what happened to the sockets that are to be told.
//!
//! Transitions come out of the directory in one place and reach sockets through one place,
//! [`Hub::announce`]; messages come from the one writer. Nothing here waits for a socket: each has a
//! bounded [`Queue`]. The index is behind a plain mutex that is never held across an await.

mod interest;
mod last_seen;
mod members;
mod queue;

pub use interest::{Registered, Watch};
pub use last_seen::LastSeen;
pub use members::{ChatMembers, Member};
pub use queue::{Close, Drained, Kind, Outgoing, Pushed, Queue};

use axum::extract::ws::Utf8Bytes;
use interest::Interest;
use presence::{Directory, Transition};
use protocol::{
    Author, ChatId, CloseCode, ConnectionId, Message, PresenceChange, PresenceEntry,
    PresenceSnapshot, ServerFrame, SessionId, Timestamp, UserId,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::{ChatKey, Store, StoreError};

/// Fan-out to the sockets of this process; cheap to clone.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    store: Store,
    directory: Arc<dyn Directory>,
    interest: Mutex<Interest>,
    last_seen: LastSeen,
    is_presence_enabled: bool,
}

/// Why presence cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    /// Switched off by configuration.
    #[error("presence is switched off")]
    Disabled,
    /// The members could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory could not be read.
    #[error(transparent)]
    Directory(#[from] presence::DirectoryError),
}

impl Hub {
    /// A hub without sockets.
    #[must_use]
    pub fn new(store: Store, directory: Arc<dyn Directory>, is_presence_enabled: bool) -> Self {
        Self(Arc::new(Inner {
            last_seen: LastSeen::new(store.clone()),
            store,
            directory,
            interest: Mutex::default(),
            is_presence_enabled,
        }))
    }

    /// Announces transitions for as long as the process lives, at most once per `window`.
    pub async fn run_announcements(self, window: Duration) {
        loop {
            let transitions = self.0.directory.next_changes().await;
            self.announce(&transitions);
            tokio::time::sleep(window).await;
        }
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

    /// The presence of a chat's members: one and the same for REST, server functions and sockets.
    ///
    /// # Errors
    /// When presence is switched off, or the members or the directory cannot be read.
    pub async fn chat_presence(&self, chat: ChatId) -> Result<PresenceSnapshot, PresenceError> {
        if !self.0.is_presence_enabled {
            return Err(PresenceError::Disabled);
        }
        let members = self.chat_members(chat).await?;
        let ids: Vec<_> = members.ids().collect();
        let mut users: Vec<_> = self
            .0
            .directory
            .snapshot(&ids)
            .await?
            .into_iter()
            .filter_map(|presence| {
                let member = members.get(presence.user)?;
                Some(PresenceEntry {
                    user_id: presence.user,
                    display_name: member.display_name.clone(),
                    is_online: presence.is_online,
                    last_seen: (!presence.is_online)
                        .then_some(presence.last_seen.or(member.last_seen))
                        .flatten(),
                    version: presence.version,
                })
            })
            .collect();
        users.sort_by_cached_key(|entry| {
            (
                !entry.is_online,
                entry.display_name.to_lowercase(),
                entry.user_id,
            )
        });
        let version = users.iter().map(|entry| entry.version).max().unwrap_or(0);
        Ok(PresenceSnapshot {
            users,
            epoch: self.0.directory.epoch(),
            version,
        })
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
        let text = serialise(frame);
        let kind = Kind::Message {
            offset: message.offset,
        };
        let interest = self.interest();
        for (_, registered) in interest.sockets_of_members(members) {
            registered.queue.push(Outgoing {
                kind,
                text: text.clone(),
            });
        }
    }

    /// Tells those who have a chat on screen that somebody is typing, or stopped. Never oneself.
    pub fn publish_typing(&self, chat_id: ChatId, author: Author, is_typing: bool) {
        let user = author.user_id;
        let text = serialise(&ServerFrame::Typing {
            chat_id,
            author,
            is_typing,
        });
        let interest = self.interest();
        for (_, registered) in interest.watchers(chat_id).filter(|(_, r)| r.user != user) {
            registered.queue.push(Outgoing {
                kind: Kind::Typing,
                text: text.clone(),
            });
        }
    }

    /// Announces transitions to those who have one of the person's chats on screen: one frame per
    /// chat and window, serialised once.
    fn announce(&self, transitions: &[Transition]) {
        self.0.last_seen.record(
            transitions
                .iter()
                .filter(|transition| !transition.is_online)
                .filter_map(|transition| Some((transition.user, transition.last_seen?))),
        );
        if !self.0.is_presence_enabled {
            return;
        }
        let epoch = self.0.directory.epoch();
        let interest = self.interest();
        let mut by_chat: HashMap<ChatId, Vec<PresenceChange>> = HashMap::new();
        for transition in transitions {
            for chat in interest.watched_chats_of_member(transition.user) {
                let Some(members) = interest.members(chat) else {
                    continue;
                };
                let Some(member) = members.get(transition.user) else {
                    continue;
                };
                by_chat.entry(chat).or_default().push(PresenceChange {
                    user_id: transition.user,
                    display_name: member.display_name.clone(),
                    is_online: transition.is_online,
                    last_seen: transition.last_seen,
                    epoch,
                    version: transition.version,
                });
            }
        }
        for (chat, mut changes) in by_chat {
            let frame = match changes.pop() {
                Some(change) if changes.is_empty() => ServerFrame::PresenceChanged(change),
                last => {
                    changes.extend(last);
                    ServerFrame::PresenceBatch { changes }
                }
            };
            let text = serialise(&frame);
            for (_, registered) in interest.watchers(chat) {
                registered.queue.push(Outgoing {
                    kind: Kind::Presence,
                    text: text.clone(),
                });
            }
        }
    }

    async fn send_snapshot(&self, chat: ChatId) {
        let frame = match self.chat_presence(chat).await {
            Ok(snapshot) => connected_users(chat, snapshot),
            Err(PresenceError::Disabled) => return,
            Err(error) => {
                tracing::warn!(%chat, %error, "snapshot_not_sent");
                return;
            }
        };
        let text = serialise(&frame);
        for (_, registered) in self.interest().watchers(chat) {
            registered.queue.push(Outgoing {
                kind: Kind::Reliable,
                text: text.clone(),
            });
        }
    }

    fn send_to_user(&self, user: UserId, frame: &ServerFrame) {
        let text = serialise(frame);
        for (_, registered) in self.interest().sockets_of(user) {
            registered.queue.push(Outgoing {
                kind: Kind::Reliable,
                text: text.clone(),
            });
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

/// The frame that carries a chat's snapshot.
#[must_use]
pub fn connected_users(chat_id: ChatId, snapshot: PresenceSnapshot) -> ServerFrame {
    let PresenceSnapshot {
        users,
        epoch,
        version,
    } = snapshot;
    ServerFrame::ConnectedUsers {
        chat_id,
        users,
        epoch,
        version,
    }
}

/// A frame as it goes over the wire.
#[must_use]
pub fn serialise(frame: &ServerFrame) -> Utf8Bytes {
    serde_json::to_string(frame)
        .expect("frames have string keys and no failing serialisers")
        .into()
}
