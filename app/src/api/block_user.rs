use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::UserId;

/// Blocks somebody: neither learns anything of the other.
#[server(prefix = "/fn", endpoint = "block_user", protocol = Json)]
pub async fn block_user(user_id: UserId) -> Result<(), AppError> {
    crate::service::service()?.block_user(user_id).await
}
