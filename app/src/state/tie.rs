//! How the reader stands to somebody, and what they can do about it.

use protocol::{Author, Relations, UserId};

/// How the reader stands to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// It is the reader.
    Me,
    /// They are friends.
    Friend,
    /// The reader has asked them.
    Asked,
    /// They have asked the reader.
    Asking,
    /// The reader has blocked them.
    Blocked,
    /// None of that.
    None,
}

impl Tie {
    /// How the reader stands to somebody.
    #[must_use]
    pub fn of(
        user_id: UserId,
        reader: Option<UserId>,
        friends: &[Author],
        relations: &Relations,
    ) -> Self {
        let is_in = |list: &[Author]| list.iter().any(|it| it.user_id == user_id);
        if reader == Some(user_id) {
            Self::Me
        } else if is_in(&relations.blocked) {
            Self::Blocked
        } else if is_in(friends) {
            Self::Friend
        } else if is_in(&relations.incoming) {
            Self::Asking
        } else if is_in(&relations.outgoing) {
            Self::Asked
        } else {
            Self::None
        }
    }
}

/// Where on the page of people somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Among those who ask, and who were asked.
    Requests,
    /// Among the friends.
    Friends,
    /// Among everybody in the workspace.
    Everyone,
    /// Among those who are blocked.
    Blocked,
}

/// What the reader can do about somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Write to them.
    Message,
    /// Ask them to be friends.
    Ask,
    /// Say yes to that.
    Accept,
    /// Say no to that.
    Decline,
    /// Ask no longer.
    TakeBack,
    /// Be friends no longer.
    Remove,
    /// Hear nothing of them, and tell nothing.
    Block,
    /// Take that back.
    Unblock,
}

impl Deed {
    /// What can be done about somebody who stands in a place. Only members of the workspace can be
    /// written to in it.
    #[must_use]
    pub const fn offered(place: Place, tie: Tie, is_member: bool) -> &'static [Self] {
        use Deed::{Accept, Ask, Block, Decline, Message, Remove, TakeBack, Unblock};
        match (place, tie) {
            (_, Tie::Me) => &[],
            (_, Tie::Blocked) => &[Unblock],
            (Place::Requests, Tie::Asking) => &[Accept, Decline, Block],
            (Place::Requests, Tie::Asked) => &[TakeBack],
            (Place::Friends, Tie::Friend) if is_member => &[Message, Remove, Block],
            (Place::Friends, Tie::Friend) => &[Remove, Block],
            (Place::Everyone, Tie::None) => &[Message, Ask, Block],
            (Place::Everyone, Tie::Asking) => &[Message, Accept],
            (Place::Everyone, _) => &[Message],
            // They are about to leave the list.
            (Place::Requests | Place::Friends | Place::Blocked, _) => &[],
        }
    }

    /// The text of its button.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Message => "Message",
            Self::Ask => "Add friend",
            Self::Accept => "Accept",
            Self::Decline => "Decline",
            Self::TakeBack => "Take back",
            Self::Remove => "Remove",
            Self::Block => "Block",
            Self::Unblock => "Unblock",
        }
    }

    /// What is asked before it is done; nothing when it can be taken back as easily.
    #[must_use]
    pub const fn question(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Remove => Some((
                "Remove this friend?",
                "You stop being friends, and nobody is told. Either of you can ask again.",
            )),
            Self::Block => Some((
                "Block this person?",
                "You stop being friends. Neither of you sees when the other is here, and you \
                 cannot write to each other directly. Nobody is told, and you can unblock them \
                 at any time.",
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::samples::user;

    fn author(n: u128) -> Author {
        Author {
            user_id: user(n),
            display_name: "Jane".into(),
        }
    }

    #[test]
    fn each_tie_is_told_and_a_block_counts_most() {
        let relations = Relations {
            incoming: vec![author(3), author(5)],
            outgoing: vec![author(4)],
            blocked: vec![author(5)],
        };
        let tie = |n| Tie::of(user(n), Some(user(1)), &[author(2)], &relations);
        assert_eq!(
            [1, 2, 3, 4, 5, 6].map(tie),
            [
                Tie::Me,
                Tie::Friend,
                Tie::Asking,
                Tie::Asked,
                Tie::Blocked,
                Tie::None
            ]
        );
    }

    #[test]
    fn nothing_can_be_done_about_oneself() {
        for place in [Place::Friends, Place::Everyone] {
            assert_eq!(Deed::offered(place, Tie::Me, true), []);
        }
    }

    #[test]
    fn whom_one_has_blocked_can_only_be_unblocked() {
        for place in [Place::Everyone, Place::Blocked] {
            assert_eq!(Deed::offered(place, Tie::Blocked, true), [Deed::Unblock]);
        }
    }

    #[test]
    fn a_friend_of_another_workspace_is_not_written_to_in_this_one() {
        let offered = |is_member| Deed::offered(Place::Friends, Tie::Friend, is_member);
        assert!(offered(true).contains(&Deed::Message));
        assert!(!offered(false).contains(&Deed::Message));
    }

    #[test]
    fn what_ends_something_is_asked_about_first() {
        for deed in [Deed::Remove, Deed::Block] {
            assert!(deed.question().is_some());
        }
        assert_eq!(Deed::Accept.question(), None);
    }
}
