use crate::{
    http::{
        extract::{Caller, Json},
        problem::Problem,
    },
    service::status,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::LastSeenAudience;
use serde::Deserialize;
use utoipa::ToSchema;

/// Who may know.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// Everyone in a workspace of the caller's, friends, or nobody.
    audience: LastSeenAudience,
}

/// Chooses who may know when one was last here. Whoever hides it from somebody is not told theirs.
#[utoipa::path(
    put,
    path = "/api/v1/me/last-seen",
    tag = "accounts",
    request_body = Choice,
    responses((status = 204, description = "It is chosen."), Problem),
)]
pub(crate) async fn set_last_seen_audience(
    State(state): State<AppState>,
    Caller(me): Caller,
    Json(choice): Json<Choice>,
) -> Result<StatusCode, Problem> {
    status::set_audience(&state, &me.user, choice.audience).await?;
    Ok(StatusCode::NO_CONTENT)
}
