use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::UserId;

/// Takes a block back.
#[server(prefix = "/fn", endpoint = "unblock_user", protocol = Json)]
pub async fn unblock_user(user_id: UserId) -> Result<(), AppError> {
    crate::service::service()?.unblock_user(user_id).await
}
