//! Why somebody is, or is not, online.

use crate::{ConnectionState, Shown};
use protocol::{ConnectionId, Mode, NodeId, SessionId, Timestamp, UserId};
use std::time::Duration;

/// Everything that decides about one user, at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserDiagnostics {
    /// Who.
    pub user: UserId,
    /// Connected, or within the grace: the truth, whatever others are shown.
    pub online: bool,
    /// What others are shown.
    pub shown: Shown,
    /// What the user has chosen.
    pub mode: Mode,
    /// Open and closing connections.
    pub active_connection_count: usize,
    /// Each of them, oldest id first.
    pub connections: Vec<ConnectionDiagnostics>,
    /// How long until the user is offline unless a connection opens; nothing unless a grace runs.
    pub pending_offline: Option<Duration>,
    /// The version of the newest transition.
    pub version: u64,
    /// When the last connection went; absent while online.
    pub last_seen: Option<Timestamp>,
    /// The rule that decided, as a sentence.
    pub rule: String,
}

/// One active connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionDiagnostics {
    /// Which.
    pub connection: ConnectionId,
    /// The session that it belongs to.
    pub session: SessionId,
    /// The server process that holds the socket.
    pub node: NodeId,
    /// Open or closing.
    pub state: ConnectionState,
    /// When it was registered.
    pub opened_at: Timestamp,
    /// How long ago that was.
    pub age: Duration,
    /// How long ago it last showed activity.
    pub since_activity: Duration,
    /// How long it goes on counting without any.
    pub lease_remaining: Duration,
}
