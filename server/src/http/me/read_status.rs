use crate::{
    http::{extract::Caller, problem::Problem},
    service::status,
    state::AppState,
};
use axum::extract::State;

use protocol::{LastSeenAudience, Status};
use serde::Serialize;
use utoipa::ToSchema;

/// What somebody shows of themselves, and to whom.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnStatus {
    /// What they show.
    status: Status,
    /// Who may know when they were last here.
    last_seen_audience: LastSeenAudience,
}

/// What the caller shows of themselves.
#[utoipa::path(
    get,
    path = "/api/v1/me/status",
    tag = "accounts",
    responses((status = 200, description = "What they show.", body = OwnStatus), Problem),
)]
pub(crate) async fn read_status(
    State(state): State<AppState>,
    Caller(me): Caller,
) -> Result<axum::Json<OwnStatus>, Problem> {
    let own = status::of(&state, me.user.user_id).await?;
    Ok(axum::Json(OwnStatus {
        status: own.status,
        last_seen_audience: own.audience,
    }))
}
