use crate::{
    http::{
        extract::{Caller, Json},
        problem::Problem,
    },
    service::status,
    state::AppState,
};
use axum::extract::State;

use app::page::StatusDraft;
use protocol::{Mode, Status};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to show. What is left out is as if it had never been chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Draft {
    /// How to be shown while connected.
    #[serde(default)]
    mode: Mode,
    /// After how many seconds the mode becomes automatic again.
    mode_seconds: Option<u64>,
    /// What to say of oneself; at most 80 characters.
    #[serde(default)]
    text: String,
    /// After how many seconds the text becomes empty.
    text_seconds: Option<u64>,
}

/// Chooses what to show of oneself.
#[utoipa::path(
    put,
    path = "/api/v1/me/status",
    tag = "accounts",
    request_body = Draft,
    responses((status = 200, description = "What is shown from now on.", body = Status), Problem),
)]
pub(crate) async fn set_status(
    State(state): State<AppState>,
    Caller(me): Caller,
    Json(draft): Json<Draft>,
) -> Result<axum::Json<Status>, Problem> {
    let draft = StatusDraft {
        mode: draft.mode,
        mode_seconds: draft.mode_seconds,
        text: draft.text,
        text_seconds: draft.text_seconds,
    };
    Ok(axum::Json(status::set(&state, &me.user, &draft).await?))
}
