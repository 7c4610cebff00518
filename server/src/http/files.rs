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

/// How a file may be kept whose name would be another if it were (RFC 8246).
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// How many characters the hash in a file's name has.
const HASH_CHARS: usize = 22;

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
    let is_hashed = has_hash(request.uri().path());
    let files = ServeDir::new(&*state.leptos.site_root)
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
    let caching = HeaderValue::from_static(if is_hashed { FOR_EVER } else { "no-cache" });
    response.headers_mut().insert(CACHE_CONTROL, caching);
    Some(response)
}

/// Whether a file's name bears a hash of what is in it, as cargo-leptos writes it: another build's
/// has another name. Of other files a browser asks whether its copy is still right.
fn has_hash(path: &str) -> bool {
    let Some(name) = path.strip_prefix("/pkg/") else {
        return false;
    };
    let mut parts = name.rsplit('.').skip(1);
    parts.next().is_some_and(|hash| {
        hash.len() == HASH_CHARS
            && hash
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    })
}
