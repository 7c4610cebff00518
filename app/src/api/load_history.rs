use crate::{error::AppError, page::HistoryPage};
use leptos::{prelude::*, server_fn::codec::Json};
use protocol::ChatId;

/// The messages before a sequence; the newest when there is none.
#[server(prefix = "/fn", endpoint = "load_history", input = Json)]
pub async fn load_history(chat_id: ChatId, before: Option<u64>) -> Result<HistoryPage, AppError> {
    crate::service::service()?.history(chat_id, before).await
}
