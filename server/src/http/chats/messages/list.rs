use crate::{
    http::{
        extract::{Caller, Path, Query},
        problem::Problem,
    },
    service::messages,
    state::AppState,
};
use axum::extract::State;
use protocol::{
    ChatId, ErrorCode, Message,
    limits::{HISTORY_PAGE, MAX_HISTORY_PAGE},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which page of a chat's history.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// Only messages with a smaller `sequence`; without it, the newest.
    before: Option<u64>,
    /// At most so many.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// A run of messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct History {
    /// Oldest first.
    messages: Vec<Message>,
    /// Whether there are older ones.
    has_more: bool,
}

/// A page of a chat's history.
#[utoipa::path(
    get,
    path = "/api/v1/chats/{id}/messages",
    tag = "messages",
    params(("id" = ChatId, Path, description = "Which chat."), Page),
    responses((status = 200, description = "The page.", body = History), Problem),
)]
pub(crate) async fn list_messages(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<ChatId>,
    Query(page): Query<Page>,
) -> Result<axum::Json<History>, Problem> {
    let limit = page.limit.unwrap_or(HISTORY_PAGE);
    if !(1..=MAX_HISTORY_PAGE).contains(&limit) {
        let detail = format!("The limit must be between 1 and {MAX_HISTORY_PAGE}.");
        return Err(Problem::of(ErrorCode::BadRequest, detail));
    }
    let page = messages::history(&state, me.user.user_id, id, page.before, limit).await?;
    Ok(axum::Json(History {
        messages: page.messages,
        has_more: page.has_more,
    }))
}
