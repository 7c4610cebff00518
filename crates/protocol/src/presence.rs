//! Who is online, as others are told.

use crate::{Epoch, Timestamp, UserId};
use serde::{Deserialize, Serialize};

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
    /// When the last connection closed; absent while online or never seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// The version of this person's presence; a change with a smaller or equal one is old news.
    pub version: u64,
}

/// A person's change between online and offline.
///
/// Versions grow by one per person and transition, so the newest always supersedes the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceChange {
    /// Who.
    pub user_id: UserId,
    /// The name that others see.
    pub display_name: String,
    /// Online or offline from now on.
    pub is_online: bool,
    /// When the last connection closed, if it did.
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
