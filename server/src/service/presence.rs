//! Who is online in a chat: one function for pages, server functions and REST.

use super::access;
use crate::{error::Result, hub::PresenceError, state::AppState};
use protocol::{Chat, ChatId, PresenceSnapshot, UserId};

/// The presence of a chat's members.
///
/// # Errors
/// `not_found` for who has not joined the chat, `disabled` when presence is switched off.
pub async fn of_chat(state: &AppState, me: UserId, chat: ChatId) -> Result<PresenceSnapshot> {
    access::joined_chat(state, me, chat).await?;
    Ok(state.hub.chat_presence(chat).await?)
}

/// For a page of a chat that its reader was found to see. Where presence is switched off, or the
/// reader has not joined, nobody is claimed to be anything.
pub(super) async fn for_page(state: &AppState, chat: &Chat) -> Result<PresenceSnapshot> {
    let told = match chat.role {
        Some(_) => state.hub.chat_presence(chat.chat_id).await,
        None => Err(PresenceError::Disabled),
    };
    match told {
        Err(PresenceError::Disabled) => Ok(PresenceSnapshot {
            users: Vec::new(),
            epoch: state.directory.epoch(),
            version: 0,
        }),
        told => Ok(told?),
    }
}
