//! Chats: who belongs to them, and how their members hear of changes.

use super::{Hub, Kind, Members, Outgoing, profile_of};
use crate::nodes::Event;
use protocol::{Chat, ChatId, Message, Room, ServerFrame, UserId, WorkspaceId};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};
use store::{ChatKey, Person, StoreError};

impl Hub {
    /// The people of a room, from memory where they are known. Of many who ask at once for a room that is
    /// not known one reads it, and the others wait for that; if it came to nothing, they ask for themselves.
    ///
    /// # Errors
    /// When they are not in memory and the store cannot be read.
    pub async fn members(&self, room: Room) -> Result<Arc<Members>, StoreError> {
        if let Some(members) = self.known_members(room) {
            return Ok(members);
        }
        if self.0.nodes.are_possible() && !self.hears(room) {
            // Nothing would be kept of it that others could wait for.
            return self.newest_members(room).await;
        }
        let reading = self.reading(room);
        let _first = match reading.try_lock() {
            Ok(first) => Some(first),
            Err(_) => {
                // Those who have waited hold nothing: if they have to read after all, then not one after the
                // other.
                drop(reading.lock().await);
                None
            }
        };
        match self.known_members(room) {
            Some(members) => Ok(members),
            None => self.newest_members(room).await,
        }
    }

    fn known_members(&self, room: Room) -> Option<Arc<Members>> {
        self.interest().members(room)
    }

    /// Held by who reads the members of a room, or of one of the rooms that share it.
    fn reading(&self, room: Room) -> &tokio::sync::Mutex<()> {
        let mut hasher = DefaultHasher::new();
        room.hash(&mut hasher);
        let place = hasher.finish() % self.0.reading.len() as u64;
        &self.0.reading[usize::try_from(place).unwrap_or_default()]
    }

    /// The name, topic or membership of a chat changed: its members' tabs learn of it, and those that
    /// have it on screen get a fresh list of members.
    ///
    /// # Errors
    /// When the store cannot be read; what has been told then stays told.
    pub async fn chat_changed(&self, chat: ChatId) -> Result<(), StoreError> {
        self.0.nodes.tell(Event::ChatChanged(chat));
        self.show_chat(chat).await
    }

    /// These people are in a chat now.
    ///
    /// # Errors
    /// As [`Self::chat_changed`].
    pub async fn joined(
        &self,
        chat: ChatId,
        people: impl IntoIterator<Item = UserId>,
    ) -> Result<(), StoreError> {
        for person in people {
            self.0.nodes.tell(Event::Joined(chat, person));
        }
        self.chat_changed(chat).await
    }

    pub(super) async fn show_chat(&self, chat: ChatId) -> Result<(), StoreError> {
        let room = Room::Chat(chat);
        let members = self.newest_members(room).await?;
        for user in self.users_with_sockets(&members) {
            self.show_chat_to(chat, user).await?;
        }
        self.show_room_to_all(room).await;
        Ok(())
    }

    /// How one of its members sees a chat has changed: their tabs learn of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn chat_changed_for(&self, chat: ChatId, user: UserId) -> Result<(), StoreError> {
        self.0.nodes.tell(Event::ChatChangedFor(chat, user));
        self.show_chat_to(chat, user).await
    }

    pub(super) async fn show_chat_to(&self, chat: ChatId, user: UserId) -> Result<(), StoreError> {
        if let Some(chat) = self.0.store.chat(user, ChatKey::Id(chat)).await? {
            self.send_to_user(user, &ServerFrame::ChatUpdated { chat });
        }
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
        let chat = Chat {
            role: None,
            read_offset: 0,
            unread: 0,
            is_muted: false,
            ..chat.clone()
        };
        self.0.nodes.tell(Event::ChatListed(Box::new(chat.clone())));
        self.show_listed(chat).await
    }

    pub(super) async fn show_listed(&self, chat: Chat) -> Result<(), StoreError> {
        let members = self.members(Room::Chat(chat.chat_id)).await?;
        let colleagues = self.members(Room::Workspace(chat.workspace_id)).await?;
        let frame = Outgoing::new(Kind::Reliable, &ServerFrame::ChatUpdated { chat });
        let interest = self.interest();
        for colleague in colleagues.ids().filter(|user| !members.contains(*user)) {
            self.tell(interest.sockets_of(colleague), &frame);
        }
        Ok(())
    }

    /// A person belongs to a workspace now: those who have its people on screen see them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn entered(&self, workspace: WorkspaceId, person: UserId) -> Result<(), StoreError> {
        self.0.nodes.tell(Event::Entered(workspace, person));
        self.0.nodes.tell(Event::WorkspaceChanged(workspace));
        self.show_workspace(workspace).await
    }

    pub(super) async fn show_workspace(&self, workspace: WorkspaceId) -> Result<(), StoreError> {
        let room = Room::Workspace(workspace);
        self.newest_members(room).await?;
        self.show_room_to_all(room).await;
        Ok(())
    }

    /// A person left a chat or was removed: their tabs drop it, and the others' are refreshed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn member_left(&self, chat: ChatId, user: UserId) -> Result<(), StoreError> {
        self.0.nodes.tell(Event::Left(chat, user));
        self.drop_member(chat, user);
        self.chat_changed(chat).await
    }

    /// Nothing of a chat reaches somebody's tabs after they were told that they are not in it.
    pub(super) fn drop_member(&self, chat_id: ChatId, user: UserId) {
        let mut interest = self.interest();
        interest.expel(Room::Chat(chat_id), user);
        let frame = Outgoing::new(Kind::Reliable, &ServerFrame::ChatRemoved { chat_id });
        self.tell(interest.sockets_of(user), &frame);
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
        let Some(read) = self.0.store.set_read(chat, user, sequence).await? else {
            return Ok(());
        };
        let frame = ServerFrame::Read {
            chat_id: chat,
            sequence: read.sequence,
        };
        self.tell_tabs(user, vec![frame]);
        self.cleared(read.cleared);
        Ok(())
    }

    /// Whether any of these has a socket here.
    #[must_use]
    pub fn has_sockets_of(&self, members: &Members) -> bool {
        let interest = self.interest();
        members.ids().any(|user| interest.count_of(user) > 0)
    }

    /// Tells every socket of a chat's members of a message's newest form. Called in the order of the
    /// offsets, by the publisher only.
    pub fn publish(&self, members: &Members, message: &Message, frame: &ServerFrame) {
        let kind = Kind::Message {
            offset: message.offset,
        };
        let frame = Outgoing::new(kind, frame);
        self.tell(self.interest().sockets_of_members(members), &frame);
    }

    /// Reads who belongs to a room. Kept only while it would be heard of when that changes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn newest_members(&self, room: Room) -> Result<Arc<Members>, StoreError> {
        loop {
            let load = self.interest().begin_load();
            let people = self.people_in(room).await?;
            let members: Arc<Members> =
                Arc::new(people.iter().map(|person| person.user_id).collect());
            let is_newly_heard = {
                let mut interest = self.interest();
                interest.learn(people.into_iter().map(profile_of));
                let is_newly_heard = self.listen_to_members(&mut interest, room, &members);
                if !self.0.nodes.are_possible() || interest.listening.hears(room) {
                    interest.finish_load(load, room, &members);
                }
                is_newly_heard
            };
            if !is_newly_heard {
                return Ok(members);
            }
            // Heard of first, then read: nothing falls in between.
            self.0.nodes.all_ears().await;
        }
    }

    async fn people_in(&self, room: Room) -> Result<Vec<Person>, StoreError> {
        let store = &self.0.store;
        Ok(match room {
            Room::Chat(chat) => {
                let members = store.chat_members(chat).await?.into_iter();
                members.map(|member| member.person).collect()
            }
            Room::Workspace(workspace) => {
                let members = store.workspace_members(workspace).await?.into_iter();
                members.map(|member| member.person).collect()
            }
        })
    }

    fn users_with_sockets(&self, members: &Members) -> Vec<UserId> {
        let interest = self.interest();
        members
            .ids()
            .filter(|user| interest.count_of(*user) > 0)
            .collect()
    }
}
