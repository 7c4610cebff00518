//! `/healthz` and `/readyz`, for whoever restarts the server or sends it traffic.

use crate::{error::Error, http::problem::Problem, state::AppState};
use axum::extract::State;

/// The process lives.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "operations",
    responses((status = 200, description = "It lives.", body = String)),
    security(()),
)]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The store and the presence directory answer.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses((status = 200, description = "Ready for requests.", body = String), Problem),
    security(()),
)]
pub(super) async fn readyz(State(state): State<AppState>) -> Result<&'static str, Problem> {
    state.store.ping().await?;
    state.directory.snapshot(&[]).await.map_err(Error::from)?;
    Ok("ready\n")
}
