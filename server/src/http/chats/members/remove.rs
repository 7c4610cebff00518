use crate::{
    http::{
        extract::{Caller, Path, Query},
        problem::Problem,
    },
    service::members,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::{ChatId, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

/// Whom to remove.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whom {
    /// Who is to be removed; without it, the caller leaves.
    user_id: Option<UserId>,
}

/// Removes a member from a chat (its owners and the administrators of its workspace only), or leaves
/// it.
#[utoipa::path(
    delete,
    path = "/api/v1/chats/{id}/members",
    tag = "chats",
    params(("id" = ChatId, Path, description = "Which chat."), Whom),
    responses((status = 204, description = "They are a member no longer."), Problem),
)]
pub(crate) async fn remove_member(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<ChatId>,
    Query(whom): Query<Whom>,
) -> Result<StatusCode, Problem> {
    let me = me.user.user_id;
    members::remove(&state, me, id, whom.user_id.unwrap_or(me)).await?;
    Ok(StatusCode::NO_CONTENT)
}
