use crate::error::AppError;
use leptos::{prelude::*, server_fn::codec::Json};
use protocol::{Chat, WorkspaceId};

/// Makes a chat owned by the caller.
#[server(prefix = "/fn", endpoint = "create_chat", input = Json)]
pub async fn create_chat(
    workspace_id: WorkspaceId,
    name: String,
    topic: String,
    is_private: bool,
) -> Result<Chat, AppError> {
    crate::service::service()?
        .create_chat(workspace_id, name, topic, is_private)
        .await
}
