use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::UserId;

/// Ends a friendship, or takes back a request.
#[server(prefix = "/fn", endpoint = "end_friendship", protocol = Json)]
pub async fn end_friendship(user_id: UserId) -> Result<(), AppError> {
    crate::service::service()?.end_friendship(user_id).await
}
