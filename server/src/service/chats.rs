//! Chats: listed, made, renamed.

use super::{access, announce};
use crate::{
    error::{Error, Result},
    state::AppState,
    validate,
};
use protocol::{Chat, ChatId, ChatKind, ErrorCode, UserId, WorkspaceId};
use store::{ChatChanges, NewChat};
use uuid::Uuid;

/// What a new chat is to be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// What it is about; may be empty.
    pub topic: String,
    /// Only members can see or join it.
    pub is_private: bool,
}

/// The chats of a workspace that a person has joined or could join, by name.
///
/// # Errors
/// `not_found` for who is not a member of the workspace.
pub async fn list(state: &AppState, me: UserId, workspace: WorkspaceId) -> Result<Vec<Chat>> {
    access::workspace(state, me, workspace).await?;
    let mut chats = state.store.chats_of(me, workspace).await?;
    chats.extend(state.store.joinable_chats(me, workspace).await?);
    chats.sort_by_cached_key(|chat| chat.name.to_lowercase());
    Ok(chats)
}

/// Makes a chat owned by the person.
///
/// # Errors
/// `not_found` for who is not a member of the workspace, `conflict` when the name is taken there.
pub async fn create(
    state: &AppState,
    me: UserId,
    workspace: WorkspaceId,
    draft: &Draft,
) -> Result<Chat> {
    let name = validate::chat_name(&draft.name)?;
    let topic = validate::topic(&draft.topic)?;
    access::workspace(state, me, workspace).await?;
    let chat = NewChat {
        chat_id: ChatId::from_uuid(Uuid::now_v7()),
        workspace_id: workspace,
        name,
        topic,
        is_private: draft.is_private,
        created_at: state.clock.now(),
    };
    let chat = state.store.create_chat(chat, me).await?;
    announce(state.hub.joined(chat.chat_id, [me]).await);
    announce(state.hub.chat_listed(&chat).await);
    Ok(chat)
}

/// Renames a chat, changes its topic, or both.
///
/// # Errors
/// `not_found`, `forbidden` for who does not manage the chat, `conflict` when the name is taken.
pub async fn update(
    state: &AppState,
    me: UserId,
    chat: ChatId,
    name: Option<&str>,
    topic: Option<&str>,
) -> Result<Chat> {
    let changes = ChatChanges {
        name: name.map(validate::chat_name).transpose()?,
        topic: topic.map(validate::topic).transpose()?,
    };
    if access::managed_chat(state, me, chat).await?.kind == ChatKind::Direct {
        return Err(Error::refused(
            ErrorCode::BadRequest,
            "A direct chat is named after its people.",
        ));
    }
    state.store.update_chat(chat, changes).await?;
    announce(state.hub.chat_changed(chat).await);
    let chat = access::visible_chat(state, me, chat).await?;
    announce(state.hub.chat_listed(&chat).await);
    Ok(chat)
}
