//! The one place where transitions come out.

use crate::{Shown, Transition};
use protocol::UserId;
use std::collections::BTreeMap;

/// What is still to be announced: at most one transition per user, the newest.
///
/// It holds states, not a queue: a slow consumer finds fewer and newer transitions, never more than
/// there are users.
#[derive(Debug, Default)]
pub struct Announcements {
    pending: BTreeMap<UserId, Pending>,
}

#[derive(Debug)]
struct Pending {
    /// What was last announced.
    announced: Shown,
    /// Somebody was shown what is not announced yet, and must hear how it went on.
    shown: bool,
    newest: Transition,
}

impl Announcements {
    /// Takes in a transition. One that is older than what is already known changes nothing.
    pub fn note(&mut self, transition: Transition) {
        let pending = self.pending.entry(transition.user).or_insert(Pending {
            announced: transition.before,
            shown: false,
            newest: transition,
        });
        if transition.version > pending.newest.version {
            pending.newest = transition;
        }
    }

    /// A snapshot has just shown this user's newest state to somebody.
    ///
    /// Should that state be taken back before it was announced, the two transitions cancel out for
    /// everybody else, but whoever holds the snapshot would believe it for ever.
    pub fn shown(&mut self, user: UserId) {
        if let Some(pending) = self.pending.get_mut(&user) {
            pending.shown = true;
        }
    }

    /// What has changed since the last call, by user: from what was announced to what is shown now. A
    /// user who is back where the last announcement left them is not in it.
    pub fn drain(&mut self) -> Vec<Transition> {
        std::mem::take(&mut self.pending)
            .into_values()
            .filter(|pending| pending.shown || pending.newest.shown != pending.announced)
            .map(|pending| Transition {
                before: pending.announced,
                ..pending.newest
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TransitionReason;
    use protocol::Timestamp;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    /// The user's `version`-th transition.
    fn transition(n: u128, version: u64) -> Transition {
        let shown = |is_online| Shown {
            is_online,
            ..Shown::default()
        };
        Transition {
            user: user(n),
            before: shown(version.is_multiple_of(2)),
            shown: shown(version % 2 == 1),
            version,
            last_seen: None,
            at: Timestamp::from_unix_millis(0),
            reason: TransitionReason::Connected,
        }
    }

    fn noted(transitions: impl IntoIterator<Item = Transition>) -> Announcements {
        let mut announcements = Announcements::default();
        for transition in transitions {
            announcements.note(transition);
        }
        announcements
    }

    #[test]
    fn the_newest_of_several_transitions_is_announced_once() {
        let mut announcements = noted([transition(1, 1), transition(1, 2), transition(1, 3)]);
        assert_eq!(announcements.drain(), [transition(1, 3)]);
        assert_eq!(announcements.drain(), []);
    }

    #[test]
    fn a_join_and_a_leave_before_the_next_drain_cancel_out() {
        let mut announcements = noted([transition(1, 1), transition(2, 1), transition(1, 2)]);
        assert_eq!(announcements.drain(), [transition(2, 1)]);
    }

    #[test]
    fn what_a_snapshot_has_shown_is_taken_back_aloud() {
        let mut announcements = noted([transition(1, 1)]);
        announcements.shown(user(1));
        announcements.note(transition(1, 2));
        let announced = Transition {
            before: Shown::default(),
            ..transition(1, 2)
        };
        assert_eq!(announcements.drain(), [announced]);
    }

    #[test]
    fn an_older_or_repeated_transition_replaces_nothing() {
        let mut announcements = noted([transition(1, 3), transition(1, 3), transition(1, 2)]);
        assert_eq!(announcements.drain(), [transition(1, 3)]);
    }

    #[test]
    fn a_consumer_that_never_drains_costs_one_entry_per_user() {
        let mut announcements = Announcements::default();
        for version in 1..1_000 {
            for n in 0..3 {
                announcements.note(transition(n, version));
            }
        }
        assert_eq!(announcements.pending.len(), 3);
    }
}
