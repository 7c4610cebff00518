//! Workspaces and their members.

use super::{access, announce, members};
use crate::{error::Result, state::AppState, validate};
use app::page::Member;
use protocol::{ChatId, UserId, Workspace, WorkspaceId};
use store::{NewChat, NewWorkspace};
use uuid::Uuid;

/// The chat that every workspace begins with.
pub const FIRST_CHAT: &str = "general";

/// The workspaces of a person, by name.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(state: &AppState, me: UserId) -> Result<Vec<Workspace>> {
    let mut workspaces = state.store.workspaces_of(me).await?;
    workspaces.sort_by_cached_key(|workspace| workspace.name.to_lowercase());
    Ok(workspaces)
}

/// Makes a workspace with a first chat, owned by the person.
///
/// # Errors
/// When the name is refused or the store fails.
pub async fn create(state: &AppState, me: UserId, name: &str) -> Result<Workspace> {
    let name = validate::name(name)?;
    let created_at = state.clock.now();
    let workspace_id = WorkspaceId::from_uuid(Uuid::now_v7());
    let workspace = NewWorkspace {
        workspace_id,
        name,
        created_at,
    };
    let workspace = state.store.create_workspace(workspace, me).await?;
    let chat = NewChat {
        chat_id: ChatId::from_uuid(Uuid::now_v7()),
        workspace_id,
        name: FIRST_CHAT.to_owned(),
        topic: String::new(),
        is_private: false,
        created_at,
    };
    let chat = state.store.create_chat(chat, me).await?;
    announce(state.hub.entered(workspace_id, me).await);
    announce(state.hub.joined(chat.chat_id, [me]).await);
    Ok(workspace)
}

/// Everybody in a workspace, by name.
///
/// # Errors
/// `not_found` for who is not a member.
pub async fn list_members(
    state: &AppState,
    me: UserId,
    workspace: WorkspaceId,
) -> Result<Vec<Member>> {
    let workspace = access::workspace(state, me, workspace).await?;
    let everybody = state
        .store
        .workspace_members(workspace.workspace_id)
        .await?;
    Ok(members::by_name(everybody.into_iter().map(|member| {
        Member {
            user_id: member.person.user_id,
            username: member.person.username,
            display_name: member.person.display_name,
            role: None,
        }
    })))
}
