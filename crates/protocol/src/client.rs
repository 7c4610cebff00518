//! Frames from a client to the server.

use crate::{ChatId, ClientMessageId, Epoch, SessionId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Everything that a client may say, told apart by `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum ClientFrame {
    /// The first frame; nothing else is accepted before it.
    #[serde(rename = "hello")]
    Hello {
        /// Where the client left off, if it knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<Resume>,
        /// [`crate::PROTOCOL_VERSION`].
        protocol: u32,
        /// How long ago the person last gave any input here, in milliseconds. A client that leaves
        /// it out reports none: its person counts as there while it is connected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        idle_ms: Option<u64>,
    },
    /// Asks for a `pong` with the same id.
    #[serde(rename = "ping")]
    Ping {
        /// Chosen by the client.
        id: u64,
    },
    /// Puts a chat on screen: its presence and typing are sent from now on.
    #[serde(rename = "chat.subscribe")]
    Subscribe {
        /// Which chat.
        chat_id: ChatId,
    },
    /// Takes a chat off the screen.
    #[serde(rename = "chat.unsubscribe")]
    Unsubscribe {
        /// Which chat.
        chat_id: ChatId,
    },
    /// Puts the people of a workspace on screen: their presence is sent from now on.
    #[serde(rename = "workspace.subscribe")]
    SubscribeWorkspace {
        /// Which workspace.
        workspace_id: WorkspaceId,
    },
    /// Takes them off the screen.
    #[serde(rename = "workspace.unsubscribe")]
    UnsubscribeWorkspace {
        /// Which workspace.
        workspace_id: WorkspaceId,
    },
    /// The person gives input here; repeated at most once in `timers.input_interval_ms`.
    #[serde(rename = "presence.input")]
    Input {},
    /// The person started, goes on, or stopped typing.
    #[serde(rename = "chat.typing")]
    Typing {
        /// Where.
        chat_id: ChatId,
        /// False ends it at once; true is shown until the typing timeout.
        is_typing: bool,
    },
    /// Sends a message; answered by `message.ack`, or by `error` with the same `client_id`.
    #[serde(rename = "message.send")]
    Send {
        /// Where.
        chat_id: ChatId,
        /// The sender's own name for it; sending again under the same one stores nothing new.
        client_id: ClientMessageId,
        /// What to say.
        text: String,
    },
    /// The person has read a chat up to this sequence.
    #[serde(rename = "chat.read")]
    Read {
        /// Which chat.
        chat_id: ChatId,
        /// The `sequence` of the newest message read.
        sequence: u64,
    },
}

/// Where a client left off: everything up to `offset` has been applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The sign-in session under which the offset was learnt.
    pub session: SessionId,
    /// The history that the offset counts in.
    pub epoch: Epoch,
    /// The largest offset applied.
    pub offset: u64,
}

impl ClientFrame {
    /// The `type` field, as metrics and error messages name it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Hello { .. } => "hello",
            Self::Ping { .. } => "ping",
            Self::Subscribe { .. } => "chat.subscribe",
            Self::Unsubscribe { .. } => "chat.unsubscribe",
            Self::SubscribeWorkspace { .. } => "workspace.subscribe",
            Self::UnsubscribeWorkspace { .. } => "workspace.unsubscribe",
            Self::Input {} => "presence.input",
            Self::Typing { .. } => "chat.typing",
            Self::Send { .. } => "message.send",
            Self::Read { .. } => "chat.read",
        }
    }
}
