use crate::{codec::Json, error::AppError, page::HistoryPage};
use leptos::prelude::*;
use protocol::ChatId;

/// The messages before a sequence; the newest when there is none.
#[server(prefix = "/fn", endpoint = "load_history", protocol = Json)]
pub async fn load_history(chat_id: ChatId, before: Option<u64>) -> Result<HistoryPage, AppError> {
    crate::service::service()?.history(chat_id, before).await
}
