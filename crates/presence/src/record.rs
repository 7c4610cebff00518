//! What the structured log says: one line per lifecycle event, under stable names.
//!
//! | name | exactly when |
//! |---|---|
//! | `connection_established` | a socket was registered and counts from now on |
//! | `user_reconnected` | that registration fell within a grace and ended it; no transition follows |
//! | `PRESENCE_ONLINE` | the user was offline until that registration: a transition |
//! | `ws_closed` | the socket's own task reported its end |
//! | `active_socket_closed` | a socket that counted does so no longer, whoever ended it |
//! | `user_disconnected` | the count reached 0; the grace starts |
//! | `PRESENCE_OFFLINE` | the grace ran out, or the last session ended: a transition |
//!
//! A socket has one `active_socket_closed` and one `ws_closed`. Mostly they come together; where
//! presence itself gave up on the socket (its session ended, its lease ran out), the second comes
//! later, when its task has taken leave of it. Repeated reports write no line.
//!
//! Lines of a `user_disconnected` and `PRESENCE_OFFLINE` name the connection that was the last.

use crate::ConnectionKey;
use protocol::SessionId;
use std::fmt;

/// A line of the structured log. It holds no secret: a session id does not prove a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// What happened.
    pub event: Lifecycle,
    /// The user and the connection.
    pub key: ConnectionKey,
    /// The session that the connection belongs to.
    pub session: SessionId,
    /// The user's active connections after it.
    pub active_count: usize,
    /// Why, as a stable name.
    pub reason: &'static str,
}

/// The lifecycle events, by their stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lifecycle {
    /// A socket was registered.
    ConnectionEstablished,
    /// A socket that counted does so no longer.
    ActiveSocketClosed,
    /// The socket's task reported its end.
    WsClosed,
    /// Registered within the grace.
    UserReconnected,
    /// The count reached 0.
    UserDisconnected,
    /// Offline before, online from now on.
    PresenceOnline,
    /// Online before, offline from now on.
    PresenceOffline,
}

impl Lifecycle {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectionEstablished => "connection_established",
            Self::ActiveSocketClosed => "active_socket_closed",
            Self::WsClosed => "ws_closed",
            Self::UserReconnected => "user_reconnected",
            Self::UserDisconnected => "user_disconnected",
            Self::PresenceOnline => "PRESENCE_ONLINE",
            Self::PresenceOffline => "PRESENCE_OFFLINE",
        }
    }
}

impl fmt::Display for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
