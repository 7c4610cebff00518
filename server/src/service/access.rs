//! What a person may see and do. Whatever they may not know of is not found, exactly as if it did
//! not exist.

use crate::{
    error::{Error, Result},
    state::AppState,
};
use protocol::{Chat, ChatId, ChatRole, ErrorCode, UserId, Workspace, WorkspaceId, WorkspaceRole};
use store::{ChatKey, WorkspaceKey};

/// A workspace that the person is a member of.
///
/// # Errors
/// `not_found`.
pub async fn workspace(state: &AppState, me: UserId, id: WorkspaceId) -> Result<Workspace> {
    state
        .store
        .workspace(me, WorkspaceKey::Id(id))
        .await?
        .ok_or_else(|| Error::not_found("workspace"))
}

/// A chat that the person has joined, or could join.
///
/// # Errors
/// `not_found`.
pub async fn visible_chat(state: &AppState, me: UserId, id: ChatId) -> Result<Chat> {
    state
        .store
        .chat(me, ChatKey::Id(id))
        .await?
        .ok_or_else(|| Error::not_found("chat"))
}

/// A chat that the person has joined.
///
/// # Errors
/// `not_found`.
pub async fn joined_chat(state: &AppState, me: UserId, id: ChatId) -> Result<Chat> {
    let chat = visible_chat(state, me, id).await?;
    if chat.role.is_none() {
        return Err(Error::not_found("chat"));
    }
    Ok(chat)
}

/// A chat that the person manages: as its owner, or as an administrator of its workspace.
///
/// # Errors
/// `not_found`, or `forbidden` for who sees it but does not manage it.
pub async fn managed_chat(state: &AppState, me: UserId, id: ChatId) -> Result<Chat> {
    let chat = visible_chat(state, me, id).await?;
    if chat.role == Some(ChatRole::Owner) || is_admin(state, me, chat.workspace_id).await? {
        return Ok(chat);
    }
    Err(Error::refused(
        ErrorCode::Forbidden,
        "Only the owners of the chat and the administrators of the workspace may do this.",
    ))
}

/// Whether the person administers a workspace.
///
/// # Errors
/// When the store cannot be read.
pub async fn is_admin(state: &AppState, me: UserId, workspace: WorkspaceId) -> Result<bool> {
    let role = state.store.workspace_role(workspace, me).await?;
    Ok(role >= Some(WorkspaceRole::Admin))
}
