use crate::{
    http::{
        extract::{Caller, Path},
        problem::Problem,
    },
    service::presence,
    state::AppState,
};
use axum::extract::State;
use protocol::{ChatId, PresenceEntry};

/// Who of a chat's members is online: online first, then by name.
#[utoipa::path(
    get,
    path = "/api/v1/chats/{id}/presence",
    tag = "chats",
    params(("id" = ChatId, Path, description = "Which chat.")),
    responses((status = 200, description = "The members.", body = Vec<PresenceEntry>), Problem),
)]
pub(crate) async fn chat_presence(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<ChatId>,
) -> Result<axum::Json<Vec<PresenceEntry>>, Problem> {
    Ok(axum::Json(
        presence::of_chat(&state, me.user.user_id, id).await?.users,
    ))
}
