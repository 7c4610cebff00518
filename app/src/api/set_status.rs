use crate::{codec::Json, error::AppError, page::StatusDraft};
use leptos::prelude::*;
use protocol::Status;

/// Chooses what to show of oneself.
#[server(prefix = "/fn", endpoint = "set_status", protocol = Json)]
pub async fn set_status(draft: StatusDraft) -> Result<Status, AppError> {
    crate::service::service()?.set_status(draft).await
}
