//! Roles as they are stored.

use crate::{Result, StoreError};
use protocol::{ChatRole, WorkspaceRole};

/// A role that has a lasting name.
pub(crate) trait StoredRole: Copy + 'static {
    /// Every role.
    const ALL: &'static [Self];

    /// Its name in the database.
    fn name(self) -> &'static str;

    /// The role of a name.
    fn named(name: &str) -> Result<Self> {
        let role = Self::ALL.iter().find(|role| role.name() == name);
        role.copied()
            .ok_or_else(|| StoreError::corrupt(format!("unknown role {name:?}")))
    }
}

impl StoredRole for WorkspaceRole {
    const ALL: &'static [Self] = &[Self::Member, Self::Admin, Self::Owner];

    fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl StoredRole for ChatRole {
    const ALL: &'static [Self] = &[Self::Member, Self::Owner];

    fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Owner => "owner",
        }
    }
}
