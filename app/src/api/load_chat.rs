use crate::{codec::Json, error::AppError, page::ChatPage};
use leptos::prelude::*;

/// A chat with its newest messages, by slug or id within a workspace.
#[server(prefix = "/fn", endpoint = "load_chat", protocol = Json)]
pub async fn load_chat(workspace: String, chat: String) -> Result<ChatPage, AppError> {
    crate::service::service()?.chat_page(workspace, chat).await
}
