use crate::{
    http::{
        extract::{Caller, Path},
        problem::Problem,
    },
    service::friends,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::UserId;

/// Ends a friendship, declines a request, or takes one back.
#[utoipa::path(
    delete,
    path = "/api/v1/friends/{id}",
    tag = "people",
    params(("id" = UserId, Path, description = "Who.")),
    responses((status = 204, description = "They are neither a friend nor asked."), Problem),
)]
pub(crate) async fn end_friendship(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<UserId>,
) -> Result<StatusCode, Problem> {
    friends::end(&state, me.user.user_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
