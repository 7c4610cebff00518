use crate::{codec::Json, error::AppError};
use leptos::prelude::*;
use protocol::NotificationId;

/// Marks notifications as read; all of them when none is named.
#[server(prefix = "/fn", endpoint = "read_notifications", protocol = Json)]
pub async fn read_notifications(ids: Option<Vec<NotificationId>>) -> Result<(), AppError> {
    crate::service::service()?.read_notifications(ids).await
}
