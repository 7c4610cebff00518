//! Who is online: one function for pages, server functions and REST.

use super::access;
use crate::{error::Result, hub::PresenceError, state::AppState};
use protocol::{Chat, ChatId, PresenceSnapshot, Room, UserId, WorkspaceId};

/// The presence of a chat's members.
///
/// # Errors
/// `not_found` for who has not joined the chat, `disabled` when presence is switched off.
pub async fn of_chat(state: &AppState, me: UserId, chat: ChatId) -> Result<PresenceSnapshot> {
    access::joined_chat(state, me, chat).await?;
    Ok(state.hub.presence_in(me, Room::Chat(chat)).await?)
}

/// The presence of everybody in a workspace.
///
/// # Errors
/// `not_found` for who is not a member, `disabled` when presence is switched off.
pub async fn of_workspace(
    state: &AppState,
    me: UserId,
    workspace: WorkspaceId,
) -> Result<PresenceSnapshot> {
    access::workspace(state, me, workspace).await?;
    Ok(state
        .hub
        .presence_in(me, Room::Workspace(workspace))
        .await?)
}

/// For a page of a chat that its reader was found to see. Who has not joined is told nothing.
pub(super) async fn for_chat_page(
    state: &AppState,
    me: UserId,
    chat: &Chat,
) -> Result<PresenceSnapshot> {
    let told = match chat.role {
        Some(_) => state.hub.presence_in(me, Room::Chat(chat.chat_id)).await,
        None => Err(PresenceError::Disabled),
    };
    or_nobody(state, told)
}

/// Where presence is switched off, nobody is claimed to be anything.
pub(super) fn or_nobody(
    state: &AppState,
    told: Result<PresenceSnapshot, PresenceError>,
) -> Result<PresenceSnapshot> {
    match told {
        Err(PresenceError::Disabled) => Ok(PresenceSnapshot {
            users: Vec::new(),
            epoch: state.directory.epoch(),
            version: 0,
        }),
        told => Ok(told?),
    }
}
