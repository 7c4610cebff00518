//! Chats, each as one person sees it.

mod attention;
mod change;
mod direct;
mod members;
mod read;

pub use attention::ReadUpTo;
pub use change::ChatChanges;
pub use direct::{Direct, NewDirect};
pub use members::{ChatMember, Joined, Left};

use protocol::{ChatId, Timestamp, WorkspaceId};

/// Unread messages are counted up to this many: nobody reads a larger number, and counting stays
/// quick however long a person was away.
pub const MAX_UNREAD: u64 = 1_000;

/// A chat to create.
#[derive(Clone, Debug)]
pub struct NewChat {
    /// Its id.
    pub chat_id: ChatId,
    /// The workspace that it belongs to.
    pub workspace_id: WorkspaceId,
    /// Its name; its slug is made from it.
    pub name: String,
    /// What it is about; may be empty.
    pub topic: String,
    /// Only members can see or join it.
    pub is_private: bool,
    /// Now.
    pub created_at: Timestamp,
}

/// How a chat is named.
#[derive(Clone, Copy, Debug)]
pub enum ChatKey<'k> {
    /// By its id.
    Id(ChatId),
    /// By its part of the address within a workspace.
    Slug(WorkspaceId, &'k str),
}
