//! A connection: one socket, from its registration to its removal.

use protocol::{ConnectionId, NodeId, SessionId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Which connection, and where to find it: connections are kept by user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionKey {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub connection: ConnectionId,
}

/// A connection that asks to count.
///
/// The id is never used again for another socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Which connection.
    pub connection: ConnectionId,
    /// Whose.
    pub user: UserId,
    /// The signed-in browser or token that it belongs to.
    pub session: SessionId,
    /// The server process that holds the socket.
    pub node: NodeId,
}

impl Registration {
    /// The name under which all later events of this connection come.
    #[must_use]
    pub const fn key(&self) -> ConnectionKey {
        ConnectionKey {
            user: self.user,
            connection: self.connection,
        }
    }
}

/// The life of a connection that still counts. There is no `Closed`: a closed connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Live.
    Open,
    /// The closing handshake has begun. It still counts, but nothing renews its lease.
    Closing,
}

impl ConnectionState {
    /// The name that diagnostics show.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closing => "closing",
        }
    }
}

impl fmt::Display for ConnectionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The client closed it.
    ClientClosed,
    /// This node closed it: a limit, a broken protocol, an administrator.
    ServerClosed,
    /// The transport ended without a closing handshake.
    TransportLost,
    /// Nothing was heard for the pong timeout.
    PongTimeout,
    /// A closing handshake did not come to its end within the pong timeout.
    CloseTimeout,
    /// The client read slower than its queue filled.
    SlowConsumer,
    /// Its session was signed out, revoked, or has expired.
    SessionEnded,
    /// Its node is going away.
    NodeDraining,
    /// Its node was not heard of for the whole lease.
    NodeLost,
}

impl CloseReason {
    /// The stable name, for the log and for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientClosed => "client_closed",
            Self::ServerClosed => "server_closed",
            Self::TransportLost => "transport_lost",
            Self::PongTimeout => "pong_timeout",
            Self::CloseTimeout => "close_timeout",
            Self::SlowConsumer => "slow_consumer",
            Self::SessionEnded => "session_ended",
            Self::NodeDraining => "node_draining",
            Self::NodeLost => "node_lost",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
