//! Chats: who belongs to them, and how their members hear of changes.

use super::{Hub, Kind, Members, Outgoing, profile_of};
use protocol::{Chat, ChatId, Message, Room, ServerFrame, UserId};
use std::sync::Arc;
use store::{ChatKey, StoreError};

impl Hub {
    /// The people of a room, from memory where they are known.
    ///
    /// # Errors
    /// When they are not in memory and the store cannot be read.
    pub async fn members(&self, room: Room) -> Result<Arc<Members>, StoreError> {
        let known = self.interest().members(room);
        match known {
            Some(members) => Ok(members),
            None => self.load_members(room).await,
        }
    }

    /// The name, topic or membership of a chat changed: its members' tabs learn of it, and those that
    /// have it on screen get a fresh list of members.
    ///
    /// # Errors
    /// When the store cannot be read; what has been told then stays told.
    pub async fn chat_changed(&self, chat: ChatId) -> Result<(), StoreError> {
        let room = Room::Chat(chat);
        let members = self.load_members(room).await?;
        for user in self.users_with_sockets(&members) {
            self.chat_changed_for(chat, user).await?;
        }
        self.send_snapshot(room).await;
        Ok(())
    }

    /// How one of its members sees a chat has changed: their tabs learn of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn chat_changed_for(&self, chat: ChatId, user: UserId) -> Result<(), StoreError> {
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
        let members = self.members(Room::Chat(chat.chat_id)).await?;
        let colleagues = self.0.store.workspace_members(chat.workspace_id).await?;
        let chat = Chat {
            role: None,
            read_offset: 0,
            unread: 0,
            is_muted: false,
            ..chat.clone()
        };
        let frame = Outgoing::new(Kind::Reliable, &ServerFrame::ChatUpdated { chat });
        let interest = self.interest();
        for colleague in colleagues {
            let user = colleague.person.user_id;
            if !members.contains(user) {
                self.tell(interest.sockets_of(user), &frame);
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
        let Some(read) = self.0.store.set_read(chat, user, sequence).await? else {
            return Ok(());
        };
        let frame = ServerFrame::Read {
            chat_id: chat,
            sequence: read.sequence,
        };
        self.send_to_user(user, &frame);
        self.cleared(read.cleared);
        Ok(())
    }

    /// Tells every socket of a chat's members of a message's newest form. Called in the order of the
    /// offsets, by the writer only.
    pub fn publish(&self, members: &Members, message: &Message, frame: &ServerFrame) {
        let kind = Kind::Message {
            offset: message.offset,
        };
        let frame = Outgoing::new(kind, frame);
        self.tell(self.interest().sockets_of_members(members), &frame);
    }

    async fn load_members(&self, room: Room) -> Result<Arc<Members>, StoreError> {
        let (load, store) = (self.interest().begin_load(), &self.0.store);
        let people: Vec<_> = match room {
            Room::Chat(chat) => {
                let members = store.chat_members(chat).await?.into_iter();
                members.map(|member| member.person).collect()
            }
            Room::Workspace(workspace) => {
                let members = store.workspace_members(workspace).await?.into_iter();
                members.map(|member| member.person).collect()
            }
        };
        let members: Arc<Members> = Arc::new(people.iter().map(|person| person.user_id).collect());
        let mut interest = self.interest();
        interest.learn(people.into_iter().map(profile_of));
        interest.finish_load(load, room, &members);
        Ok(members)
    }

    fn users_with_sockets(&self, members: &Members) -> Vec<UserId> {
        let interest = self.interest();
        members
            .ids()
            .filter(|user| interest.count_of(*user) > 0)
            .collect()
    }
}
