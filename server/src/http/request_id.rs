//! A name for each request, which every line of the log bears that is written because of it, also by
//! the socket that it becomes; and the answer, so that who complains can say which it was.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderName, HeaderValue};
use tracing::{Span, field, info_span};
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The name of a request. Never one that the client chose: it is written to the log.
#[derive(Clone, Copy)]
struct RequestId(Uuid);

/// Names a request, and its answer.
pub(super) async fn give(mut request: Request, next: Next) -> Response {
    let id = Uuid::now_v7();
    request.extensions_mut().insert(RequestId(id));
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}

/// What the lines of the log bear. Of the address only the path: what follows the `?` may be an
/// invitation.
pub(super) fn span(request: &Request) -> Span {
    let id = request
        .extensions()
        .get()
        .map(|RequestId(id)| field::display(id));
    info_span!("request", id, method = %request.method(), path = request.uri().path())
}
