use crate::{
    http::{
        extract::{Caller, Json, Path},
        problem::Problem,
    },
    service::messages,
    state::AppState,
};
use axum::extract::State;
use protocol::{ChatId, Message, MessageId};
use serde::Deserialize;
use utoipa::ToSchema;

/// A message's new text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewText {
    /// What it says from now on.
    text: String,
}

/// Changes the text of one's own message.
#[utoipa::path(
    patch,
    path = "/api/v1/chats/{id}/messages/{message_id}",
    tag = "messages",
    params(
        ("id" = ChatId, Path, description = "Which chat."),
        ("message_id" = MessageId, Path, description = "Which message."),
    ),
    request_body = NewText,
    responses((status = 200, description = "The message.", body = Message), Problem),
)]
pub(crate) async fn edit_message(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path((chat, id)): Path<(ChatId, MessageId)>,
    Json(NewText { text }): Json<NewText>,
) -> Result<axum::Json<Message>, Problem> {
    Ok(axum::Json(
        messages::edit(&state, me.user.user_id, chat, id, &text).await?,
    ))
}
