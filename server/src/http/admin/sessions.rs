use super::Administrator;
use crate::{
    http::{extract::Path, problem::Problem},
    service::admin,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use protocol::{SessionId, UserId};

/// End one of a person's sign-ins, with its connections.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/users/{id}/sessions/{session_id}",
    tag = "administration",
    params(
        ("id" = UserId, Path, description = "Whose."),
        ("session_id" = SessionId, Path, description = "Which."),
    ),
    responses((status = 204, description = "It has ended."), Problem),
)]
pub(crate) async fn end_session(
    State(state): State<AppState>,
    Administrator(me): Administrator,
    path: Result<Path<(UserId, SessionId)>, Problem>,
) -> Result<StatusCode, Problem> {
    let Path((user, session)) = path?;
    admin::end_session(&state, me, user, session).await?;
    Ok(StatusCode::NO_CONTENT)
}
