use crate::error::AppError;
use leptos::prelude::*;
use protocol::{Chat, ChatId};

/// Joins a public chat. URL-encoded, so that a plain form can post it without script.
#[server(prefix = "/fn", endpoint = "join_chat")]
pub async fn join_chat(chat_id: ChatId) -> Result<Chat, AppError> {
    crate::service::service()?.join_chat(chat_id).await
}
