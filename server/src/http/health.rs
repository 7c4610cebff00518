//! `/healthz` and `/readyz`, for whoever restarts the server or sends it traffic.

use crate::{error::Error, http::problem::Problem, state::AppState};
use axum::extract::State;
use protocol::ErrorCode;

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
/// as they were last known, and everything else goes on. Where other servers do reach it, this one is
/// not ready: to them its people would soon be gone. Nor is one that is about to stop.
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
    if let Some(unready) = state.readiness.unready() {
        return Err(Problem::of(ErrorCode::Unavailable, unready.to_string()));
    }
    let mut told = "ready\n".to_owned();
    for (purpose, link) in state.links() {
        if !link.health().is_up {
            told.push_str(&format!("degraded: Redis does not answer ({purpose})\n"));
        }
    }
    Ok(told)
}
