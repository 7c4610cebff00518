//! Friends, and who is on the way to become one.

use crate::{Author, Epoch, PresenceEntry, PresenceSnapshot, UserId};
use serde::{Deserialize, Serialize};

/// A person's friends and their presence at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FriendsSnapshot {
    /// All friends, online first, then by name.
    pub friends: Vec<PresenceEntry>,
    /// The history that the versions count in.
    pub epoch: Epoch,
    /// The largest of the entries' versions.
    pub version: u64,
}

impl From<PresenceSnapshot> for FriendsSnapshot {
    /// The presence of all friends.
    fn from(friends: PresenceSnapshot) -> Self {
        Self {
            friends: friends.users,
            epoch: friends.epoch,
            version: friends.version,
        }
    }
}

/// Whom a person has asked, who has asked them, and whom they want to hear nothing of. Each by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Relations {
    /// They asked this person to be friends.
    pub incoming: Vec<Author>,
    /// This person asked them.
    pub outgoing: Vec<Author>,
    /// This person has blocked them.
    pub blocked: Vec<Author>,
}

impl Relations {
    /// Whether this person has blocked somebody.
    #[must_use]
    pub fn has_blocked(&self, user_id: UserId) -> bool {
        self.blocked.iter().any(|it| it.user_id == user_id)
    }
}
