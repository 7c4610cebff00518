//! What travels on the wire, shared by server, browser and native clients.
//!
//! JSON text frames over one WebSocket (`client`, `server`), the codes that end it (`close`), the
//! codes that refuse a request (`error`), and the snapshots that REST and server functions return.
//! There is no logic here beyond parsing and printing, no clock and no I/O.

pub mod chat;
pub mod client;
pub mod close;
pub mod error;
pub mod id;
pub mod limits;
pub mod message;
pub mod presence;
pub mod server;
mod tagged;
pub mod timestamp;
pub mod user;

pub use chat::{Chat, ChatRole, Workspace, WorkspaceRole};
pub use client::{ClientFrame, Resume};
pub use close::{CloseCode, Reconnect};
pub use error::{ErrorCode, ProblemDetails};
pub use id::{
    ChatId, ClientMessageId, ConnectionId, Epoch, MessageId, NodeId, SessionId, UserId, WorkspaceId,
};
pub use message::Message;
pub use presence::{PresenceChange, PresenceEntry, PresenceSnapshot};
pub use server::{ServerFrame, Timers, Welcome};
pub use timestamp::Timestamp;
pub use user::{Author, User};

/// The protocol version that `hello` names. A server that does not speak it closes with
/// [`CloseCode::UNSUPPORTED_VERSION`].
pub const PROTOCOL_VERSION: u32 = 1;
