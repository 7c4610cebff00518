//! What is known of people's presence wherever they are shown: friends, direct chats, a workspace.

use super::{
    Outcome, Presence,
    presence::{follow, learn},
};
use protocol::{Epoch, PresenceChange, PresenceEntry, UserId};
use std::collections::HashMap;

/// The presence of people, whatever brought it.
///
/// Each set of people has snapshots of its own, so each person has an epoch of their own: what one
/// snapshot says after a restart of the server does not take away what is known of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    heard: HashMap<UserId, Heard>,
    is_stale: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Heard {
    epoch: Epoch,
    presence: Option<Presence>,
}

impl People {
    /// What was last heard of somebody; nothing when nothing was.
    #[must_use]
    pub fn presence(&self, user_id: UserId) -> Option<&Presence> {
        self.heard.get(&user_id)?.presence.as_ref()
    }

    /// Whether all of it is only the last that was known.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// The connection is lost: what is known is from now on the last that is known.
    pub fn lose(&mut self) {
        self.is_stale = true;
    }

    /// A set of people and their presence. Within one epoch a person's newer version outlives an
    /// older entry; across epochs the entry replaces it.
    pub fn apply_snapshot(&mut self, users: &[PresenceEntry], epoch: Epoch) {
        for entry in users {
            let heard = self.heard.entry(entry.user_id).or_insert(Heard {
                epoch,
                presence: None,
            });
            learn(&mut heard.presence, entry, heard.epoch == epoch);
            heard.epoch = epoch;
        }
    }

    /// The same from the connection, which tells of every change from now on.
    pub fn hear(&mut self, users: &[PresenceEntry], epoch: Epoch) {
        self.apply_snapshot(users, epoch);
        self.is_stale = false;
    }

    /// One person's presence has changed.
    pub fn apply_change(&mut self, change: &PresenceChange) -> Outcome {
        match self.heard.get_mut(&change.user_id) {
            None => Outcome::Ignored,
            Some(heard) if heard.epoch != change.epoch => Outcome::SnapshotNeeded,
            Some(heard) => follow(&mut heard.presence, change),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::samples::{self, FIRST, SECOND, user};
    use proptest::{collection::vec, prelude::*};
    use protocol::Availability;

    fn entry(n: u128, is_online: bool, version: u64) -> PresenceEntry {
        samples::entry(n, "Jane", is_online, version)
    }

    fn change(n: u128, is_online: bool, epoch: Epoch, version: u64) -> PresenceChange {
        samples::change(n, "Jane", is_online, epoch, version)
    }

    /// Person 1 is online, person 2 is not.
    fn people() -> People {
        let mut people = People::default();
        people.apply_snapshot(&[entry(1, true, 3), entry(2, false, 4)], FIRST);
        people
    }

    fn is_online(people: &People, n: u128) -> Option<bool> {
        people.presence(user(n)).map(|presence| presence.is_online)
    }

    #[test]
    fn an_older_version_never_overwrites_a_newer_one() {
        let mut people = people();
        let newer = change(1, false, FIRST, 5);
        assert_eq!(people.apply_change(&newer), Outcome::Applied);
        for version in [4, 5] {
            let older = change(1, true, FIRST, version);
            assert_eq!(people.apply_change(&older), Outcome::Ignored);
        }
        people.apply_snapshot(&[entry(1, true, 4)], FIRST);
        assert_eq!(is_online(&people, 1), Some(false));
    }

    proptest! {
        #[test]
        fn in_whatever_order_snapshots_and_changes_come_the_newest_is_shown(
            versions in vec((1..50_u64, any::<bool>()), 1..30),
        ) {
            let mut people = People::default();
            people.apply_snapshot(&[entry(1, true, 0)], FIRST);
            let is_online_at = |version: u64| version.is_multiple_of(2);
            for (version, is_snapshot) in &versions {
                let is_online = is_online_at(*version);
                if *is_snapshot {
                    people.apply_snapshot(&[entry(1, is_online, *version)], FIRST);
                } else {
                    people.apply_change(&change(1, is_online, FIRST, *version));
                }
            }
            let newest = versions.iter().map(|(version, _)| *version).max().unwrap();
            prop_assert_eq!(is_online(&people, 1), Some(is_online_at(newest)));
        }
    }

    #[test]
    fn what_a_snapshot_does_not_name_is_still_known() {
        let mut people = people();
        people.apply_snapshot(&[entry(3, true, 1)], FIRST);
        assert_eq!(is_online(&people, 1), Some(true));
        assert_eq!(is_online(&people, 3), Some(true));
    }

    #[test]
    fn a_change_of_another_epoch_changes_nothing_and_asks_for_a_snapshot() {
        let mut people = people();
        let before = people.clone();
        let change = change(1, false, SECOND, 99);
        assert_eq!(people.apply_change(&change), Outcome::SnapshotNeeded);
        assert_eq!(people, before);
    }

    #[test]
    fn a_snapshot_of_another_epoch_replaces_even_larger_versions_of_those_it_names() {
        let mut people = people();
        people.apply_snapshot(&[entry(1, false, 0)], SECOND);
        assert_eq!(is_online(&people, 1), Some(false));
        let known = change(1, true, SECOND, 1);
        assert_eq!(people.apply_change(&known), Outcome::Applied);
        let other = change(2, true, SECOND, 9);
        assert_eq!(people.apply_change(&other), Outcome::SnapshotNeeded);
        assert_eq!(is_online(&people, 2), Some(false));
    }

    #[test]
    fn what_was_known_of_somebody_who_is_hidden_now_is_forgotten() {
        let mut people = people();
        let hidden = PresenceEntry {
            is_hidden: true,
            ..entry(1, false, 0)
        };
        people.apply_snapshot(&[hidden], FIRST);
        assert_eq!(is_online(&people, 1), None, "nothing is claimed");
    }

    #[test]
    fn nothing_is_learnt_of_a_stranger_from_a_change() {
        let mut people = people();
        let change = change(9, true, FIRST, 1);
        assert_eq!(people.apply_change(&change), Outcome::Ignored);
        assert_eq!(is_online(&people, 9), None);
    }

    #[test]
    fn a_change_tells_what_people_say_of_themselves() {
        let mut people = people();
        let change = PresenceChange {
            availability: Some(Availability::Dnd),
            status_text: "Writing".into(),
            ..change(1, true, FIRST, 4)
        };
        people.apply_change(&change);
        let presence = people.presence(user(1)).unwrap();
        assert_eq!(presence.availability, Some(Availability::Dnd));
        assert_eq!(presence.status_text, "Writing");
    }

    #[test]
    fn what_is_known_when_the_connection_is_lost_is_the_last_known_until_the_connection_tells() {
        let mut people = people();
        people.lose();
        assert!(people.is_stale());
        assert_eq!(is_online(&people, 1), Some(true));
        people.apply_change(&change(1, false, FIRST, 4));
        people.apply_snapshot(&[entry(1, false, 4)], FIRST);
        assert!(people.is_stale(), "a page is not the connection");
        people.hear(&[entry(1, false, 4)], FIRST);
        assert!(!people.is_stale());
    }
}
