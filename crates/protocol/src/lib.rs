//! What travels on the wire, shared by server, browser and native clients.
//!
//! JSON text frames over one WebSocket (`client`, `server`), the codes that end it (`close`), the
//! codes that refuse a request (`error`), and the snapshots that REST and server functions return.
//! There is no logic here beyond parsing and printing, no clock and no I/O.

pub mod chat;
pub mod client;
pub mod close;
pub mod error;
pub mod friends;
pub mod id;
pub mod json;
pub mod limits;
pub mod mention;
pub mod message;
pub mod notification;
pub mod presence;
pub mod room;
pub mod server;
pub mod status;
pub mod timestamp;
pub mod user;

pub use chat::{Chat, ChatKind, ChatRole, Workspace, WorkspaceRole};
pub use client::{ClientFrame, Resume};
pub use close::{CloseCode, Reconnect};
pub use error::{ErrorCode, ProblemDetails};
pub use friends::{FriendsSnapshot, Relations};
pub use id::{
    ChatId, ClientMessageId, ConnectionId, Epoch, MessageId, NodeId, NotificationId, SessionId,
    UserId, WorkspaceId,
};
pub use message::Message;
pub use notification::{Notification, NotificationKind, UnreadNotifications};
pub use presence::{Availability, PresenceChange, PresenceEntry, PresenceSnapshot};
pub use room::Room;
pub use server::{ServerFrame, Timers, Welcome};
pub use status::{LastSeenAudience, Mode, Status};
pub use timestamp::Timestamp;
pub use user::{Author, User};

/// The protocol version that `hello` names. A server that does not speak it closes with
/// [`CloseCode::UNSUPPORTED_VERSION`].
pub const PROTOCOL_VERSION: u32 = 1;
