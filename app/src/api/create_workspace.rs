use crate::error::AppError;
use leptos::prelude::*;

/// Makes a workspace with a first chat, owned by the caller, and leads there. URL-encoded, so that
/// a plain form can post it without script.
#[server(prefix = "/fn", endpoint = "create_workspace")]
pub async fn create_workspace(name: String) -> Result<(), AppError> {
    let workspace = crate::service::service()?.create_workspace(name).await?;
    leptos_axum::redirect(&format!("/w/{}", workspace.slug));
    Ok(())
}
