use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::{Chat, WorkspaceId};

/// Makes a chat owned by the caller.
#[server(prefix = "/fn", endpoint = "create_chat", protocol = Json)]
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
