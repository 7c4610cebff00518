use crate::{codec::Json, error::AppError, page::WorkspacePage};
use leptos::prelude::*;

/// Navbar and sidebar of a workspace, by slug or id.
#[server(prefix = "/fn", endpoint = "load_workspace", protocol = Json)]
pub async fn load_workspace(workspace: String) -> Result<WorkspacePage, AppError> {
    crate::service::service()?.workspace_page(workspace).await
}
