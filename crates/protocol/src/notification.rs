//! What a person is to be told of, whether or not they are here.

use crate::{Author, ChatId, NotificationId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a notification is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A message names the person.
    Mention,
    /// A message in a direct chat; further ones are counted until it is read.
    DirectMessage,
    /// Somebody asks to be friends.
    FriendRequest,
    /// Somebody said yes to that.
    FriendAccepted,
    /// Somebody added the person to a chat.
    Invitation,
}

/// A notification in its newest form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    /// Which.
    pub id: NotificationId,
    /// What it is about.
    pub kind: NotificationKind,
    /// Who caused it.
    pub actor: Author,
    /// The chat that it is about, if it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<ChatId>,
    /// That chat's name; empty for direct chats, which are named after their people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub chat_name: String,
    /// The address within this site that it leads to.
    pub path: String,
    /// How the message begins, if it is about one that still exists.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// How many messages it stands for.
    pub count: u64,
    /// When it happened; of several messages, the newest.
    pub at: Timestamp,
    /// Whether the person has seen it.
    pub is_read: bool,
    /// The person wants no attention drawn to the chat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_muted: bool,
    /// Grows with each change of this person's notifications; this is that of its newest.
    pub version: u64,
}

/// How many notifications wait to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadNotifications {
    /// How many.
    pub unread: u64,
    /// Grows with each change of this person's notifications; a smaller one is old news.
    pub version: u64,
}
