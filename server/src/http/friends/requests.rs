use crate::{
    http::{extract::Caller, problem::Problem},
    service::friends,
    state::AppState,
};
use axum::extract::State;

use protocol::Relations;

/// Requests to be friends, of the caller and to them, and whom they have blocked.
#[utoipa::path(
    get,
    path = "/api/v1/friends/requests",
    tag = "people",
    responses((status = 200, description = "The requests.", body = Relations), Problem),
)]
pub(crate) async fn list_requests(
    State(state): State<AppState>,
    Caller(me): Caller,
) -> Result<axum::Json<Relations>, Problem> {
    Ok(axum::Json(
        friends::relations(&state, me.user.user_id).await?,
    ))
}
