//! What one server tells others.

use protocol::{
    Chat, ChatId, ConnectionId, Message, Room, ServerFrame, SessionId, User, UserId, WorkspaceId,
};
use serde::{Deserialize, Serialize};

/// What one server tells others. Where it can, it says what to look at, not what is there: whoever
/// looks finds the newest, in whatever order it hears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A message was written, edited or deleted.
    Message(Box<Message>),
    /// Somebody is typing, or stopped.
    Typing {
        /// Where.
        chat: ChatId,
        /// Who.
        typist: User,
        /// Whether they are.
        is_typing: bool,
    },
    /// The name, topic or membership of a chat changed.
    ChatChanged(ChatId),
    /// How one of its members sees a chat has changed.
    ChatChangedFor(ChatId, UserId),
    /// A public chat is new, or has another name or topic.
    ChatListed(Box<Chat>),
    /// Somebody was made a member of a chat.
    Joined(ChatId, UserId),
    /// Somebody was made a member of a workspace.
    Entered(WorkspaceId, UserId),
    /// Others belong to a workspace.
    WorkspaceChanged(WorkspaceId),
    /// Somebody is no longer a member of a chat.
    Left(ChatId, UserId),
    /// A person's tabs are to be told this.
    Tell(UserId, #[serde(with = "frames")] Vec<ServerFrame>),
    /// Whom a person knows has changed, or to whom they show what.
    CircleChanged(UserId),
    /// A person has chosen what to show of themselves.
    StatusChanged(UserId),
    /// What a person shows of themselves has changed.
    ProfileChanged(UserId),
    /// A sign-in has ended.
    SessionEnded(UserId, SessionId),
    /// An administrator wants a connection of a person closed.
    Closed(UserId, ConnectionId),
    /// The sender could not tell everything: others must look at all.
    Untold,
}

/// To whom something is told: those who listen there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// Servers with a socket of a member.
    Room(Room),
    /// Servers with a socket of this person.
    Person(UserId),
    /// Servers on which somebody is shown this person.
    Profile(UserId),
    /// All.
    All,
}

impl Event {
    /// Where it is told.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Message(message) => Channel::Room(Room::Chat(message.chat_id)),
            Self::Typing { chat, .. } | Self::ChatChanged(chat) => Channel::Room(Room::Chat(*chat)),
            Self::ChatListed(chat) => Channel::Room(Room::Workspace(chat.workspace_id)),
            Self::WorkspaceChanged(workspace) => Channel::Room(Room::Workspace(*workspace)),
            Self::ChatChangedFor(_, user)
            | Self::Joined(_, user)
            | Self::Left(_, user)
            | Self::Entered(_, user)
            | Self::Tell(user, _)
            | Self::CircleChanged(user)
            | Self::StatusChanged(user)
            | Self::SessionEnded(user, _)
            | Self::Closed(user, _) => Channel::Person(*user),
            Self::ProfileChanged(user) => Channel::Profile(*user),
            Self::Untold => Channel::All,
        }
    }
}

/// Frames as the texts that they are on the wire.
mod frames {
    use protocol::ServerFrame;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de, ser};

    pub(super) fn serialize<S: Serializer>(
        frames: &[ServerFrame],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let texts: Result<Vec<_>, _> = frames.iter().map(serde_json::to_string).collect();
        texts.map_err(ser::Error::custom)?.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<ServerFrame>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        let frames = texts.iter().map(|text| text.parse());
        frames.collect::<Result<_, _>>().map_err(de::Error::custom)
    }
}

impl Channel {
    /// What it is called in Redis.
    #[must_use]
    pub fn name(&self, prefix: &str) -> String {
        match self {
            Self::Room(Room::Chat(chat)) => format!("{prefix}:chat:{chat}"),
            Self::Room(Room::Workspace(workspace)) => format!("{prefix}:workspace:{workspace}"),
            Self::Person(user) => format!("{prefix}:person:{user}"),
            Self::Profile(user) => format!("{prefix}:profile:{user}"),
            Self::All => format!("{prefix}:all"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Author, ChatKind, ClientMessageId, MessageId, Timestamp};
    use uuid::Uuid;

    #[test]
    fn whatever_is_told_is_understood() {
        let chat = ChatId::from_uuid(Uuid::from_u128(1));
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(2));
        let user = UserId::from_uuid(Uuid::from_u128(3));
        let message = Message {
            chat_id: chat,
            id: MessageId::from_uuid(Uuid::from_u128(4)),
            client_id: ClientMessageId::from_uuid(Uuid::from_u128(5)),
            author: Author {
                user_id: user,
                display_name: "Jane".into(),
            },
            text: "\"Hello\"".into(),
            sent_at: Timestamp::from_unix_millis(1),
            edited_at: None,
            deleted_at: None,
            sequence: 1,
            offset: 2,
        };
        let listed = Chat {
            chat_id: chat,
            workspace_id: workspace,
            slug: "general".into(),
            kind: ChatKind::Channel,
            name: "general".into(),
            topic: String::new(),
            is_private: false,
            people: Vec::new(),
            role: None,
            read_offset: 0,
            unread: 0,
            is_muted: false,
        };
        let frames = vec![
            ServerFrame::MessageCreated(message.clone()),
            ServerFrame::Refresh {},
        ];
        let typist = User {
            user_id: user,
            username: "jane".into(),
            display_name: "Jane".into(),
            is_admin: false,
        };
        for event in [
            Event::Message(Box::new(message)),
            Event::Typing {
                chat,
                typist,
                is_typing: true,
            },
            Event::ChatChanged(chat),
            Event::ChatChangedFor(chat, user),
            Event::ChatListed(Box::new(listed)),
            Event::Joined(chat, user),
            Event::Left(chat, user),
            Event::Entered(workspace, user),
            Event::WorkspaceChanged(workspace),
            Event::Tell(user, frames),
            Event::CircleChanged(user),
            Event::StatusChanged(user),
            Event::ProfileChanged(user),
            Event::SessionEnded(user, SessionId::from_uuid(Uuid::from_u128(6))),
            Event::Untold,
        ] {
            let text = serde_json::to_string(&event).unwrap();
            let heard: Event = serde_json::from_str(&text).unwrap();
            assert_eq!(heard, event, "{text}");
        }
    }
}
