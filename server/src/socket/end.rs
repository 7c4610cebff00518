//! How a connection ends, and the goodbye that says so.

use crate::hub::Close;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::{SinkExt, StreamExt};
use presence::CloseReason;
use protocol::CloseCode;
use std::time::Duration;

/// How long the closing handshake may take before the transport is dropped.
const GOODBYE: Duration = Duration::from_secs(2);

/// How long a goodbye that cannot be answered is given to arrive.
const LINGER: Duration = Duration::from_millis(200);

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// This server closes it.
    ByServer(Close),
    /// The client closed it.
    ByClient,
    /// The transport is gone.
    TransportLost,
}

impl End {
    /// This server closes with a code and a reason.
    pub(super) fn close(code: CloseCode, reason: impl Into<String>) -> Self {
        Self::ByServer(Close {
            code,
            reason: reason.into(),
        })
    }

    /// This server closes and asks not to be asked again before `delay`.
    pub(super) fn too_many(delay: Duration) -> Self {
        Self::close(
            CloseCode::TOO_MANY,
            format!("retry_after_ms={}", delay.as_millis()),
        )
    }

    /// As presence and the log name it.
    pub(super) const fn reason(&self) -> CloseReason {
        match self {
            Self::ByClient => CloseReason::ClientClosed,
            Self::TransportLost => CloseReason::TransportLost,
            Self::ByServer(close) => match close.code {
                CloseCode::PONG_TIMEOUT => CloseReason::PongTimeout,
                CloseCode::SLOW_CONSUMER => CloseReason::SlowConsumer,
                CloseCode::SESSION_EXPIRED => CloseReason::SessionEnded,
                CloseCode::GOING_AWAY | CloseCode::SERVICE_RESTART => CloseReason::NodeDraining,
                _ => CloseReason::ServerClosed,
            },
        }
    }

    /// Finishes the closing handshake, within a bounded time.
    pub(super) async fn say_goodbye(&self, socket: &mut WebSocket) {
        let goodbye = async {
            match self {
                Self::ByServer(Close { code, reason }) => {
                    let frame = CloseFrame {
                        code: code.0,
                        reason: reason.as_str().into(),
                    };
                    if socket.send(Message::Close(Some(frame))).await.is_ok() {
                        // The peer's answer; until it comes, what it still sends is of no interest.
                        while let Some(read) = socket.next().await {
                            if read.is_err() {
                                // Past a broken frame no answer can be read. Hanging up on unread
                                // data resets the connection, and could overtake the goodbye.
                                tokio::time::sleep(LINGER).await;
                            }
                        }
                    }
                }
                // The answer to the client's close frame waits in the socket.
                Self::ByClient => drop(socket.close().await),
                Self::TransportLost => {}
            }
        };
        // A peer that does not answer is not waited for any longer.
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    }
}
