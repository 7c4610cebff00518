use crate::{
    http::{
        extract::{Caller, Path},
        problem::Problem,
    },
    service::presence,
    state::AppState,
};
use axum::extract::State;

use protocol::{PresenceEntry, WorkspaceId};

/// Who of a workspace is online: online first, then by name.
#[utoipa::path(
    get,
    path = "/api/v1/workspaces/{id}/presence",
    tag = "workspaces",
    params(("id" = WorkspaceId, Path, description = "Which workspace.")),
    responses((status = 200, description = "The members.", body = Vec<PresenceEntry>), Problem),
)]
pub(crate) async fn workspace_presence(
    State(state): State<AppState>,
    Caller(me): Caller,
    Path(id): Path<WorkspaceId>,
) -> Result<axum::Json<Vec<PresenceEntry>>, Problem> {
    let snapshot = presence::of_workspace(&state, me.user.user_id, id).await?;
    Ok(axum::Json(snapshot.users))
}
