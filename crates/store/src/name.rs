//! Kinds of things as they are stored: each under a name.

use crate::{Result, StoreError};
use protocol::{ChatRole, LastSeenAudience, Mode, NotificationKind, WorkspaceRole};

/// A kind that has a lasting name.
pub(crate) trait StoredName: Copy + 'static {
    /// Every kind.
    const ALL: &'static [Self];

    /// Its name in the database.
    fn name(self) -> &'static str;

    /// The kind of a name.
    fn named(name: &str) -> Result<Self> {
        let kind = Self::ALL.iter().find(|kind| kind.name() == name);
        kind.copied()
            .ok_or_else(|| StoreError::corrupt(format!("unknown name {name:?}")))
    }
}

impl StoredName for WorkspaceRole {
    const ALL: &'static [Self] = &[Self::Member, Self::Admin, Self::Owner];

    fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl StoredName for ChatRole {
    const ALL: &'static [Self] = &[Self::Member, Self::Owner];

    fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Owner => "owner",
        }
    }
}

impl StoredName for Mode {
    const ALL: &'static [Self] = &[Self::Automatic, Self::Dnd, Self::Invisible];

    fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Dnd => "dnd",
            Self::Invisible => "invisible",
        }
    }
}

impl StoredName for LastSeenAudience {
    const ALL: &'static [Self] = &[Self::Everyone, Self::Friends, Self::Nobody];

    fn name(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Friends => "friends",
            Self::Nobody => "nobody",
        }
    }
}

impl StoredName for NotificationKind {
    const ALL: &'static [Self] = &[
        Self::Mention,
        Self::DirectMessage,
        Self::FriendRequest,
        Self::FriendAccepted,
        Self::Invitation,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::DirectMessage => "direct_message",
            Self::FriendRequest => "friend_request",
            Self::FriendAccepted => "friend_accepted",
            Self::Invitation => "invitation",
        }
    }
}
