use crate::{
    http::{
        extract::{Caller, Json},
        problem::Problem,
    },
    service::friends,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;

use serde::Deserialize;
use utoipa::ToSchema;

/// Whom to ask.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The name that they sign in with.
    username: String,
}

/// Asks somebody to be friends; accepts when they have asked already.
#[utoipa::path(
    post,
    path = "/api/v1/friends",
    tag = "people",
    request_body = Wanted,
    responses((status = 204, description = "They are asked, or a friend."), Problem),
)]
pub(crate) async fn ask_friend(
    State(state): State<AppState>,
    Caller(me): Caller,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, Problem> {
    friends::ask(&state, me.user.user_id, &wanted.username).await?;
    Ok(StatusCode::NO_CONTENT)
}
