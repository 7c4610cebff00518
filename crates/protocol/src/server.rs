//! Frames from the server to a client.

use crate::{
    Chat, ChatId, ClientMessageId, ConnectionId, Epoch, ErrorCode, FriendsSnapshot, Message,
    MessageId, Notification, NotificationId, PresenceChange, PresenceEntry, Relations, SessionId,
    Status, UnreadNotifications, User, UserId, WorkspaceId, json::server_frame,
};
use serde::{Deserialize, Serialize};

server_frame! {
/// Everything that the server may say, told apart by `type`. A client ignores a type that it does
/// not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerFrame {
    /// The answer to `hello`: from now on the connection is live.
    #[serde(rename = "welcome")]
    Welcome(Box<Welcome>),
    /// The answer to `ping`.
    #[serde(rename = "pong")]
    Pong {
        /// The id of the `ping`.
        id: u64,
    },
    /// Who is in a chat and who of them is online: the answer to `chat.subscribe`, and sent again
    /// when the membership changes.
    #[serde(rename = "connected_users")]
    ConnectedUsers {
        /// Which chat.
        chat_id: ChatId,
        /// Everybody in it, online first, then by name.
        users: Vec<PresenceEntry>,
        /// The history that the versions count in.
        epoch: Epoch,
        /// The largest of the entries' versions.
        version: u64,
    },
    /// Who is in a workspace and who of them is online: the answer to `workspace.subscribe`.
    #[serde(rename = "workspace_users")]
    WorkspaceUsers {
        /// Which workspace.
        workspace_id: WorkspaceId,
        /// Everybody in it, online first, then by name.
        users: Vec<PresenceEntry>,
        /// The history that the versions count in.
        epoch: Epoch,
        /// The largest of the entries' versions.
        version: u64,
    },
    /// All friends, after each `welcome` and whenever there are others.
    #[serde(rename = "friends_online_snapshot")]
    FriendsSnapshot(FriendsSnapshot),
    /// The people of this person's direct chats, after each `welcome` and whenever there are others.
    #[serde(rename = "direct_users")]
    DirectUsers {
        /// Everybody in one, online first, then by name.
        users: Vec<PresenceEntry>,
        /// The history that the versions count in.
        epoch: Epoch,
        /// The largest of the entries' versions.
        version: u64,
    },
    /// Requests to be friends, and who is blocked, after each `welcome` and whenever they change.
    #[serde(rename = "relations")]
    Relations(Relations),
    /// What this person has chosen to show of themselves, after each `welcome` and whenever it
    /// changes, in whichever tab.
    #[serde(rename = "status.changed")]
    StatusChanged(Status),
    /// A notification is new, or stands for one more message.
    #[serde(rename = "notification.created")]
    NotificationCreated(Notification),
    /// Notifications were read, in this tab or another.
    #[serde(rename = "notification.read")]
    NotificationRead {
        /// Which.
        ids: Vec<NotificationId>,
    },
    /// How many wait to be read, after each `welcome` and each change.
    #[serde(rename = "notification.unread")]
    NotificationUnread(UnreadNotifications),
    /// One person went online, away or offline, or says something else of themselves.
    #[serde(rename = "presence.changed")]
    PresenceChanged(PresenceChange),
    /// Several did, within one short window.
    #[serde(rename = "presence.batch")]
    PresenceBatch {
        /// In the order in which they happened; at most one per person.
        changes: Vec<PresenceChange>,
    },
    /// Somebody else is typing, or stopped.
    #[serde(rename = "chat.typing")]
    Typing {
        /// Where.
        chat_id: ChatId,
        /// Who.
        user_id: UserId,
        /// The name that others see.
        display_name: String,
        /// Whether they are.
        is_typing: bool,
    },
    /// A message was written.
    #[serde(rename = "message.created")]
    MessageCreated(Message),
    /// A message was edited.
    #[serde(rename = "message.updated")]
    MessageUpdated(Message),
    /// A message was deleted; its text is empty.
    #[serde(rename = "message.deleted")]
    MessageDeleted(Message),
    /// A message of this client is on disk.
    #[serde(rename = "message.ack")]
    MessageAck {
        /// The sender's own name for it.
        client_id: ClientMessageId,
        /// Its lasting name.
        id: MessageId,
    },
    /// This person has read a chat up to `sequence`, in this tab or another.
    #[serde(rename = "chat.read")]
    Read {
        /// Which chat.
        chat_id: ChatId,
        /// The `sequence` of the newest message read.
        sequence: u64,
    },
    /// A chat that this person belongs to is new, renamed or otherwise changed.
    #[serde(rename = "chat.updated")]
    ChatUpdated {
        /// As this person sees it.
        chat: Chat,
    },
    /// This person no longer belongs to a chat.
    #[serde(rename = "chat.removed")]
    ChatRemoved {
        /// Which chat.
        chat_id: ChatId,
    },
    /// News may have passed this connection by: what was fetched is to be fetched anew.
    #[serde(rename = "refresh")]
    Refresh {},
    /// The server will go away; reconnect at a time of your own choice within the spread.
    #[serde(rename = "reconnect")]
    Reconnect {
        /// Not before, in milliseconds from now.
        after_ms: u64,
        /// Add a random part of this many milliseconds.
        spread_ms: u64,
        /// `drain` or `restart`.
        reason: String,
    },
    /// A frame of this client was refused; the connection lives on.
    #[serde(rename = "error")]
    Error {
        /// Why, for programs.
        code: ErrorCode,
        /// Why, for people.
        message: String,
        /// The message that was refused, if it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientMessageId>,
        /// The chat that was meant, if there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chat_id: Option<ChatId>,
    },
}
}

/// What a connection is told once the server has accepted its `hello`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The sign-in session.
    pub session: SessionId,
    /// This socket.
    pub connection_id: ConnectionId,
    /// The history that offsets count in.
    pub epoch: Epoch,
    /// Where this connection starts: when resumed, the offset asked for (what follows it is being
    /// sent); otherwise the newest, and everything older must be fetched.
    pub offset: u64,
    /// Whether everything missed is being sent.
    pub resumed: bool,
    /// Who is signed in.
    pub user: User,
    /// What the server expects of this connection's heartbeat.
    pub timers: Timers,
}

/// The server's own timers, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timers {
    /// The server pings this often.
    pub ping_ms: u64,
    /// A connection silent for this long is closed.
    pub pong_timeout_ms: u64,
    /// Typing is shown for this long after the last sign of it.
    pub typing_timeout_ms: u64,
    /// Input is to be reported at most this often.
    pub input_interval_ms: u64,
}
