use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::{Chat, ChatId};

/// Renames a chat and changes its topic.
#[server(prefix = "/fn", endpoint = "update_chat", protocol = Json)]
pub async fn update_chat(chat_id: ChatId, name: String, topic: String) -> Result<Chat, AppError> {
    crate::service::service()?
        .update_chat(chat_id, name, topic)
        .await
}
