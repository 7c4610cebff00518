//! How a connection ends, and the goodbye that says so.

use super::{meter, wire::Wire};
use crate::hub::Close;
use presence::CloseReason;
use protocol::CloseCode;
use std::time::Duration;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Error;

/// How long the closing handshake may take before the transport is dropped.
const GOODBYE: Duration = Duration::from_secs(2);

/// How long a goodbye is given to arrive at a peer that only writes.
const LINGER: Duration = Duration::from_millis(200);

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
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

    /// The code with which this server closes, when it does.
    pub(super) const fn code(&self) -> Option<CloseCode> {
        match self {
            Self::ByServer(close) => Some(close.code),
            Self::ByClient | Self::TransportLost => None,
        }
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
    pub(super) async fn say_goodbye(&self, wire: &mut Wire) {
        let goodbye = async {
            match self {
                Self::ByServer(close) => {
                    wire.close(close).await?;
                    // Until the peer answers, what it still sends is of no interest. Past a broken frame
                    // no answer can be read.
                    while let Some(Ok(_)) = wire.next().await {}
                }
                Self::ByClient => wire.answer_close().await?,
                Self::TransportLost => return Ok(()),
            }
            match wire.hang_up().await {
                Err(error) if meter::is_past_limit(&error) => sleep(LINGER).await,
                _ => {}
            }
            Ok::<_, Error>(())
        };
        // A peer that does not answer is not waited for any longer.
        let _ = timeout(GOODBYE, goodbye).await;
    }
}
