use super::Administrator;
use crate::{
    http::{extract::Path, problem::Problem},
    service::admin,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use protocol::UserId;

/// Close one of a person's connections, wherever it is, for good: with 4501, after which a client does
/// not come back by itself.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/users/{id}/connections/{handle}",
    tag = "administration",
    params(
        ("id" = UserId, Path, description = "Whose."),
        ("handle" = String, Path, description = "Which: its handle in the diagnostics."),
    ),
    responses((status = 204, description = "It is being closed."), Problem),
)]
pub(crate) async fn close_connection(
    State(state): State<AppState>,
    Administrator(me): Administrator,
    path: Result<Path<(UserId, String)>, Problem>,
) -> Result<StatusCode, Problem> {
    let Path((user, handle)) = path?;
    admin::close_connection(&state, me, user, &handle).await?;
    Ok(StatusCode::NO_CONTENT)
}
