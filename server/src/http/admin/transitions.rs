use super::Administrator;
use crate::{http::problem::Problem, service::admin, state::AppState};
use app::page::admin::Past;
use axum::extract::State;
use protocol::UserId;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that was announced.
#[derive(Serialize, ToSchema)]
pub(crate) struct Announced {
    /// Of whom.
    user_id: UserId,
    /// Whether they were shown online before.
    was_online: bool,
    /// Whether they are from then on.
    is_online: bool,
    /// The rule that decided.
    reason: String,
    /// How long ago.
    age_ms: u64,
}

/// What this server announced last of people's presence, newest first, at most 100.
#[utoipa::path(
    get,
    path = "/api/v1/admin/transitions",
    tag = "administration",
    responses((status = 200, description = "Newest first.", body = Vec<Announced>), Problem),
)]
pub(crate) async fn list_transitions(
    State(state): State<AppState>,
    _: Administrator,
) -> Result<axum::Json<Vec<Announced>>, Problem> {
    let past = admin::past(&state).await?;
    Ok(axum::Json(past.into_iter().map(Into::into).collect()))
}

impl From<Past> for Announced {
    fn from(past: Past) -> Self {
        let Past {
            user_id,
            was_online,
            is_online,
            reason,
            age_ms,
            ..
        } = past;
        Self {
            user_id,
            was_online,
            is_online,
            reason,
            age_ms,
        }
    }
}
