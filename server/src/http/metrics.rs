//! `/metrics`, for Prometheus.

use crate::{
    hub::Hub,
    metrics::{Metrics, Readings},
    nodes::Nodes,
    socket::Admissions,
    state::{AppState, links},
};
use axum::{
    extract::{FromRef, State},
    response::{IntoResponse, Response},
};
use http::header::CONTENT_TYPE;
use presence::Directory;
use redis_link::Link;
use std::sync::Arc;

/// The media type of OpenMetrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What is measured. Nothing by which anything could be changed: a scraper that stays connected holds up
/// no end.
#[derive(Clone)]
pub(super) struct Measured {
    metrics: Metrics,
    hub: Hub,
    directory: Arc<dyn Directory>,
    admissions: Admissions,
    presence_link: Option<Arc<Link>>,
    nodes: Nodes,
}

impl FromRef<AppState> for Measured {
    fn from_ref(state: &AppState) -> Self {
        Self {
            metrics: state.metrics.clone(),
            hub: state.hub.clone(),
            directory: Arc::clone(&state.directory),
            admissions: state.admissions.clone(),
            presence_link: state.presence_link.clone(),
            nodes: state.nodes.clone(),
        }
    }
}

/// What is counted, in OpenMetrics text.
pub(super) async fn metrics(State(measured): State<Measured>) -> Response {
    let links = links(measured.presence_link.as_ref(), &measured.nodes);
    let text = measured.metrics.encode(&Readings {
        sockets: measured.hub.sockets(),
        users: measured.hub.users(),
        newcomers: measured.admissions.waiting(),
        presence: measured.directory.counts(),
        store_failed: store::failures().collect(),
        links: links
            .map(|(purpose, link)| (purpose, link.health()))
            .collect(),
    });
    ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response()
}
