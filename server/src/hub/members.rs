//! The people of one chat, kept in memory while the chat is in use.

use protocol::{Author, Timestamp, UserId};
use std::collections::HashMap;

/// The people of one chat.
#[derive(Debug, Default)]
pub struct ChatMembers {
    members: HashMap<UserId, Member>,
}

/// What fan-out needs to know of a member.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name that others see.
    pub display_name: String,
    /// When last seen, as far as the store knows; the directory knows better for whoever was here
    /// since this process started.
    pub last_seen: Option<Timestamp>,
}

impl ChatMembers {
    /// Whether this person belongs to the chat.
    #[must_use]
    pub fn contains(&self, user: UserId) -> bool {
        self.members.contains_key(&user)
    }

    /// A member.
    #[must_use]
    pub fn get(&self, user: UserId) -> Option<&Member> {
        self.members.get(&user)
    }

    /// This member as the author of something.
    #[must_use]
    pub fn author(&self, user: UserId) -> Option<Author> {
        self.get(user).map(|member| Author {
            user_id: user,
            display_name: member.display_name.clone(),
        })
    }

    /// Everybody.
    pub fn ids(&self) -> impl Iterator<Item = UserId> + '_ {
        self.members.keys().copied()
    }

    /// How many belong to the chat.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether nobody does.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

impl FromIterator<(UserId, Member)> for ChatMembers {
    fn from_iter<I: IntoIterator<Item = (UserId, Member)>>(members: I) -> Self {
        Self {
            members: members.into_iter().collect(),
        }
    }
}
