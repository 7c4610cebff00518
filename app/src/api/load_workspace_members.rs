use crate::{error::AppError, page::Member};
use leptos::{prelude::*, server_fn::codec::Json};
use protocol::WorkspaceId;

/// Everybody in a workspace.
#[server(prefix = "/fn", endpoint = "load_workspace_members", input = Json)]
pub async fn load_workspace_members(workspace_id: WorkspaceId) -> Result<Vec<Member>, AppError> {
    crate::service::service()?
        .workspace_members(workspace_id)
        .await
}
