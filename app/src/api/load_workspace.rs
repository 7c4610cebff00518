use crate::{error::AppError, page::WorkspacePage};
use leptos::{prelude::*, server_fn::codec::Json};

/// Navbar and sidebar of a workspace, by slug or id.
#[server(prefix = "/fn", endpoint = "load_workspace", input = Json)]
pub async fn load_workspace(workspace: String) -> Result<WorkspacePage, AppError> {
    crate::service::service()?.workspace_page(workspace).await
}
