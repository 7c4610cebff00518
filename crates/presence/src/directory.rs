//! A directory holds the leases and is what a server talks to.

use crate::{
    Choice, CloseReason, ConnectionKey, Counts, OpenRefused, Opened, Registration, Transition,
    UserDiagnostics, UserPresence,
};
use async_trait::async_trait;
use protocol::{ConnectionId, Epoch, SessionId, Timestamp, UserId};
use std::time::Duration;

/// Who is connected, and who is online.
///
/// What one caller has awaited, every later call knows. Each call that names a connection or a
/// session does nothing when that is already gone, so reports may come twice, late and in any order.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The history that all versions of this directory count in.
    fn epoch(&self) -> Epoch;

    /// Registers a socket; it counts from now on. Again for the same connection: changes nothing.
    ///
    /// # Errors
    /// When the session has ended, or the directory cannot be reached.
    async fn open(&self, registration: Registration) -> Result<Opened, OpenError>;

    /// Renews the leases of connections from which something arrived: a pong or any other frame.
    ///
    /// # Errors
    /// When the directory cannot be reached.
    async fn activity(&self, connections: &[ConnectionKey]) -> Result<(), DirectoryError>;

    /// Input was given on a connection this long ago; nothing, for one that never tells and whose
    /// user counts as there.
    ///
    /// # Errors
    /// When the directory cannot be reached.
    async fn input(
        &self,
        connection: ConnectionKey,
        idle: Option<Duration>,
    ) -> Result<(), DirectoryError>;

    /// What a user who is about to open a connection has chosen before: it counts with that connection,
    /// so that nobody is shown for a moment what they hide. Waits for nothing.
    fn expect(&self, user: UserId, choice: Choice);

    /// A user has chosen what to show.
    ///
    /// # Errors
    /// When the directory cannot be reached.
    async fn choose(&self, user: UserId, choice: Choice) -> Result<(), DirectoryError>;

    /// The closing handshake of a socket has begun. It still counts.
    ///
    /// # Errors
    /// When the directory cannot be reached.
    async fn closing(&self, connection: ConnectionKey) -> Result<(), DirectoryError>;

    /// A socket has ended and no longer counts.
    ///
    /// # Errors
    /// When the directory cannot be reached.
    async fn closed(
        &self,
        connection: ConnectionKey,
        reason: CloseReason,
    ) -> Result<(), DirectoryError>;

    /// A session was signed out, revoked, or has expired: none of its connections counts any more,
    /// and none can open. Returns the connections whose sockets the caller must close.
    ///
    /// # Errors
    /// When the directory cannot be reached.
    async fn end_session(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Vec<ConnectionId>, DirectoryError>;

    /// The presence of each user asked for, in the order asked: one look-up each.
    ///
    /// To join it with [`Directory::next_changes`] without a gap, be ready to receive changes
    /// first, then ask, and drop each change whose version is not newer.
    ///
    /// # Errors
    /// When the directory cannot be reached.
    async fn snapshot(&self, users: &[UserId]) -> Result<Vec<UserPresence>, DirectoryError>;

    /// Everything that decides about one user.
    ///
    /// # Errors
    /// When the directory cannot be reached.
    async fn diagnostics(&self, user: UserId) -> Result<UserDiagnostics, DirectoryError>;

    /// Others here may be shown these users from now on: their changes are told by
    /// [`Directory::next_changes`], too, when they are connected elsewhere.
    async fn watch(&self, users: &[UserId]);

    /// Nobody here is shown these users any more.
    fn unwatch(&self, users: &[UserId]);

    /// Waits for transitions and takes them: the newest of each user who is not where the last
    /// taking left them, in the order in which they were decided. For one consumer, which calls it
    /// once per coalescing window. Nothing is lost when the future is dropped.
    async fn next_changes(&self) -> Vec<Transition>;

    /// Waits until what is known of those who are connected elsewhere is no longer current, or is again,
    /// and says since when it is not. Whoever was shown them is to be shown them anew. For one
    /// consumer. Nothing is lost when the future is dropped.
    async fn next_currency(&self) -> Option<Timestamp>;

    /// Waits for connections whose leases ran out, and takes them: they no longer count, and the
    /// caller must close their sockets. For one consumer. Nothing is lost when the future is dropped.
    async fn reaped(&self) -> Vec<ConnectionId>;

    /// How long ago that was, by the clock that transitions carry the time of.
    fn age(&self, at: Timestamp) -> Duration;

    /// How often what was decided here.
    fn counts(&self) -> Counts;
}

/// The directory could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// The store that it shares with other nodes cannot be reached. Nobody is offline for that.
    #[error("the presence directory cannot be reached: {0}")]
    Unavailable(String),
}

/// A connection was not registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It may not count.
    #[error(transparent)]
    Refused(#[from] OpenRefused),
    /// The directory could not do it.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}
