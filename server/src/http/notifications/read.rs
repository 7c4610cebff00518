use crate::{
    http::{
        extract::{Caller, Json},
        problem::Problem,
    },
    service::notifications,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::NotificationId;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which notifications.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Their ids; all of them when left out.
    ids: Option<Vec<NotificationId>>,
}

/// Marks notifications as read.
#[utoipa::path(
    post,
    path = "/api/v1/notifications/read",
    tag = "notifications",
    request_body = Which,
    responses((status = 204, description = "They are read."), Problem),
)]
pub(crate) async fn read_notifications(
    State(state): State<AppState>,
    Caller(me): Caller,
    Json(which): Json<Which>,
) -> Result<StatusCode, Problem> {
    notifications::read(&state, me.user.user_id, which.ids.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}
