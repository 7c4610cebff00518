//! Style sheet, script, WASM and pictures, from the folder that the build left them in.

use super::{pages, problem::no_such_route};
use crate::state::AppState;
use axum::{
    body::Body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{ACCEPT, CACHE_CONTROL},
};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

/// What no route is for: a file, or nothing. People get a page that says so; programs, a problem.
pub(super) async fn file_or_nothing(State(state): State<AppState>, request: Request) -> Response {
    if !request.method().is_safe() {
        return no_such_route().await.into_response();
    }
    let (parts, body) = request.into_parts();
    if let Some(file) = find(&state, Request::from_parts(parts.clone(), Body::empty())).await {
        return file;
    }
    let wants_page = parts
        .headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_page {
        return pages::not_found(state, Request::from_parts(parts, body)).await;
    }
    no_such_route().await.into_response()
}

async fn find(state: &AppState, request: Request) -> Option<Response> {
    let files = ServeDir::new(&state.config.server.site_root)
        .append_index_html_on_directories(false)
        .precompressed_br();
    let Ok(response) = files.oneshot(request).await;
    if matches!(
        response.status(),
        StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST
    ) {
        return None;
    }
    let mut response = response.into_response();
    // The names stay the same from build to build: a browser asks whether its copy is still right.
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Some(response)
}
