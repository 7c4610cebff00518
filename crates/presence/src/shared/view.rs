//! What a node last knew of the users whom somebody there may see.

use crate::{Shown, Transition, TransitionReason, UserPresence};
use protocol::{Timestamp, UserId};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Unbounded},
};
use tokio::time::Instant;

#[derive(Default)]
pub(super) struct View {
    users: BTreeMap<UserId, Seen>,
    /// Those of whom the store has lost what it knew.
    doubted: BTreeSet<UserId>,
    /// Up to whom the store was compared with this.
    compared: Option<UserId>,
}

#[derive(Clone, Copy)]
struct Seen {
    presence: UserPresence,
    /// Somebody here may see them, beside themselves.
    is_watched: bool,
    /// It came from the store, and every change of it since was heard of.
    is_known: bool,
    /// Somebody may have been told of it: whatever is told next must be a change.
    is_shown: bool,
    /// When a transition was last taken in.
    learnt: Option<Instant>,
}

impl View {
    /// Adds somebody, of whom it is not known whether that is so; whoever is here stays as they are.
    pub(super) fn add(&mut self, presence: UserPresence) {
        self.seen(presence);
    }

    /// Adds somebody whom somebody here may see, and of whom nothing is known yet.
    pub(super) fn watch(&mut self, nothing: UserPresence) {
        self.seen(nothing).is_watched = true;
    }

    fn seen(&mut self, otherwise: UserPresence) -> &mut Seen {
        self.users.entry(otherwise.user).or_insert(Seen {
            presence: otherwise,
            is_watched: false,
            is_known: false,
            is_shown: false,
            learnt: None,
        })
    }

    /// What the store says of somebody, who is added. Where anybody was told otherwise, it has to be
    /// [learnt](Self::learn).
    pub(super) fn adopt(&mut self, presence: UserPresence) {
        let seen = self.seen(presence);
        if presence.version <= seen.presence.version {
            return;
        }
        if seen.presence.shown == presence.shown {
            // Whoever lists them next does not fall behind who did so from the store.
            seen.presence.version = presence.version;
        } else if !seen.is_known && !seen.is_shown {
            seen.presence = presence;
        }
    }

    /// From now on somebody may be told what is known of these.
    pub(super) fn show(&mut self, users: &[UserId]) {
        for user in users {
            if let Some(seen) = self.users.get_mut(user) {
                seen.is_shown = true;
            }
        }
    }

    /// Nobody here may see these any more; gives those who are dropped.
    pub(super) fn unwatch(
        &mut self,
        users: &[UserId],
        is_local: impl Fn(UserId) -> bool,
    ) -> Vec<UserId> {
        for user in users {
            if let Some(seen) = self.users.get_mut(user) {
                seen.is_watched = false;
            }
        }
        let unwanted: Vec<_> = users.iter().copied().filter(|it| !is_local(*it)).collect();
        self.remove(&unwanted);
        unwanted
    }

    pub(super) fn get(&self, user: UserId) -> Option<UserPresence> {
        self.users.get(&user).map(|seen| seen.presence)
    }

    /// Whether anything was ever known of somebody.
    pub(super) fn has_heard_of(&self, user: UserId) -> bool {
        let seen = self.users.get(&user);
        seen.is_some_and(|seen| seen.is_known || seen.learnt.is_some())
    }

    /// Whether something of somebody was taken in since then: an answer to what was asked then may be older.
    pub(super) fn has_learnt_since(&self, user: UserId, asked: Instant) -> bool {
        let learnt = self.users.get(&user).and_then(|seen| seen.learnt);
        learnt.is_some_and(|at| at >= asked)
    }

    /// What is known of somebody whose every change is heard of.
    pub(super) fn watched(&self, user: UserId) -> Option<UserPresence> {
        let seen = self.users.get(&user)?;
        (seen.is_watched && seen.is_known).then_some(seen.presence)
    }

    /// The store has lost what it knew of somebody, and may be told again any moment. Of who is not
    /// shown online nothing is in doubt: whoever is online will be told.
    pub(super) fn doubt(&mut self, user: UserId, since: Timestamp) {
        if let Some(seen) = self.users.get_mut(&user)
            && seen.presence.is_online()
        {
            seen.presence.as_of.get_or_insert(since);
            self.doubted.insert(user);
        }
    }

    /// The store knows of somebody.
    pub(super) fn trust(&mut self, user: UserId) {
        self.doubted.remove(&user);
        if let Some(seen) = self.users.get_mut(&user) {
            seen.presence.as_of = None;
            seen.is_known = true;
        }
    }

    pub(super) fn doubted(&self) -> Vec<UserId> {
        self.doubted.iter().copied().collect()
    }

    /// Since when there is anybody in doubt.
    pub(super) fn doubted_since(&self) -> Option<Timestamp> {
        self.get(*self.doubted.first()?)?.as_of
    }

    /// Takes in a transition of somebody who is here; gives what is to be announced, if others are
    /// shown something else by it.
    pub(super) fn learn(&mut self, transition: Transition) -> Option<Transition> {
        let seen = self.users.get_mut(&transition.user)?;
        if transition.version <= seen.presence.version {
            return None;
        }
        self.doubted.remove(&transition.user);
        seen.learnt = Some(Instant::now());
        seen.is_shown = true;
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
            version: version.max(presence.version.saturating_add(1)),
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
        let ids = |part: Vec<_>| -> Vec<_> { part.into_iter().map(|(user, _)| user).collect() };
        let (wanted, unwanted) = (ids(wanted), ids(unwanted));
        self.remove(&unwanted);
        (wanted, unwanted)
    }

    fn remove(&mut self, users: &[UserId]) {
        for user in users {
            self.users.remove(user);
            self.doubted.remove(user);
        }
    }
}
