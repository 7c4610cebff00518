use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::{Chat, UserId, WorkspaceId};

/// The direct chat with these people, made if there is none.
#[server(prefix = "/fn", endpoint = "open_direct", protocol = Json)]
pub async fn open_direct(
    workspace_id: WorkspaceId,
    user_ids: Vec<UserId>,
) -> Result<Chat, AppError> {
    crate::service::service()?
        .open_direct(workspace_id, user_ids)
        .await
}
