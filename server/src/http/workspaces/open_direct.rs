use crate::{
    http::{
        extract::{Caller, Json, Path},
        problem::Problem,
    },
    service::direct,
    state::AppState,
};
use axum::extract::State;

use protocol::{Chat, UserId, WorkspaceId};
use serde::Deserialize;
use utoipa::ToSchema;

/// With whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Others {
    /// The others; at least one.
    user_ids: Vec<UserId>,
}

/// The direct chat with others of a workspace, made if there is none.
#[utoipa::path(
    post,
    path = "/api/v1/workspaces/{id}/direct",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "Which workspace.")),
    request_body = Others,
    responses((status = 200, description = "The chat.", body = Chat), Problem),
)]
pub(crate) async fn open_direct(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<WorkspaceId>,
    Json(others): Json<Others>,
) -> Result<axum::Json<Chat>, Problem> {
    Ok(axum::Json(
        direct::open(&state, me.user.user_id, id, &others.user_ids).await?,
    ))
}
