use crate::{codec::Json, error::AppError};
use leptos::prelude::*;

/// Asks somebody to be friends, by username; accepts when they have asked already.
#[server(prefix = "/fn", endpoint = "ask_friend", protocol = Json)]
pub async fn ask_friend(username: String) -> Result<(), AppError> {
    crate::service::service()?.ask_friend(username).await
}
