use crate::{
    http::{
        extract::{Caller, Path},
        problem::Problem,
    },
    service::messages,
    state::AppState,
};
use axum::extract::State;
use protocol::{ChatId, Message, MessageId};

/// Deletes one's own message: its text is erased, its place stays.
#[utoipa::path(
    delete,
    path = "/api/v1/chats/{id}/messages/{message_id}",
    tag = "messages",
    params(
        ("id" = ChatId, Path, description = "Which chat."),
        ("message_id" = MessageId, Path, description = "Which message."),
    ),
    responses((status = 200, description = "What is left of it.", body = Message), Problem),
)]
pub(crate) async fn delete_message(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path((chat, id)): Path<(ChatId, MessageId)>,
) -> Result<axum::Json<Message>, Problem> {
    Ok(axum::Json(
        messages::delete(&state, me.user.user_id, chat, id).await?,
    ))
}
