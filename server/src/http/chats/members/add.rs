use crate::{
    http::{
        extract::{Caller, Json, Path},
        problem::Problem,
    },
    service::members,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::ChatId;
use serde::Deserialize;
use utoipa::ToSchema;

/// A person to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMember {
    /// The name that they sign in with. One's own joins a public chat.
    username: String,
}

/// Adds a member of the workspace to a chat, or joins it.
#[utoipa::path(
    post,
    path = "/api/v1/chats/{id}/members",
    tag = "chats",
    params(("id" = ChatId, Path, description = "Which chat.")),
    request_body = NewMember,
    responses((status = 204, description = "They are a member."), Problem),
)]
pub(crate) async fn add_member(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<ChatId>,
    Json(member): Json<NewMember>,
) -> Result<StatusCode, Problem> {
    members::add(&state, me.user.user_id, id, &member.username).await?;
    Ok(StatusCode::NO_CONTENT)
}
