use crate::{
    http::{
        extract::{Caller, Json, Path},
        problem::Problem,
    },
    service::messages,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::{ChatId, ClientMessageId, Message};
use serde::Deserialize;
use utoipa::ToSchema;

/// A message to send.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    /// The sender's own name for it; sending again under the same one stores nothing new.
    client_id: ClientMessageId,
    /// What to say.
    text: String,
}

/// Sends a message. The answer means that it is on disk.
#[utoipa::path(
    post,
    path = "/api/v1/chats/{id}/messages",
    tag = "messages",
    params(("id" = ChatId, Path, description = "Which chat.")),
    request_body = NewMessage,
    responses((status = 201, description = "The message.", body = Message), Problem),
)]
pub(crate) async fn send_message(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<ChatId>,
    Json(message): Json<NewMessage>,
) -> Result<(StatusCode, axum::Json<Message>), Problem> {
    let NewMessage { client_id, text } = message;
    let message = messages::send(&state, me.user.user_id, id, client_id, &text).await?;
    Ok((StatusCode::CREATED, axum::Json(message)))
}
