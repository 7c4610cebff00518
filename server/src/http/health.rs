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

/// The store answers. A Redis that does not answer is told of: people at other servers are then shown
/// as they were last known, and everything else goes on.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses((status = 200, description = "Ready for requests.", body = String), Problem),
    security(()),
)]
pub(super) async fn readyz(State(state): State<AppState>) -> Result<String, Problem> {
    state.store.ping().await?;
    state.directory.snapshot(&[]).await.map_err(Error::from)?;
    let mut told = "ready\n".to_owned();
    for (purpose, health) in state.links() {
        if !health.is_up {
            told.push_str(&format!("degraded: Redis does not answer ({purpose})\n"));
        }
    }
    Ok(told)
}
