use crate::{codec::Json, error::AppError, page::ChatPage};
use leptos::prelude::*;

/// A chat with its newest messages, or with those before a sequence, by slug or id within a
/// workspace.
#[server(prefix = "/fn", endpoint = "load_chat", protocol = Json)]
pub async fn load_chat(
    workspace: String,
    chat: String,
    before: Option<u64>,
) -> Result<ChatPage, AppError> {
    crate::service::service()?
        .chat_page(workspace, chat, before)
        .await
}
