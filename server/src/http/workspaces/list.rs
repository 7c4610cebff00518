use crate::{
    http::{extract::Caller, problem::Problem},
    service::workspaces,
    state::AppState,
};
use axum::extract::State;
use protocol::Workspace;

/// The caller's workspaces, by name.
#[utoipa::path(
    get,
    path = "/api/v1/workspaces",
    tag = "workspaces",
    responses((status = 200, description = "The workspaces.", body = Vec<Workspace>), Problem),
)]
pub(crate) async fn list_workspaces(
    State(state): State<AppState>,
    Caller(me): Caller,
) -> Result<axum::Json<Vec<Workspace>>, Problem> {
    Ok(axum::Json(workspaces::list(&state, me.user.user_id).await?))
}
