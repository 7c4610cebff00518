use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::{ChatId, PresenceSnapshot};

/// The presence of a chat's members: the same that REST returns.
#[server(prefix = "/fn", endpoint = "load_chat_presence", protocol = Json)]
pub async fn load_chat_presence(chat_id: ChatId) -> Result<PresenceSnapshot, AppError> {
    crate::service::service()?.chat_presence(chat_id).await
}
