//! Invitations: links by which others join a workspace.

use super::{access, announce, members, workspaces::FIRST_CHAT};
use crate::{
    auth::Secret,
    clock,
    error::{Error, Result},
    state::AppState,
};
use protocol::{ErrorCode, UserId, WorkspaceId};
use std::time::Duration;
use store::{ChatKey, NewInvitation};

/// How long a link works.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How many people can join by one link.
const USES: u32 = 100;

/// Makes a link by which others can join a workspace: a whole address where the public one is known,
/// else its path.
///
/// # Errors
/// `not_found`, or `forbidden` for who does not administer the workspace.
pub async fn create(state: &AppState, me: UserId, workspace: WorkspaceId) -> Result<String> {
    access::workspace(state, me, workspace).await?;
    if !access::is_admin(state, me, workspace).await? {
        return Err(Error::refused(
            ErrorCode::Forbidden,
            "Only administrators of the workspace may invite people.",
        ));
    }
    let secret = Secret::generate();
    let now = state.clock.now();
    state
        .store
        .create_invitation(NewInvitation {
            token_hash: secret.hash(),
            workspace_id: workspace,
            created_by: me,
            created_at: now,
            expires_at: clock::after(now, LIFETIME),
            uses_left: USES,
        })
        .await?;
    let origin = state
        .config
        .server
        .public_url
        .as_ref()
        .map_or("", |url| url.as_str());
    Ok(format!("{origin}/sign-up?invitation={}", secret.to_text()))
}

/// The name of the workspace that an invitation leads to, while it can be used.
///
/// # Errors
/// When the store cannot be read.
pub async fn find(state: &AppState, invitation: &str) -> Result<Option<String>> {
    match Secret::parse(invitation) {
        Some(secret) => Ok(state
            .store
            .invitation(&secret.hash(), state.clock.now())
            .await?),
        None => Ok(None),
    }
}

/// Makes a person a member of the workspace that an invitation leads to, and of its first chat, and
/// gives the workspace; nothing when the invitation cannot be used.
///
/// # Errors
/// When the store fails.
pub async fn redeem(
    state: &AppState,
    invitation: &str,
    person: UserId,
) -> Result<Option<WorkspaceId>> {
    let Some(secret) = Secret::parse(invitation) else {
        return Ok(None);
    };
    let now = state.clock.now();
    let Some(workspace) = state
        .store
        .redeem_invitation(&secret.hash(), now, person)
        .await?
    else {
        return Ok(None);
    };
    welcome(state, workspace, person).await?;
    Ok(Some(workspace))
}

/// Makes a new member of a workspace known, and puts them into its first chat, if that is there and
/// public.
pub(super) async fn welcome(
    state: &AppState,
    workspace: WorkspaceId,
    person: UserId,
) -> Result<()> {
    announce(state.hub.entered(workspace, person).await);
    if let Some(chat) = state
        .store
        .chat(person, ChatKey::Slug(workspace, FIRST_CHAT))
        .await?
    {
        members::admit(state, chat.chat_id, person, None).await?;
    }
    Ok(())
}
