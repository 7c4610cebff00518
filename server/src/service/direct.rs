//! Direct chats.

use super::{access, announce};
use crate::{
    error::{Error, Result},
    state::AppState,
};
use protocol::{Chat, ChatId, ErrorCode, UserId, WorkspaceId, limits::MAX_DIRECT_PEOPLE};
use std::collections::BTreeSet;
use store::{Direct, NewDirect, StoreError};
use uuid::Uuid;

/// The direct chat of a person with others of a workspace, made if there is none.
///
/// # Errors
/// `bad_request` for nobody else, `too_large` for too many, `not_found` for somebody who is not in the
/// workspace, `forbidden` across a block.
pub async fn open(
    state: &AppState,
    me: UserId,
    workspace: WorkspaceId,
    others: &[UserId],
) -> Result<Chat> {
    let others: BTreeSet<_> = others
        .iter()
        .copied()
        .filter(|other| *other != me)
        .collect();
    if others.is_empty() {
        return Err(Error::refused(
            ErrorCode::BadRequest,
            "Choose at least one other person.",
        ));
    }
    if others.len() >= MAX_DIRECT_PEOPLE {
        return Err(Error::refused(
            ErrorCode::TooLarge,
            format!(
                "A direct chat has at most {MAX_DIRECT_PEOPLE} people. Make a channel for more."
            ),
        ));
    }
    access::workspace(state, me, workspace).await?;
    let direct = NewDirect {
        chat_id: ChatId::from_uuid(Uuid::now_v7()),
        workspace_id: workspace,
        founder: me,
        others: others.iter().copied().collect(),
        created_at: state.clock.now(),
    };
    let opened = state.store.open_direct(direct).await;
    match opened.map_err(|error| match error {
        StoreError::NotFound => Error::not_found("person in this workspace"),
        other => other.into(),
    })? {
        Direct::Existing(chat) => Ok(chat),
        Direct::Blocked => Err(Error::refused(
            ErrorCode::Forbidden,
            "You cannot write to this person: one of you has blocked the other.",
        )),
        Direct::Created(chat) => {
            let everybody: Vec<_> = others.into_iter().chain([me]).collect();
            let people = everybody.iter().copied();
            announce(state.hub.joined(chat.chat_id, people).await);
            for person in everybody {
                announce(state.hub.circle_changed(person).await);
            }
            Ok(chat)
        }
    }
}

/// Whether attention is drawn to a chat.
///
/// # Errors
/// `not_found` for who has not joined it.
pub async fn set_muted(state: &AppState, me: UserId, chat: ChatId, is_muted: bool) -> Result<()> {
    access::joined_chat(state, me, chat).await?;
    if state.store.set_muted(chat, me, is_muted).await? {
        announce(state.hub.chat_changed_for(chat, me).await);
    }
    Ok(())
}
