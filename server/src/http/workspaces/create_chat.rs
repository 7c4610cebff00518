use crate::{
    http::{
        extract::{Caller, Json, Path},
        problem::Problem,
    },
    service::chats,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::{Chat, WorkspaceId};
use serde::Deserialize;
use utoipa::ToSchema;

/// A chat to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChat {
    /// Its name; its address is made from it.
    name: String,
    /// What it is about.
    #[serde(default)]
    topic: String,
    /// Only members can see or join it.
    #[serde(default)]
    is_private: bool,
}

/// Makes a chat, owned by the caller.
#[utoipa::path(
    post,
    path = "/api/v1/workspaces/{id}/chats",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "Which workspace.")),
    request_body = NewChat,
    responses((status = 201, description = "The chat.", body = Chat), Problem),
)]
pub(crate) async fn create_chat(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<WorkspaceId>,
    Json(chat): Json<NewChat>,
) -> Result<(StatusCode, axum::Json<Chat>), Problem> {
    let NewChat {
        name,
        topic,
        is_private,
    } = chat;
    let draft = chats::Draft {
        name,
        topic,
        is_private,
    };
    let chat = chats::create(&state, me.user.user_id, id, &draft).await?;
    Ok((StatusCode::CREATED, axum::Json(chat)))
}
