use crate::{
    http::{extract::Caller, problem::Problem},
    service::friends,
    state::AppState,
};
use axum::extract::State;

use protocol::FriendsSnapshot;

/// All friends and their presence: online first, then by name.
#[utoipa::path(
    get,
    path = "/api/v1/friends",
    tag = "people",
    responses((status = 200, description = "The friends.", body = FriendsSnapshot), Problem),
)]
pub(crate) async fn list_friends(
    State(state): State<AppState>,
    Caller(me): Caller,
) -> Result<axum::Json<FriendsSnapshot>, Problem> {
    Ok(axum::Json(friends::list(&state, me.user.user_id).await?))
}
