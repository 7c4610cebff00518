use crate::{
    http::{
        extract::{Caller, Path},
        problem::Problem,
    },
    service::chats,
    state::AppState,
};
use axum::extract::State;
use protocol::{Chat, WorkspaceId};

/// The chats of a workspace that the caller has joined, or could join (`role` is then null), by name.
#[utoipa::path(
    get,
    path = "/api/v1/workspaces/{id}/chats",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "Which workspace.")),
    responses((status = 200, description = "The chats.", body = Vec<Chat>), Problem),
)]
pub(crate) async fn list_chats(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<WorkspaceId>,
) -> Result<axum::Json<Vec<Chat>>, Problem> {
    Ok(axum::Json(chats::list(&state, me.user.user_id, id).await?))
}
