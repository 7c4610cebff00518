//! The members of the chat on screen, and who of them is online.

use super::{
    Outcome, Presence,
    presence::{follow, heard, learn},
    search::sort_by_name,
};
use crate::page::Member;
use protocol::{Epoch, PresenceChange, PresenceEntry, PresenceSnapshot, Timestamp, UserId};
use std::collections::HashMap;

/// The members of one chat in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// What versions count in; none until the first snapshot.
    epoch: Option<Epoch>,
    people: Vec<Person>,
    /// While the pointer is over the list nobody changes places.
    is_held: bool,
}

/// A member and what is known of their presence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    /// Who.
    pub user_id: UserId,
    /// The name that others see.
    pub display_name: String,
    /// What was last heard; none when nothing was.
    pub presence: Option<Presence>,
}

impl Roster {
    /// The members as a page brought them. Whoever reads it is not known to be offline, and is about
    /// to be online.
    #[must_use]
    pub fn new(reader: UserId, members: &[Member], presence: &PresenceSnapshot) -> Self {
        let mut presences: HashMap<UserId, Presence> = presence
            .users
            .iter()
            .filter(|entry| entry.is_online || entry.user_id != reader)
            .filter_map(|entry| Some((entry.user_id, heard(entry)?)))
            .collect();
        let people = members
            .iter()
            .map(|member| Person {
                user_id: member.user_id,
                display_name: member.display_name.clone(),
                presence: presences.remove(&member.user_id),
            })
            .collect();
        let mut roster = Self {
            epoch: Some(presence.epoch),
            people,
            is_held: false,
        };
        roster.sort();
        roster
    }

    /// This person has left and is told nothing any more: of nobody anything is known.
    pub fn left_by(&mut self, reader: UserId) {
        self.people.retain(|person| person.user_id != reader);
        for person in &mut self.people {
            person.presence = None;
        }
        self.epoch = None;
        self.sort();
    }

    /// Everybody, online first, then by name; or, while held, in the order that was.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// How many are online.
    #[must_use]
    pub fn online_count(&self) -> usize {
        self.people
            .iter()
            .filter(|person| person.is_online())
            .count()
    }

    /// Whether of any of them only the last is shown that is known to the server.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let mut known = self.people.iter().filter_map(|it| it.presence.as_ref());
        known.any(|presence| presence.as_of.is_some())
    }

    /// Who is in the chat from now on, with their presence. Within one epoch a person's newer
    /// version outlives an older entry; across epochs the snapshot replaces everything.
    pub fn apply_snapshot(&mut self, users: &[PresenceEntry], epoch: Epoch) {
        let is_same_epoch = self.epoch == Some(epoch);
        let mut incoming: HashMap<UserId, &PresenceEntry> =
            users.iter().map(|entry| (entry.user_id, entry)).collect();
        self.people.retain_mut(|person| {
            let Some(entry) = incoming.remove(&person.user_id) else {
                return false;
            };
            person.display_name.clone_from(&entry.display_name);
            learn(&mut person.presence, entry, is_same_epoch);
            true
        });
        self.people.extend(
            users
                .iter()
                .filter(|entry| incoming.contains_key(&entry.user_id))
                .map(|entry| Person {
                    user_id: entry.user_id,
                    display_name: entry.display_name.clone(),
                    presence: heard(entry),
                }),
        );
        self.epoch = Some(epoch);
        self.sort();
    }

    /// One person's presence has changed.
    pub fn apply_change(&mut self, change: &PresenceChange) -> Outcome {
        if self.epoch != Some(change.epoch) {
            return Outcome::SnapshotNeeded;
        }
        let Some(person) = self
            .people
            .iter_mut()
            .find(|person| person.user_id == change.user_id)
        else {
            return Outcome::Ignored;
        };
        let outcome = follow(&mut person.presence, change);
        if outcome == Outcome::Applied {
            person.display_name.clone_from(&change.display_name);
            self.sort();
        }
        outcome
    }

    /// Keeps everybody in place until [`Self::release`]; newcomers go to the end meanwhile.
    pub fn hold(&mut self) {
        self.is_held = true;
    }

    /// Lets the list be in order again.
    pub fn release(&mut self) {
        self.is_held = false;
        self.sort();
    }

    fn sort(&mut self) {
        if !self.is_held {
            sort_by_name(&mut self.people, |person| {
                // Who is not known to be away may turn out to be here.
                let rank = match &person.presence {
                    Some(presence) if presence.is_online => 0,
                    None => 1,
                    Some(_) => 2,
                };
                (rank, &person.display_name, person.user_id.as_uuid())
            });
        }
    }
}

impl Person {
    /// Whether this person was online when last heard of.
    #[must_use]
    pub fn is_online(&self) -> bool {
        self.presence
            .as_ref()
            .is_some_and(|presence| presence.is_online)
    }

    /// When what is shown of this person was true, if the server cannot know whether it still is.
    #[must_use]
    pub fn as_of(&self) -> Option<Timestamp> {
        self.presence.as_ref()?.as_of
    }

    /// When this person was last here, if they are away and ever were.
    #[must_use]
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.presence
            .as_ref()
            .filter(|presence| !presence.is_online)
            .and_then(|presence| presence.last_seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::samples::{FIRST, SECOND, change, entry, user};

    /// Jane (1) is online, Bob (2) is not.
    fn roster() -> Roster {
        let mut roster = Roster::default();
        roster.apply_snapshot(
            &[entry(2, "bob", false, 4), entry(1, "Jane", true, 3)],
            FIRST,
        );
        roster
    }

    fn names(roster: &Roster) -> Vec<&str> {
        roster
            .people()
            .iter()
            .map(|person| person.display_name.as_str())
            .collect()
    }

    #[test]
    fn the_online_come_first_then_names_whatever_their_case() {
        let mut roster = roster();
        roster.apply_snapshot(
            &[
                entry(4, "zoe", true, 1),
                entry(3, "Adam", false, 1),
                entry(2, "bob", false, 4),
                entry(1, "Jane", true, 3),
            ],
            FIRST,
        );
        assert_eq!(names(&roster), ["Jane", "zoe", "Adam", "bob"]);
        assert_eq!(roster.online_count(), 2);
    }

    #[test]
    fn an_older_version_never_overwrites_a_newer_one() {
        let mut roster = roster();
        assert_eq!(
            roster.apply_change(&change(1, "Jane", false, FIRST, 5)),
            Outcome::Applied
        );
        assert_eq!(
            roster.apply_change(&change(1, "Jane", true, FIRST, 4)),
            Outcome::Ignored
        );
        assert_eq!(
            roster.apply_change(&change(1, "Jane", true, FIRST, 5)),
            Outcome::Ignored
        );
        roster.apply_snapshot(
            &[entry(1, "Jane", true, 4), entry(2, "bob", false, 4)],
            FIRST,
        );
        assert_eq!(roster.online_count(), 0);
    }

    #[test]
    fn a_change_of_another_epoch_changes_nothing_and_asks_for_a_snapshot() {
        let mut roster = roster();
        let before = roster.clone();
        assert_eq!(
            roster.apply_change(&change(1, "Jane", false, SECOND, 99)),
            Outcome::SnapshotNeeded
        );
        assert_eq!(roster, before);
    }

    #[test]
    fn a_snapshot_of_another_epoch_replaces_even_larger_versions() {
        let mut roster = roster();
        roster.apply_snapshot(
            &[entry(1, "Jane", false, 0), entry(2, "bob", true, 0)],
            SECOND,
        );
        assert_eq!(names(&roster), ["bob", "Jane"]);
        assert_eq!(
            roster.apply_change(&change(1, "Jane", true, SECOND, 1)),
            Outcome::Applied
        );
    }

    #[test]
    fn a_change_of_a_stranger_is_ignored() {
        let mut roster = roster();
        assert_eq!(
            roster.apply_change(&change(9, "Eve", true, FIRST, 1)),
            Outcome::Ignored
        );
        assert_eq!(names(&roster), ["Jane", "bob"]);
    }

    #[test]
    fn the_order_is_held_while_the_pointer_is_over_the_list() {
        let mut roster = roster();
        roster.hold();
        roster.apply_change(&change(1, "Jane", false, FIRST, 4));
        roster.apply_change(&change(2, "bob", true, FIRST, 5));
        assert_eq!(names(&roster), ["Jane", "bob"]);
        assert_eq!(roster.online_count(), 1);
        roster.release();
        assert_eq!(names(&roster), ["bob", "Jane"]);
    }

    #[test]
    fn what_the_server_cannot_know_is_marked_until_it_does() {
        let mut roster = roster();
        let mut jane = entry(1, "Jane", true, 3);
        jane.as_of = Some(Timestamp::from_unix_millis(0));
        let bob = entry(2, "bob", false, 4);
        roster.apply_snapshot(&[jane.clone(), bob.clone()], FIRST);
        assert!(roster.is_doubtful());
        assert_eq!(roster.people()[0].as_of(), jane.as_of);
        jane.as_of = None;
        roster.apply_snapshot(&[jane, bob], FIRST);
        assert!(!roster.is_doubtful());
    }

    #[test]
    fn who_leaves_the_chat_leaves_the_list_and_who_comes_joins_it() {
        let mut roster = roster();
        roster.hold();
        roster.apply_snapshot(
            &[entry(3, "Adam", true, 1), entry(2, "bob", false, 4)],
            FIRST,
        );
        assert_eq!(
            names(&roster),
            ["bob", "Adam"],
            "the newcomer is at the end while held"
        );
        roster.release();
        assert_eq!(names(&roster), ["Adam", "bob"]);
    }

    #[test]
    fn a_member_of_whom_nothing_was_heard_is_not_claimed_to_be_online() {
        let member = member(7, "Ada");
        let nothing = PresenceSnapshot {
            users: Vec::new(),
            epoch: FIRST,
            version: 0,
        };
        let roster = Roster::new(user(8), &[member], &nothing);
        assert_eq!(roster.people()[0].presence, None);
        assert_eq!(roster.online_count(), 0);
    }

    #[test]
    fn last_seen_is_told_only_of_those_who_are_away() {
        let mut here = entry(1, "Jane", true, 1);
        here.last_seen = Some(Timestamp::from_unix_millis(0));
        let mut away = here.clone();
        away.user_id = user(2);
        away.is_online = false;
        let mut roster = Roster::default();
        roster.apply_snapshot(&[here, away], FIRST);
        assert_eq!(roster.people()[0].last_seen(), None);
        assert_eq!(
            roster.people()[1].last_seen(),
            Some(Timestamp::from_unix_millis(0))
        );
    }

    fn member(n: u128, name: &str) -> Member {
        Member {
            user_id: user(n),
            username: name.to_lowercase(),
            display_name: name.into(),
            role: None,
        }
    }

    fn presence(roster: &Roster, n: u128) -> Option<Presence> {
        let people = roster.people();
        people
            .iter()
            .find(|it| it.user_id == user(n))
            .unwrap()
            .presence
            .clone()
    }

    #[test]
    fn whoever_opens_a_page_is_not_said_to_be_away_on_it() {
        let members = [member(1, "Jane"), member(2, "Bob")];
        let snapshot = PresenceSnapshot {
            users: vec![entry(1, "Jane", true, 3), entry(2, "Bob", false, 4)],
            epoch: FIRST,
            version: 4,
        };
        let read_by = |reader| Roster::new(user(reader), &members, &snapshot);
        assert_eq!(presence(&read_by(2), 2), None);
        assert!(presence(&read_by(1), 2).is_some_and(|presence| !presence.is_online));
        assert!(presence(&read_by(1), 1).is_some_and(|presence| presence.is_online));
    }

    #[test]
    fn whoever_has_left_claims_to_know_nothing_of_those_who_stayed() {
        let mut roster = roster();
        roster.left_by(user(2));
        assert_eq!(names(&roster), ["Jane"]);
        assert_eq!(presence(&roster, 1), None);
        assert_eq!(
            roster.apply_change(&change(1, "Jane", true, FIRST, 9)),
            Outcome::SnapshotNeeded
        );
    }
}
