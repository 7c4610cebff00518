use crate::{codec::Json, error::AppError, page::Member};
use leptos::prelude::*;
use protocol::ChatId;

/// The members of a chat with their roles.
#[server(prefix = "/fn", endpoint = "load_chat_members", protocol = Json)]
pub async fn load_chat_members(chat_id: ChatId) -> Result<Vec<Member>, AppError> {
    crate::service::service()?.chat_members(chat_id).await
}
