use crate::{codec::Json, error::AppError, page::Member};
use leptos::prelude::*;
use protocol::WorkspaceId;

/// Everybody in a workspace.
#[server(prefix = "/fn", endpoint = "load_workspace_members", protocol = Json)]
pub async fn load_workspace_members(workspace_id: WorkspaceId) -> Result<Vec<Member>, AppError> {
    crate::service::service()?
        .workspace_members(workspace_id)
        .await
}
