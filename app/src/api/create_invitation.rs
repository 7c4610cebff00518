use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::WorkspaceId;

/// Makes a link by which others can join a workspace; workspace admins only.
#[server(prefix = "/fn", endpoint = "create_invitation", protocol = Json)]
pub async fn create_invitation(workspace_id: WorkspaceId) -> Result<String, AppError> {
    crate::service::service()?
        .create_invitation(workspace_id)
        .await
}
