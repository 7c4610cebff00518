use crate::{
    http::{
        extract::{Caller, Path},
        problem::Problem,
    },
    service::members,
    state::AppState,
};
use axum::extract::State;
use protocol::{ChatId, ChatRole, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// A member of a chat.
#[derive(Serialize, ToSchema)]
pub(crate) struct Member {
    /// Who.
    user_id: UserId,
    /// The name used to sign in.
    username: String,
    /// The name that others see.
    display_name: String,
    /// What they may do.
    role: Option<ChatRole>,
}

/// The members of a chat, by name.
#[utoipa::path(
    get,
    path = "/api/v1/chats/{id}/members",
    tag = "chats",
    params(("id" = ChatId, Path, description = "Which chat.")),
    responses((status = 200, description = "The members.", body = Vec<Member>), Problem),
)]
pub(crate) async fn list_members(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<ChatId>,
) -> Result<axum::Json<Vec<Member>>, Problem> {
    let members = members::list(&state, me.user.user_id, id).await?;
    let members = members.into_iter().map(|member| Member {
        user_id: member.user_id,
        username: member.username,
        display_name: member.display_name,
        role: member.role,
    });
    Ok(axum::Json(members.collect()))
}
