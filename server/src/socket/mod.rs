//! The WebSocket endpoint: from the upgrade to the last close frame.
//!
//! A browser cannot see why an upgrade was refused (it reports a bare 1006), so every upgrade is
//! accepted, and a connection that may not stay is closed with the code that says why.

mod budget;
mod commands;
mod end;
mod heartbeat;
mod reading;
mod registration;
mod session;

use crate::{auth, http::origin, state::AppState};
use axum::{
    extract::{
        State,
        ws::{WebSocket, WebSocketUpgrade},
    },
    http::HeaderMap,
    response::Response,
};
use end::End;
use protocol::{CloseCode, limits::MAX_SEND_FRAME_BYTES};
use registration::Registered;
use session::Session;
use store::SignedIn;

/// `GET /ws`: accepts the socket and serves it, or closes it with the code that says why.
pub async fn upgrade(
    State(state): State<AppState>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let limits = &state.config.websocket;
    let upgrade = upgrade
        .read_buffer_size(limits.read_buffer)
        .write_buffer_size(limits.write_buffer)
        .max_write_buffer_size(limits.max_write_buffer)
        .max_message_size(MAX_SEND_FRAME_BYTES)
        .max_frame_size(MAX_SEND_FRAME_BYTES);
    let admitted = admit(&state, &headers).await;
    let visitor = Box::new(Visitor { state, admitted });
    upgrade.on_upgrade(move |socket| serve(visitor, Box::new(socket)))
}

/// Somebody whose upgrade was accepted.
struct Visitor {
    state: AppState,
    /// Who it is, or how to turn them away.
    admitted: Result<SignedIn, End>,
}

/// Serves a socket until it ends. Most of a busy server's memory is idle connections, and what a
/// future has ever held takes room in it for good: so what is large or over soon is boxed.
async fn serve(visitor: Box<Visitor>, mut socket: Box<WebSocket>) {
    match Box::pin(enter(visitor)).await {
        Ok(mut session) => {
            let end = session.serve(&mut socket).await;
            Box::pin(session.leave(&mut socket, end)).await;
        }
        Err(end) => Box::pin(end.say_goodbye(&mut socket)).await,
    }
}

async fn enter(visitor: Box<Visitor>) -> Result<Box<Session>, End> {
    let Visitor { state, admitted } = *visitor;
    let signed_in = admitted?;
    let registered = Registered::open(&state, &signed_in).await?;
    Ok(Box::new(Session::new(state, registered, signed_in)))
}

async fn admit(state: &AppState, headers: &HeaderMap) -> Result<SignedIn, End> {
    if !origin::is_allowed(state, headers) {
        return Err(End::close(
            CloseCode::FORBIDDEN_ORIGIN,
            "this origin is not allowed",
        ));
    }
    match auth::authenticate(state, headers).await {
        Ok(Some(signed_in)) => Ok(signed_in),
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
