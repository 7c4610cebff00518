//! HTTP: the routes, and what every request goes through. The only module that knows it.

mod admin;
mod api;
mod chats;
mod complete;
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
mod request_id;
mod session;
mod token;
mod users;
mod workspaces;

pub use forms::local as local_path;

use crate::{socket, state::AppState};
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef as _},
    middleware::{from_fn, from_fn_with_state},
    routing::{any, get},
};
use http::{
    HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
        X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};
use tower::ServiceBuilder;
use tower_http::{
    compression::CompressionLayer, set_header::SetResponseHeaderLayer, trace::TraceLayer,
};

/// What a response may do that is no page: nothing. But a picture may have styles within it, which some
/// browsers hold against the policy that it came with.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// Headers that every response has, unless it says otherwise.
///
/// The referrer stays within the site, and not less: without it browsers hide the origin of a form.
/// Other sites may not read anything from here, nor reach the window of a page (OWASP HTTP Headers
/// Cheat Sheet).
const HEADERS: [(HeaderName, &str); 8] = [
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, POLICY),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Where people come by TLS, they are to come by nothing else for two years (RFC 6797).
const ONLY_BY_TLS: (HeaderName, &str) = (STRICT_TRANSPORT_SECURITY, "max-age=63072000");

/// What is told to Prometheus alone.
pub fn metrics_router(state: &AppState) -> Router {
    Router::new()
        .route("/metrics", get(metrics::metrics))
        .fallback(problem::no_such_route)
        .with_state(metrics::Measured::from_ref(state))
}

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
                .layer(from_fn(request_id::give))
                .layer(TraceLayer::new_for_http().make_span_with(request_id::span))
                .layer(CompressionLayer::new())
                .layer(from_fn_with_state(state.clone(), limit::body))
                .layer(from_fn_with_state(state.clone(), origin::guard))
                // The limit above is the one that counts.
                .layer(DefaultBodyLimit::disable())
                .layer(from_fn(complete::changes)),
        );
    let routes = match state.config.metrics_apart() {
        None => routes.route("/metrics", get(metrics::metrics)),
        Some(_) => routes,
    };
    let by_tls = state.config.server.is_behind_tls().then_some(ONLY_BY_TLS);
    HEADERS
        .into_iter()
        .chain(by_tls)
        .fold(routes, |routes, (name, value)| {
            let value = HeaderValue::from_static(value);
            routes.layer(SetResponseHeaderLayer::if_not_present(name, value))
        })
        .with_state(state)
}
