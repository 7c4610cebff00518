use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::Json};
use protocol::ChatId;

/// Leaves a chat.
#[server(prefix = "/fn", endpoint = "leave_chat", input = Json)]
pub async fn leave_chat(chat_id: ChatId) -> Result<(), AppError> {
    crate::service::service()?.leave_chat(chat_id).await
}
