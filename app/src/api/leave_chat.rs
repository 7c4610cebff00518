use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::ChatId;

/// Leaves a chat.
#[server(prefix = "/fn", endpoint = "leave_chat", protocol = Json)]
pub async fn leave_chat(chat_id: ChatId) -> Result<(), AppError> {
    crate::service::service()?.leave_chat(chat_id).await
}
