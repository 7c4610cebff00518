use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::ChatId;

/// Whether attention is drawn to a chat.
#[server(prefix = "/fn", endpoint = "set_muted", protocol = Json)]
pub async fn set_muted(chat_id: ChatId, is_muted: bool) -> Result<(), AppError> {
    crate::service::service()?
        .set_muted(chat_id, is_muted)
        .await
}
