//! The limits of every request body, whoever reads it: of its size, and of the time that it takes.

use super::problem::Problem;
use crate::{
    metrics::{Limit, Metrics},
    state::AppState,
};
use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http_body_util::{LengthLimitError, Limited};
use hyper::body::{Frame, SizeHint};
use protocol::ErrorCode;
use std::{
    pin::Pin,
    task::{Context, Poll},
};
use tokio::time::{Sleep, sleep};

/// Refuses a body that says that it is too large, and stops reading one that turns out to be, or that
/// takes too long.
pub(super) async fn body(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let max = state.config.server.max_body;
    if request.body().size_hint().lower() > max as u64 {
        state.metrics.limited(Limit::Body);
        let detail = format!("The body is too large: at most {max} bytes are accepted.");
        return Problem::of(ErrorCode::TooLarge, detail).into_response();
    }
    let limited = |body: Body| {
        Body::new(Timely {
            body: Limited::new(body, max),
            deadline: Box::pin(sleep(state.config.server.body_timeout)),
            metrics: state.metrics.clone(),
        })
    };
    let is_empty = request.body().is_end_stream();
    next.run(if is_empty {
        request
    } else {
        request.map(limited)
    })
    .await
}

/// A body that is to arrive in time.
struct Timely {
    body: Limited<Body>,
    deadline: Pin<Box<Sleep>>,
    metrics: Metrics,
}

/// A body that did not.
#[derive(Debug, thiserror::Error)]
#[error("the body did not arrive in time")]
pub(super) struct TooLate;

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            if let Some(Err(error)) = &frame
                && error.is::<LengthLimitError>()
            {
                self.metrics.limited(Limit::Body);
            }
            return Poll::Ready(frame);
        }
        self.deadline.as_mut().poll(context).map(|()| {
            self.metrics.limited(Limit::BodyTime);
            Some(Err(TooLate.into()))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
