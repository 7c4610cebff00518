//! Notifications: listed, and marked as read.

use crate::{error::Result, hub::notification, state::AppState};
use app::page::NotificationsPage;
use protocol::{NotificationId, UserId, limits::NOTIFICATIONS_PAGE};

/// A person's notifications, newest first: those before one, or the newest.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(
    state: &AppState,
    me: UserId,
    before: Option<NotificationId>,
) -> Result<NotificationsPage> {
    let limit = NOTIFICATIONS_PAGE + 1;
    let found = state.store.notifications(me, before, limit).await?;
    let has_more = found.len() > NOTIFICATIONS_PAGE as usize;
    let shown = found.into_iter().take(NOTIFICATIONS_PAGE as usize);
    Ok(NotificationsPage {
        notifications: shown.map(notification).collect(),
        has_more,
    })
}

/// Marks notifications as read, all of them when none is named. Unknown ones, and those that were
/// read before, change nothing.
///
/// # Errors
/// When the store cannot be written.
pub async fn read(state: &AppState, me: UserId, ids: Option<&[NotificationId]>) -> Result<()> {
    let cleared = state.store.read_notifications(me, ids).await?;
    state.hub.cleared(cleared);
    Ok(())
}
