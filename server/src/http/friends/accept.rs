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

/// Accepts a request to be friends.
#[utoipa::path(
    put,
    path = "/api/v1/friends/{id}",
    tag = "people",
    params(("id" = UserId, Path, description = "Who.")),
    responses((status = 204, description = "They are a friend."), Problem),
)]
pub(crate) async fn accept_friend(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<UserId>,
) -> Result<StatusCode, Problem> {
    friends::answer(&state, me.user.user_id, id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}
