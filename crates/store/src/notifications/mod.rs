//! What people are to be told of, whether or not they are here.
//!
//! A notification is made in the very transaction of what causes it. Each change of a person's
//! notifications takes the next version of theirs within its transaction, so versions grow in the
//! order of commits.

mod clear;
mod note;
mod read;
mod version;

pub(crate) use clear::{clear_chat, clear_request, remove_of_chat, remove_requests};
pub(crate) use note::{NewNote, note};
pub(crate) use version::lock;

use protocol::{
    Author, ChatId, NotificationId, NotificationKind, Timestamp, UnreadNotifications, UserId,
};

/// How many characters of a message its notification shows.
pub const PREVIEW_CHARS: u32 = 200;

/// A notification, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNotification {
    /// Which.
    pub id: NotificationId,
    /// What it is about.
    pub kind: NotificationKind,
    /// Who caused it; of several messages, the newest's author.
    pub actor: Author,
    /// Where, if it is about a chat.
    pub chat: Option<NotedChat>,
    /// The first [`PREVIEW_CHARS`] characters of the message; empty when it is deleted or there is
    /// none.
    pub text: String,
    /// How many messages it stands for.
    pub count: u64,
    /// When it happened; of several messages, the newest.
    pub at: Timestamp,
    /// Whether the person has seen it.
    pub is_read: bool,
    /// The person's version at its newest change.
    pub version: u64,
}

/// The chat that a notification is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedChat {
    /// Which.
    pub chat_id: ChatId,
    /// The address of its workspace.
    pub workspace_slug: String,
    /// Its own part of the address.
    pub slug: String,
    /// Its name; empty when it is named after its people.
    pub name: String,
    /// Whether the person wants no attention drawn to it.
    pub is_muted: bool,
    /// The newest message that the notification stands for, if it is about any.
    pub sequence: Option<u64>,
}

/// Somebody has a new notification, or a newer form of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Who is to be told.
    pub user_id: UserId,
    /// What.
    pub notification: StoredNotification,
    /// How many they have not read, this one among them.
    pub unread: UnreadNotifications,
}

/// Some of somebody's notifications wait no longer to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleared {
    /// Whose.
    pub user_id: UserId,
    /// Which.
    pub ids: Vec<NotificationId>,
    /// How many still wait.
    pub unread: UnreadNotifications,
}
