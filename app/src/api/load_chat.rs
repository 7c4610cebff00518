use crate::{error::AppError, page::ChatPage};
use leptos::{prelude::*, server_fn::codec::Json};

/// A chat with its newest messages, by slug or id within a workspace.
#[server(prefix = "/fn", endpoint = "load_chat", input = Json)]
pub async fn load_chat(workspace: String, chat: String) -> Result<ChatPage, AppError> {
    crate::service::service()?.chat_page(workspace, chat).await
}
