//! HTTP: the routes, and what every request goes through. The only module that knows it.

mod admin;
mod api;
mod chats;
pub mod extract;
mod files;
mod forms;
mod friends;
mod health;
mod limit;
mod me;
mod metrics;
mod notifications;
pub mod origin;
mod pages;
pub mod problem;
mod session;
mod token;
mod users;
mod workspaces;

use crate::{socket, state::AppState};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    middleware::from_fn_with_state,
    routing::{any, get},
};
use http::{
    HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        X_FRAME_OPTIONS,
    },
};
use tower::ServiceBuilder;
use tower_http::{
    compression::CompressionLayer, set_header::SetResponseHeaderLayer, trace::TraceLayer,
};

/// What every response may do; pages may also run their own scripts.
const POLICY: &str =
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'";

/// Headers that every response has, unless it says otherwise.
///
/// The referrer stays within the site, and not less: without it browsers hide the origin of a form.
const HEADERS: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, POLICY),
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Everything that the server answers.
pub fn router(state: AppState) -> Router {
    let routes = Router::new()
        .merge(api::routes())
        .merge(forms::routes())
        .merge(pages::routes())
        .route("/ws", get(socket::upgrade))
        .route("/api/{*rest}", any(problem::no_such_route))
        .method_not_allowed_fallback(problem::no_such_method)
        .fallback(files::file_or_nothing)
        .layer(
            ServiceBuilder::new()
                .layer(TraceLayer::new_for_http().make_span_with(span))
                .layer(CompressionLayer::new())
                .layer(from_fn_with_state(state.clone(), limit::body_size))
                .layer(from_fn_with_state(state.clone(), origin::guard))
                // The limit above is the one that counts.
                .layer(DefaultBodyLimit::disable()),
        );
    HEADERS
        .into_iter()
        .fold(routes, |routes, (name, value)| {
            let value = HeaderValue::from_static(value);
            routes.layer(SetResponseHeaderLayer::if_not_present(name, value))
        })
        .with_state(state)
}

/// Only the path: what follows the `?` may be an invitation.
fn span(request: &Request) -> tracing::Span {
    tracing::debug_span!("request", method = %request.method(), path = request.uri().path())
}
