use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::{ChatId, Message, MessageId};

/// Deletes one's own message.
#[server(prefix = "/fn", endpoint = "delete_message", protocol = Json)]
pub async fn delete_message(chat_id: ChatId, id: MessageId) -> Result<Message, AppError> {
    crate::service::service()?.delete_message(chat_id, id).await
}
