//! Messages: read, written, edited, deleted.

use super::access;
use crate::{
    error::{Error, Result},
    state::AppState,
    validate,
};
use app::page::HistoryPage;
use protocol::{ChatId, ClientMessageId, ErrorCode, Message, MessageId, UserId};
use store::NewMessage;
use uuid::Uuid;

/// A page of a chat's history: the newest messages, or those before a sequence.
///
/// # Errors
/// `not_found`.
pub async fn history(
    state: &AppState,
    me: UserId,
    chat: ChatId,
    before: Option<u64>,
    limit: u32,
) -> Result<HistoryPage> {
    access::visible_chat(state, me, chat).await?;
    of_chat(state, chat, before, limit).await
}

/// A page of history, for who was found to see the chat.
pub(super) async fn of_chat(
    state: &AppState,
    chat: ChatId,
    before: Option<u64>,
    limit: u32,
) -> Result<HistoryPage> {
    let page = state.store.history(chat, before, limit).await?;
    Ok(HistoryPage {
        messages: page.messages,
        has_more: page.has_more,
    })
}

/// Writes a message. A second one under the same client id is the first one.
///
/// # Errors
/// `not_found` for who has not joined the chat, `unavailable` when the message could not be stored.
pub async fn send(
    state: &AppState,
    me: UserId,
    chat: ChatId,
    client_id: ClientMessageId,
    text: &str,
) -> Result<Message> {
    let text = validate::message_text(text)?;
    let message = NewMessage {
        chat_id: chat,
        mentions: validate::mentions(&text)?,
        id: MessageId::from_uuid(Uuid::now_v7()),
        client_id,
        author_id: me,
        text,
        sent_at: state.clock.now(),
    };
    Ok(state.writer.append(message).await?)
}

/// Changes the text of one's own message.
///
/// # Errors
/// `not_found` for the chat, or for a message that is not one's own or is deleted.
pub async fn edit(
    state: &AppState,
    me: UserId,
    chat: ChatId,
    id: MessageId,
    text: &str,
) -> Result<Message> {
    let text = validate::message_text(text)?;
    access::joined_chat(state, me, chat).await?;
    state
        .writer
        .edit(chat, id, me, text)
        .await?
        .ok_or_else(no_such_message)
}

/// Deletes one's own message.
///
/// # Errors
/// As [`edit`].
pub async fn delete(state: &AppState, me: UserId, chat: ChatId, id: MessageId) -> Result<Message> {
    access::joined_chat(state, me, chat).await?;
    state
        .writer
        .delete(chat, id, me)
        .await?
        .ok_or_else(no_such_message)
}

fn no_such_message() -> Error {
    Error::refused(
        ErrorCode::NotFound,
        "You have no such message in this chat.",
    )
}
