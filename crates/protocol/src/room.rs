//! What a connection can have on screen.

use crate::{ChatId, ClientFrame, WorkspaceId};

/// A set of people whose presence a connection can have on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Room {
    /// The members of a chat.
    Chat(ChatId),
    /// Everybody in a workspace.
    Workspace(WorkspaceId),
}

impl Room {
    /// The frame that puts it on screen.
    #[must_use]
    pub const fn subscribe(self) -> ClientFrame {
        match self {
            Self::Chat(chat_id) => ClientFrame::Subscribe { chat_id },
            Self::Workspace(workspace_id) => ClientFrame::SubscribeWorkspace { workspace_id },
        }
    }

    /// The frame that takes it off the screen.
    #[must_use]
    pub const fn unsubscribe(self) -> ClientFrame {
        match self {
            Self::Chat(chat_id) => ClientFrame::Unsubscribe { chat_id },
            Self::Workspace(workspace_id) => ClientFrame::UnsubscribeWorkspace { workspace_id },
        }
    }
}
