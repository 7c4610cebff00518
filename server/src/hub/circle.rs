//! Whom a person knows, and what one person may know of another.

use presence::Choice;
use protocol::{LastSeenAudience, Mode, UserId};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use store::OwnStatus;

/// Whom a person knows and does not want to know, and what they show of themselves.
#[derive(Clone, Debug, Default)]
pub struct Circle {
    /// Friends.
    pub friends: HashSet<UserId>,
    /// The people of their direct chats.
    pub partners: HashSet<UserId>,
    /// Whom they have blocked, and who has blocked them.
    pub blocked: HashSet<UserId>,
    /// What they have chosen.
    pub chosen: Chosen,
}

/// What a person has chosen to show, as far as fan-out needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Who may know when they were last here.
    pub audience: LastSeenAudience,
    /// How they want to be shown.
    pub mode: Mode,
    /// Grows with each change of these.
    pub version: u64,
}

impl From<&OwnStatus> for Chosen {
    fn from(own: &OwnStatus) -> Self {
        Self {
            audience: own.audience,
            mode: own.status.mode,
            version: own.version,
        }
    }
}

/// What one person may know of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Nothing.
    Nothing,
    /// Whether they are here.
    Presence,
    /// Also when they were last here.
    LastSeen,
}

impl Sight {
    /// What two people who have not blocked each other may know of each other.
    #[must_use]
    pub fn between(mine: LastSeenAudience, theirs: LastSeenAudience, are_friends: bool) -> Self {
        let shows = |audience| match audience {
            LastSeenAudience::Everyone => true,
            LastSeenAudience::Friends => are_friends,
            LastSeenAudience::Nobody => false,
        };
        if shows(mine) && shows(theirs) {
            Self::LastSeen
        } else {
            Self::Presence
        }
    }
}

impl Circle {
    /// What this person may know of somebody who shows when they were last here to `audience`.
    /// Whoever hides it from somebody is not told theirs.
    #[must_use]
    pub fn sight(&self, of: UserId, audience: LastSeenAudience) -> Sight {
        if self.blocked.contains(&of) {
            return Sight::Nothing;
        }
        Sight::between(self.chosen.audience, audience, self.friends.contains(&of))
    }

    /// Of whom this person is told wherever they are.
    pub fn contacts(&self) -> impl Iterator<Item = UserId> + '_ {
        self.friends
            .union(&self.partners)
            .filter(|contact| !self.blocked.contains(contact))
            .copied()
    }
}

/// What somebody has chosen, as presence wants to know it.
#[must_use]
pub fn choice(own: &OwnStatus) -> Choice {
    Choice {
        mode: own.status.mode,
        note: note(&own.status.text),
        version: own.version,
    }
}

/// What stands for what somebody says of themselves.
pub(super) fn note(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    let digest = Sha256::digest(text);
    let first = digest.first_chunk().expect("a SHA-256 has 32 bytes");
    u64::from_be_bytes(*first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    /// The circle of one of two people.
    fn circle(other: UserId, audience: LastSeenAudience, friends: bool, blocked: bool) -> Circle {
        Circle {
            friends: friends.then_some(other).into_iter().collect(),
            blocked: blocked.then_some(other).into_iter().collect(),
            chosen: Chosen {
                audience,
                ..Chosen::default()
            },
            ..Circle::default()
        }
    }

    fn audience() -> impl Strategy<Value = LastSeenAudience> {
        use LastSeenAudience::{Everyone, Friends, Nobody};
        prop_oneof![Just(Everyone), Just(Friends), Just(Nobody)]
    }

    proptest! {
        #[test]
        fn whoever_hides_when_they_were_last_here_is_not_told_it_either(
            (mine, theirs) in (audience(), audience()),
            friends: bool,
            blocked: bool,
        ) {
            let (jane, john) = (user(1), user(2));
            let jane_sees = circle(john, mine, friends, blocked).sight(john, theirs);
            let john_sees = circle(jane, theirs, friends, blocked).sight(jane, mine);
            prop_assert_eq!(jane_sees, john_sees);
            let hides = |audience| match audience {
                LastSeenAudience::Everyone => false,
                LastSeenAudience::Friends => !friends,
                LastSeenAudience::Nobody => true,
            };
            let expected = match (blocked, hides(mine) || hides(theirs)) {
                (true, _) => Sight::Nothing,
                (false, true) => Sight::Presence,
                (false, false) => Sight::LastSeen,
            };
            prop_assert_eq!(jane_sees, expected);
        }
    }

    #[test]
    fn a_friend_who_is_blocked_is_no_contact() {
        let circle = circle(user(2), LastSeenAudience::Everyone, true, true);
        assert_eq!(circle.contacts().count(), 0);
    }
}
