use crate::{
    http::{
        extract::{Caller, Query},
        problem::Problem,
    },
    service::notifications,
    state::AppState,
};
use axum::extract::State;

use protocol::{Notification, NotificationId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// Only older ones than this; without it, the newest.
    before: Option<NotificationId>,
}

/// Some notifications.
#[derive(Serialize, ToSchema)]
pub(crate) struct Notifications {
    /// Newest first.
    notifications: Vec<Notification>,
    /// Whether there are older ones.
    has_more: bool,
}

/// The caller's notifications, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/notifications",
    tag = "notifications",
    params(Page),
    responses((status = 200, description = "The page.", body = Notifications), Problem),
)]
pub(crate) async fn list_notifications(
    State(state): State<AppState>,
    Caller(me): Caller,
    Query(page): Query<Page>,
) -> Result<axum::Json<Notifications>, Problem> {
    let page = notifications::list(&state, me.user.user_id, page.before).await?;
    Ok(axum::Json(Notifications {
        notifications: page.notifications,
        has_more: page.has_more,
    }))
}
