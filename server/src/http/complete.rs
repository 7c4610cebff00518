//! What was begun is brought to its end, also when nobody waits for the answer any more.

use super::problem::Problem;
use crate::error::Error;
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use tracing::Instrument as _;

/// Brings requests that may change something to their end. When a client hangs up, hyper drops the answer
/// that is being made: what was stored by then would be told to nobody.
pub(super) async fn changes(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        next.run(request).await
    } else {
        in_own_task(next.run(request)).await
    }
}

/// Makes an answer in a task of its own, which ends by itself; a defect in it is answered.
pub(super) async fn in_own_task(
    answer: impl Future<Output = Response> + Send + 'static,
) -> Response {
    let answered = tokio::spawn(answer.in_current_span()).await;
    answered.unwrap_or_else(|error| Problem::from(Error::Internal(error.into())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, middleware::from_fn, routing::post};
    use std::sync::Arc;
    use tokio::sync::{Notify, mpsc};
    use tower::ServiceExt as _;

    /// Who was removed from a chat went on to be told of it: the request had been taken back between
    /// storing that and telling it.
    #[tokio::test]
    async fn a_change_is_made_to_its_end_though_the_client_has_hung_up() {
        let gone = Arc::new(Notify::new());
        let (said, mut heard) = mpsc::channel(2);
        let change = {
            let gone = Arc::clone(&gone);
            move || async move {
                said.send("begun").await.unwrap();
                gone.notified().await;
                said.send("told").await.unwrap();
            }
        };
        let routes = Router::new()
            .route("/", post(change))
            .layer(from_fn(changes));
        let request = Request::post("/").body(Body::empty()).unwrap();
        // As hyper drops what it waits for.
        tokio::select! {
            answer = routes.oneshot(request) => panic!("{answer:?}"),
            begun = heard.recv() => assert_eq!(begun, Some("begun")),
        }
        gone.notify_one();
        assert_eq!(heard.recv().await, Some("told"));
    }
}
