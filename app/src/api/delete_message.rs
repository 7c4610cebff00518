use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::Json};
use protocol::{ChatId, Message, MessageId};

/// Deletes one's own message.
#[server(prefix = "/fn", endpoint = "delete_message", input = Json)]
pub async fn delete_message(chat_id: ChatId, id: MessageId) -> Result<Message, AppError> {
    crate::service::service()?.delete_message(chat_id, id).await
}
