//! Workspaces and chats.

use crate::{ChatId, WorkspaceId};
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
    /// Its name, without a leading `#`.
    pub name: String,
    /// What it is about; may be empty.
    pub topic: String,
    /// Only members can see or join it.
    pub is_private: bool,
    /// The reader's role, or nothing when the reader has not joined.
    pub role: Option<ChatRole>,
    /// The offset up to which the reader has read.
    pub read_offset: u64,
    /// Messages of others after `read_offset`.
    pub unread: u64,
}
