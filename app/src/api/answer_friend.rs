use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::UserId;

/// Accepts or declines a request to be friends.
#[server(prefix = "/fn", endpoint = "answer_friend", protocol = Json)]
pub async fn answer_friend(user_id: UserId, is_accepted: bool) -> Result<(), AppError> {
    crate::service::service()?
        .answer_friend(user_id, is_accepted)
        .await
}
