use crate::{
    http::{
        extract::{Caller, Json},
        problem::Problem,
    },
    service::workspaces,
    state::AppState,
};
use axum::extract::State;
use http::StatusCode;
use protocol::Workspace;
use serde::Deserialize;
use utoipa::ToSchema;

/// A workspace to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWorkspace {
    /// Its name; its address is made from it.
    name: String,
}

/// Makes a workspace, owned by the caller, with the chat "general".
#[utoipa::path(
    post,
    path = "/api/v1/workspaces",
    tag = "workspaces",
    request_body = NewWorkspace,
    responses((status = 201, description = "The workspace.", body = Workspace), Problem),
)]
pub(crate) async fn create_workspace(
    State(state): State<AppState>,
    Caller(me): Caller,
    Json(workspace): Json<NewWorkspace>,
) -> Result<(StatusCode, axum::Json<Workspace>), Problem> {
    let workspace = workspaces::create(&state, me.user.user_id, &workspace.name).await?;
    Ok((StatusCode::CREATED, axum::Json(workspace)))
}
