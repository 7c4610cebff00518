use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::{ChatId, UserId};

/// Removes a member from a chat.
#[server(prefix = "/fn", endpoint = "remove_chat_member", protocol = Json)]
pub async fn remove_chat_member(chat_id: ChatId, user_id: UserId) -> Result<(), AppError> {
    crate::service::service()?
        .remove_chat_member(chat_id, user_id)
        .await
}
