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
    upgrade.on_upgrade(move |socket| serve(state, socket, admitted))
}

async fn serve(state: AppState, mut socket: WebSocket, admitted: Result<SignedIn, End>) {
    let end = match admitted {
        Ok(signed_in) => return session::run(state, socket, signed_in).await,
        Err(end) => end,
    };
    end.say_goodbye(&mut socket).await;
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
