//! Workspaces and chats.

use crate::{Author, ChatId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// What a member may do in a workspace. Later variants may do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceRole {
    /// Sees public chats, joins them, makes new ones.
    Member,
    /// Also manages every chat and every member.
    Admin,
    /// Made the workspace; also manages admins.
    Owner,
}

/// What a member may do in a chat. Later variants may do more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChatRole {
    /// Reads, writes and adds members.
    Member,
    /// Also renames the chat, changes its topic and removes members.
    Owner,
}

/// A workspace, as one of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Workspace {
    /// Which workspace.
    pub workspace_id: WorkspaceId,
    /// Its part of the address: lower-case letters, digits and hyphens; unique.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The reader's role in it.
    pub role: WorkspaceRole,
}

/// What sort of chat it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// Has a name and a topic; people join and leave.
    #[default]
    Channel,
    /// Between two people or a small group, who never change; named after them.
    Direct,
}

/// A chat, as one of its members (or a person who could join it) sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Chat {
    /// Which chat.
    pub chat_id: ChatId,
    /// The workspace that it belongs to.
    pub workspace_id: WorkspaceId,
    /// Its part of the address; unique within the workspace.
    pub slug: String,
    /// What sort of chat it is.
    pub kind: ChatKind,
    /// Its name, without a leading `#`; that of a direct chat is made of the others' names.
    pub name: String,
    /// What it is about; may be empty.
    pub topic: String,
    /// Only members can see or join it.
    pub is_private: bool,
    /// The members of a direct chat but for the reader, by name; of others, nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Author>,
    /// The reader's role, or nothing when the reader has not joined.
    pub role: Option<ChatRole>,
    /// The offset up to which the reader has read.
    pub read_offset: u64,
    /// Messages of others after `read_offset`.
    pub unread: u64,
    /// The reader wants no attention drawn to it.
    pub is_muted: bool,
}
