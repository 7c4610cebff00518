//! Messages, as stored and as sent.

use crate::{Author, ChatId, ClientMessageId, MessageId, Timestamp};
use serde::{Deserialize, Serialize};

/// A stored message in its newest form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// The chat that it was written in.
    pub chat_id: ChatId,
    /// Which message.
    pub id: MessageId,
    /// The sender's own name for it, by which a sender recognises it.
    pub client_id: ClientMessageId,
    /// Who wrote it.
    pub author: Author,
    /// What it says; empty once deleted.
    pub text: String,
    /// When the server stored it.
    pub sent_at: Timestamp,
    /// When its author last changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// Its place in the order of all messages of this epoch; never changes.
    pub sequence: u64,
    /// The offset of its newest change: its writing, editing or deletion. Grows with each.
    pub offset: u64,
}
