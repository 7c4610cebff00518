//! The WebSocket endpoint: from the upgrade to the last close frame.
//!
//! A browser cannot see why an upgrade was refused (it reports a bare 1006), so every upgrade is
//! accepted, and a connection that may not stay is closed with the code that says why.

mod admission;
mod budget;
mod commands;
mod end;
mod heartbeat;
mod meter;
pub mod reading;
mod registration;
mod session;
mod wire;

pub use admission::{Admissions, Turn};
pub use end::End;

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
use hyper::upgrade::{OnUpgrade, Upgraded};
use protocol::{CloseCode, ErrorCode};
use registration::{Registered, TOO_MANY_DELAY};
use session::Session;
use std::time::Duration;
use store::SignedIn;
use tokio::time::timeout;
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
    let limits = &visitor.state.config.websocket;
    let Some(upgraded) = Box::pin(answered(upgrade, limits.hello_timeout)).await else {
        return;
    };
    let mut wire = Box::new(Wire::new(upgraded, limits).await);
    if let Some(mut session) = Box::pin(enter(visitor, &mut wire)).await {
        let end = session.serve(&mut wire).await;
        Box::pin(session.leave(&mut wire, end)).await;
    }
}

/// The transport once its upgrade was answered; nothing when whoever asked has gone, or takes no answer:
/// they would keep their turn from others.
async fn answered(upgrade: OnUpgrade, within: Duration) -> Option<Upgraded> {
    timeout(within, upgrade).await.ok()?.ok()
}

/// Lets somebody in, or tells them why they may not stay, unless too many are told so already.
async fn enter(visitor: Box<Visitor>, wire: &mut Wire) -> Option<Box<Session>> {
    let Visitor {
        state, admitted, ..
    } = *visitor;
    let end = match register(&state, admitted).await {
        Ok((registered, signed_in)) => {
            return Some(Box::new(Session::new(state, registered, signed_in)));
        }
        Err(end) => end,
    };
    match state.admissions.goodbye() {
        Some(_goodbye) => end.say_goodbye(wire).await,
        None => state.metrics.limited(Limit::Goodbyes),
    }
    None
}

async fn register(
    state: &AppState,
    admitted: Result<Admitted, End>,
) -> Result<(Registered, SignedIn), End> {
    let Admitted {
        signed_in,
        turn: _turn,
    } = admitted?;
    let registered = Registered::open(state, &signed_in).await?;
    Ok((registered, signed_in))
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

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{body::Incoming, server::conn::http1, service::service_fn, upgrade};
    use hyper_util::rt::TokioIo;
    use std::convert::Infallible;
    use tokio::{
        io::{AsyncWriteExt as _, duplex},
        sync::mpsc,
        time::Instant,
    };

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_no_answer_is_not_waited_for() {
        // Too little for the answer, and nobody reads.
        let (mut peer, transport) = duplex(8);
        let (asked, mut upgrades) = mpsc::channel(1);
        let service = service_fn(|request: http::Request<Incoming>| {
            let asked = asked.clone();
            async move {
                asked.send(upgrade::on(request)).await.unwrap();
                let accepted = http::Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
                Ok::<_, Infallible>(
                    accepted
                        .header(UPGRADE, "websocket")
                        .body(Body::empty())
                        .unwrap(),
                )
            }
        });
        let connection = http1::Builder::new()
            .serve_connection(TokioIo::new(transport), service)
            .with_upgrades();
        let visit = async {
            let request = b"GET /ws HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
            peer.write_all(request).await.unwrap();
            let (upgrade, within) = (upgrades.recv().await.unwrap(), Duration::from_secs(30));
            let start = Instant::now();
            assert!(answered(upgrade, within).await.is_none());
            assert_eq!(start.elapsed(), within);
        };
        tokio::select! {
            () = visit => {}
            ended = connection => panic!("{ended:?}"),
        }
    }
}
