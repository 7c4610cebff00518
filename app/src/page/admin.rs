//! What the page of administrators is made of. The server alone shows it.

use protocol::{NodeId, SessionId, Timestamp, User, UserId};
use serde::{Deserialize, Serialize};

/// Why somebody is online, and what has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminPage {
    /// What was searched for.
    pub query: String,
    /// Who was found by it.
    pub found: Vec<User>,
    /// Of whom more is shown; a sentence, when why they are online cannot be said.
    pub report: Option<Result<UserReport, String>>,
    /// The servers, the one that answers first.
    pub nodes: Vec<NodeReport>,
    /// What that one announced last, newest first.
    pub past: Vec<Past>,
}

/// Everything that decides whether somebody counts as online. Durations are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserReport {
    /// Who.
    pub person: User,
    /// Connected, or within the grace: the truth, whatever others are shown.
    pub online: bool,
    /// Whether others are shown online.
    pub shown_online: bool,
    /// How long until they are offline, unless a connection opens.
    pub pending_offline_ms: Option<u64>,
    /// The rule that decided.
    pub rule: String,
    /// Each active connection.
    pub connections: Vec<SocketReport>,
    /// Sign-ins that hold.
    pub sessions: Vec<SignInReport>,
}

/// An active connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocketReport {
    /// The end of its id.
    pub key: String,
    /// By which it is closed.
    pub handle: String,
    /// `open` or `closing`.
    pub state: String,
    /// The sign-in that it belongs to.
    pub session_id: SessionId,
    /// The server process that holds the socket.
    pub node_id: NodeId,
    /// What the browser calls itself.
    pub browser: String,
    /// When it was registered.
    pub opened_at: Timestamp,
    /// How long ago that was.
    pub age_ms: u64,
    /// How long ago it last showed activity.
    pub since_activity_ms: u64,
    /// How long ago it last answered a ping. Servers ping only into silence; unknown of sockets on
    /// other servers.
    pub since_pong_ms: Option<u64>,
    /// How long it goes on counting without any.
    pub lease_remaining_ms: u64,
}

/// A server, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeReport {
    /// Which.
    pub node_id: NodeId,
    /// Its connections, counted.
    pub connection_count: u64,
    /// Those whose they are.
    pub people: u64,
    /// How long ago it counted them.
    pub age_ms: u64,
    /// The connections that were opened first, of the server that answers; of others none is known.
    pub connections: Vec<HeldReport>,
}

/// A connection that a server holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldReport {
    /// The end of its id.
    pub key: String,
    /// By which it is closed.
    pub handle: String,
    /// Whose.
    pub user_id: UserId,
    /// The name that others see; the end of the id where there is no such account.
    pub name: String,
    /// `open` or `closing`.
    pub state: String,
}

/// A sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInReport {
    /// Which.
    pub session_id: SessionId,
    /// What the browser or program calls itself.
    pub browser: String,
    /// How long ago it was made.
    pub age_ms: u64,
}

/// Something that was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Of whom.
    pub user_id: UserId,
    /// The name that others see; the end of the id where there is no such account.
    pub name: String,
    /// Whether they are shown online from then on.
    pub is_online: bool,
    /// Whether they were before.
    pub was_online: bool,
    /// The rule that decided.
    pub reason: String,
    /// How long ago.
    pub age_ms: u64,
}

/// Enough of an id to tell it from others, too little to name what it stands for: the end, which is
/// random (RFC 9562 §5.7).
#[must_use]
pub fn redacted(id: &str) -> String {
    let end = id.len().saturating_sub(4);
    format!("…{}", &id[end..])
}
