//! `/metrics`, for Prometheus.

use crate::{metrics::Readings, state::AppState};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header::CONTENT_TYPE;

/// The media type of OpenMetrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is counted, in OpenMetrics text.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((status = 200, description = "Names and numbers.", body = String, content_type = "application/openmetrics-text")),
    security(()),
)]
pub(super) async fn metrics(State(state): State<AppState>) -> Response {
    let text = state.metrics.encode(&Readings {
        connections: state.hub.connections(),
        users: state.hub.users(),
        links: state
            .links()
            .map(|(purpose, link)| (purpose, link.health()))
            .collect(),
    });
    ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}
