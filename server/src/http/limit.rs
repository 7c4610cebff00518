//! The size limit of every request body, whoever reads it.

use super::problem::Problem;
use crate::state::AppState;
use axum::{
    body::{Body, HttpBody as _},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http_body_util::Limited;
use protocol::ErrorCode;

/// Refuses a body that says that it is too large, and stops reading one that turns out to be.
pub(super) async fn body_size(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let max = state.config.server.max_body;
    if request.body().size_hint().lower() > max as u64 {
        let detail = format!("The body is too large: at most {max} bytes are accepted.");
        return Problem::of(ErrorCode::TooLarge, detail).into_response();
    }
    next.run(request.map(|body| Body::new(Limited::new(body, max))))
        .await
}
