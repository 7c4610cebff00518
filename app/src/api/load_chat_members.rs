use crate::{error::AppError, page::Member};
use leptos::{prelude::*, server_fn::codec::Json};
use protocol::ChatId;

/// The members of a chat with their roles.
#[server(prefix = "/fn", endpoint = "load_chat_members", input = Json)]
pub async fn load_chat_members(chat_id: ChatId) -> Result<Vec<Member>, AppError> {
    crate::service::service()?.chat_members(chat_id).await
}
