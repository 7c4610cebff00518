use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::ChatId;

/// Adds a member of the workspace to a chat, by username.
#[server(prefix = "/fn", endpoint = "add_chat_member", protocol = Json)]
pub async fn add_chat_member(chat_id: ChatId, username: String) -> Result<(), AppError> {
    crate::service::service()?
        .add_chat_member(chat_id, username)
        .await
}
