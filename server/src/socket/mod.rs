//! The WebSocket endpoint: from the upgrade to the last close frame.
//!
//! A browser cannot see why an upgrade was refused (it reports a bare 1006), so every upgrade is
//! accepted, and a connection that may not stay is closed with the code that says why.

mod admission;
mod budget;
mod commands;
mod end;
mod heartbeat;
mod reading;
mod registration;
mod session;
mod wire;

pub use admission::{Admissions, Turn};

use crate::{
    accept::Place,
    auth,
    http::{extract::ClientAddress, origin, problem::Problem},
    metrics::Limit,
    state::AppState,
};
use admission::BUSY_DELAY;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::UPGRADE},
    response::{IntoResponse as _, Response},
};
use end::End;
use hyper::upgrade::OnUpgrade;
use protocol::{CloseCode, ErrorCode};
use registration::{Registered, TOO_MANY_DELAY};
use session::Session;
use std::time::Duration;
use store::SignedIn;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tracing::Instrument as _;
use wire::Wire;

/// `GET /ws`: accepts the socket and serves it, or closes it with the code that says why.
pub async fn upgrade(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    mut request: Request,
) -> Response {
    // Refuses what is no opening handshake (RFC 6455 §4.2.1).
    let Ok(accepted) = create_response_with_body(&request, Body::empty) else {
        let detail = "This address is for WebSockets.";
        let problem = Problem::new(StatusCode::UPGRADE_REQUIRED, ErrorCode::BadRequest, detail);
        return ([(UPGRADE, "websocket")], problem).into_response();
    };
    let place = state.places.take(address);
    let admitted = match &place {
        Some(_) => admit(&state, request.headers()).await,
        None => Err(refuse(&state, Limit::ConnectionsPerAddress, TOO_MANY_DELAY)),
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let sockets = state.sockets.clone();
    let visitor = Visitor {
        state,
        admitted,
        place,
    };
    let served = serve(upgrade, Box::new(visitor));
    // What is written to the log because of it bears the name of the request.
    sockets.spawn(served.in_current_span());
    accepted
}

/// Somebody whose upgrade was accepted.
struct Visitor {
    state: AppState,
    /// Who it is, or how to turn them away.
    admitted: Result<Admitted, End>,
    /// One of those of their address, until the socket has ended.
    place: Option<Place>,
}

/// Somebody who may enter.
struct Admitted {
    signed_in: SignedIn,
    turn: Turn,
}

/// Serves a socket until it ends. Most of a busy server's memory is idle connections, and what a
/// future has ever held takes room in it for good: so what is large or over soon is boxed.
async fn serve(upgrade: OnUpgrade, mut visitor: Box<Visitor>) {
    let _place = visitor.place.take();
    let Ok(upgraded) = upgrade.await else {
        // Gone before the answer arrived.
        return;
    };
    let read_buffer = visitor.state.config.websocket.read_buffer;
    let mut wire = Box::new(Wire::new(upgraded, read_buffer).await);
    match Box::pin(enter(visitor)).await {
        Ok(mut session) => {
            let end = session.serve(&mut wire).await;
            Box::pin(session.leave(&mut wire, end)).await;
        }
        Err(end) => Box::pin(end.say_goodbye(&mut wire)).await,
    }
}

async fn enter(visitor: Box<Visitor>) -> Result<Box<Session>, End> {
    let Visitor {
        state, admitted, ..
    } = *visitor;
    let Admitted { signed_in, turn } = admitted?;
    let registered = Registered::open(&state, &signed_in).await?;
    drop(turn);
    Ok(Box::new(Session::new(state, registered, signed_in)))
}

/// Turns somebody away because of a limit.
fn refuse(state: &AppState, limit: Limit, delay: Duration) -> End {
    state.metrics.limited(limit);
    End::too_many(delay)
}

/// Lets somebody in when it is their turn, or says how to turn them away.
async fn admit(state: &AppState, headers: &HeaderMap) -> Result<Admitted, End> {
    if !origin::is_allowed(state, headers) {
        origin::log_refusal("/ws", headers);
        return Err(End::close(
            CloseCode::FORBIDDEN_ORIGIN,
            "this origin is not allowed",
        ));
    }
    let turn = state.admissions.turn().await;
    let turn = turn.ok_or_else(|| refuse(state, Limit::Admissions, BUSY_DELAY))?;
    match auth::authenticate(state, headers).await {
        Ok(Some(signed_in)) => Ok(Admitted { signed_in, turn }),
        Ok(None) => Err(End::close(CloseCode::SESSION_EXPIRED, "not signed in")),
        Err(error) => {
            tracing::warn!(%error, "sign_in_not_checked");
            Err(End::close(
                CloseCode::TRY_AGAIN_LATER,
                "the sign-in could not be checked",
            ))
        }
    }
}
