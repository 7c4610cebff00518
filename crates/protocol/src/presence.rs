//! Who is online, as others are told.

use crate::{Epoch, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// What more there is to say of somebody who is online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// No input in any of their tabs for a while.
    Away,
    /// They asked not to be disturbed.
    Dnd,
}

/// One person's presence within a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceEntry {
    /// Who.
    pub user_id: UserId,
    /// The name that others see.
    pub display_name: String,
    /// Whether at least one connection is active, or the grace after the last one still runs.
    pub is_online: bool,
    /// What more there is to say while online; absent when they are simply there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// What they say of themselves; absent when nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status_text: String,
    /// When the last connection closed; absent while online, never seen, or not for the reader to
    /// know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// Nothing is told of this person to the reader, since one has blocked the other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_hidden: bool,
    /// When this was true, if the server cannot know whether it still is: it has lost touch with the
    /// other servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// The version of this person's presence; a change with a smaller or equal one is old news.
    pub version: u64,
}

/// A person's change between online, away, not to be disturbed and offline, or of what they say of
/// themselves.
///
/// Versions grow with each transition of a person, so the newest always supersedes the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceChange {
    /// Who.
    pub user_id: UserId,
    /// The name that others see.
    pub display_name: String,
    /// Online or offline from now on.
    pub is_online: bool,
    /// What more there is to say while online; absent when they are simply there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// What they say of themselves; absent when nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status_text: String,
    /// When the last connection closed, if it did and the reader may know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// The history that `version` counts in.
    pub epoch: Epoch,
    /// Grows with each of this person's transitions.
    pub version: u64,
}

/// The presence of a set of people at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceSnapshot {
    /// Everybody in the set, online first, then by name.
    pub users: Vec<PresenceEntry>,
    /// The history that the versions count in.
    pub epoch: Epoch,
    /// The largest of the entries' versions.
    pub version: u64,
}
