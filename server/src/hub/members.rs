//! The people of one room, kept in memory while the room is in use.

use protocol::UserId;
use std::collections::HashSet;

/// The people of one room.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Members(HashSet<UserId>);

impl Members {
    /// Whether this person is one of them.
    #[must_use]
    pub fn contains(&self, user: UserId) -> bool {
        self.0.contains(&user)
    }

    /// Everybody.
    pub fn ids(&self) -> impl Iterator<Item = UserId> + '_ {
        self.0.iter().copied()
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<UserId> for Members {
    fn from_iter<I: IntoIterator<Item = UserId>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}
