use crate::{
    http::{
        extract::{Caller, Json, Path},
        problem::Problem,
    },
    service::chats,
    state::AppState,
};
use axum::extract::State;
use protocol::{Chat, ChatId};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to change of a chat; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatChanges {
    /// Its new name.
    name: Option<String>,
    /// Its new topic; may be empty.
    topic: Option<String>,
}

/// Renames a chat or changes its topic: its owners and the administrators of its workspace only.
#[utoipa::path(
    patch,
    path = "/api/v1/chats/{id}",
    tag = "chats",
    params(("id" = ChatId, Path, description = "Which chat.")),
    request_body = ChatChanges,
    responses((status = 200, description = "The chat.", body = Chat), Problem),
)]
pub(crate) async fn update_chat(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<ChatId>,
    Json(changes): Json<ChatChanges>,
) -> Result<axum::Json<Chat>, Problem> {
    let (name, topic) = (changes.name.as_deref(), changes.topic.as_deref());
    Ok(axum::Json(
        chats::update(&state, me.user.user_id, id, name, topic).await?,
    ))
}
