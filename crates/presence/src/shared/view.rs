//! What a node last knew of the users whom somebody there may see.

use crate::{Shown, Transition, TransitionReason, UserPresence};
use protocol::{Timestamp, UserId};
use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

#[derive(Default)]
pub(super) struct View {
    users: BTreeMap<UserId, Seen>,
    /// Up to whom the store was compared with this.
    compared: Option<UserId>,
}

#[derive(Clone, Copy)]
struct Seen {
    presence: UserPresence,
    /// Somebody here may see them, beside themselves.
    is_watched: bool,
}

impl View {
    /// Adds somebody; whoever is here stays as they are.
    pub(super) fn add(&mut self, presence: UserPresence) {
        self.users.entry(presence.user).or_insert(Seen {
            presence,
            is_watched: false,
        });
    }

    pub(super) fn watch(&mut self, user: UserId, is_watched: bool) {
        if let Some(seen) = self.users.get_mut(&user) {
            seen.is_watched = is_watched;
        }
    }

    pub(super) fn get(&self, user: UserId) -> Option<UserPresence> {
        self.users.get(&user).map(|seen| seen.presence)
    }

    /// Takes in a transition of somebody who is here; gives what is to be announced, if others are
    /// shown something else by it.
    pub(super) fn learn(&mut self, transition: Transition) -> Option<Transition> {
        let seen = self.users.get_mut(&transition.user)?;
        if transition.version <= seen.presence.version {
            return None;
        }
        let before = seen.presence.shown;
        seen.presence = UserPresence {
            user: transition.user,
            shown: transition.shown,
            last_seen: transition.last_seen,
            version: transition.version,
            as_of: None,
        };
        (before != transition.shown).then_some(Transition {
            before,
            ..transition
        })
    }

    /// The store has long known nothing of somebody who is still shown online: whoever held their
    /// connections is gone, and so is what the store knew. `at` is now, by the store's time.
    pub(super) fn lose(&mut self, user: UserId, at: Timestamp) -> Option<Transition> {
        let presence = self.get(user).filter(UserPresence::is_online)?;
        let version = u64::try_from(at.unix_millis()).unwrap_or(0);
        self.learn(Transition {
            user,
            before: presence.shown,
            shown: Shown {
                is_online: false,
                availability: None,
                ..presence.shown
            },
            version: version.max(presence.version + 1),
            last_seen: Some(at),
            at,
            reason: TransitionReason::GraceExpired,
        })
    }

    /// Begins anew with the first.
    pub(super) fn compare_from_the_start(&mut self) {
        self.compared = None;
    }

    /// The next users to compare with the store, round and round; and those among them whom nobody
    /// here may see any more, who are dropped.
    pub(super) fn next_to_compare(
        &mut self,
        at_most: usize,
        is_local: impl Fn(UserId) -> bool,
    ) -> (Vec<UserId>, Vec<UserId>) {
        let from = self.compared.map_or(Unbounded, Excluded);
        let next: Vec<_> = self
            .users
            .range((from, Unbounded))
            .take(at_most)
            .map(|(user, seen)| (*user, seen.is_watched || is_local(*user)))
            .collect();
        self.compared = next.last().map(|(user, _)| *user);
        let (wanted, unwanted): (Vec<_>, Vec<_>) =
            next.into_iter().partition(|(_, is_wanted)| *is_wanted);
        for (user, _) in &unwanted {
            self.users.remove(user);
        }
        let ids = |part: Vec<(UserId, bool)>| part.into_iter().map(|(user, _)| user).collect();
        (ids(wanted), ids(unwanted))
    }
}
