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

/// Blocks somebody: neither learns anything of the other.
#[utoipa::path(
    put,
    path = "/api/v1/blocks/{id}",
    tag = "people",
    params(("id" = UserId, Path, description = "Who.")),
    responses((status = 204, description = "They are blocked."), Problem),
)]
pub(crate) async fn block_user(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<UserId>,
) -> Result<StatusCode, Problem> {
    friends::block(&state, me.user.user_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
