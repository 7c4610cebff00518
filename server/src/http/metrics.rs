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
pub(super) async fn metrics(State(state): State<AppState>) -> Response {
    let text = state.metrics.encode(&Readings {
        sockets: state.hub.sockets(),
        users: state.hub.users(),
        newcomers: state.admissions.waiting(),
        presence: state.directory.counts(),
        store_failed: store::failures().collect(),
        links: state
            .links()
            .map(|(purpose, link)| (purpose, link.health()))
            .collect(),
    });
    ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}
