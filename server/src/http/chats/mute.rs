use crate::{
    http::{
        extract::{Caller, Json, Path},
        problem::Problem,
    },
    service::direct,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::ChatId;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mute {
    /// No attention.
    is_muted: bool,
}

/// Whether the caller wants attention drawn to a chat.
#[utoipa::path(
    put,
    path = "/api/v1/chats/{id}/mute",
    tag = "chats",
    params(("id" = ChatId, Path, description = "Which chat.")),
    request_body = Mute,
    responses((status = 204, description = "It is as wanted."), Problem),
)]
pub(crate) async fn mute_chat(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<ChatId>,
    Json(mute): Json<Mute>,
) -> Result<StatusCode, Problem> {
    direct::set_muted(&state, me.user.user_id, id, mute.is_muted).await?;
    Ok(StatusCode::NO_CONTENT)
}
