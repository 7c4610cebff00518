use crate::{codec::Json, error::AppError, page::NotificationsPage};
use leptos::prelude::*;
use protocol::NotificationId;

/// Notifications before one, newest first; the newest when there is none.
#[server(prefix = "/fn", endpoint = "load_notifications", protocol = Json)]
pub async fn load_notifications(
    before: Option<NotificationId>,
) -> Result<NotificationsPage, AppError> {
    crate::service::service()?.notifications(before).await
}
