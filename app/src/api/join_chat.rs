use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::{Chat, ChatId};

/// Joins a public chat.
#[server(prefix = "/fn", endpoint = "join_chat", protocol = Json)]
pub async fn join_chat(chat_id: ChatId) -> Result<Chat, AppError> {
    crate::service::service()?.join_chat(chat_id).await
}
