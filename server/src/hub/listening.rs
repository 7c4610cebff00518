//! What this server is to hear from others: what concerns somebody with a socket here.

use crate::nodes::Channel;
use protocol::{Room, UserId};
use std::collections::{HashMap, HashSet};

/// Pure: each change gives the channels that it makes wanted, or unwanted.
#[derive(Debug, Default)]
pub(super) struct Listening {
    /// The chats and workspaces of those with sockets here.
    rooms: HashMap<UserId, HashSet<Room>>,
    /// Those of a room who have sockets here.
    members: HashMap<Room, HashSet<UserId>>,
    /// Those whom somebody here is shown.
    people: HashSet<UserId>,
}

impl Listening {
    /// Somebody opens their first socket here.
    #[must_use]
    pub(super) fn enter(&mut self, user: UserId) -> Vec<Channel> {
        if self.rooms.contains_key(&user) {
            return Vec::new();
        }
        self.rooms.insert(user, HashSet::new());
        vec![Channel::Person(user)]
    }

    /// Somebody closed their last socket here.
    #[must_use]
    pub(super) fn leave(&mut self, user: UserId) -> Vec<Channel> {
        let Some(rooms) = self.rooms.remove(&user) else {
            return Vec::new();
        };
        let lonely = rooms
            .into_iter()
            .filter(|room| self.drop_member(*room, user));
        let rooms: Vec<_> = lonely.map(Channel::Room).collect();
        rooms.into_iter().chain([Channel::Person(user)]).collect()
    }

    /// Somebody belongs to a room; gives whether it was not heard of before. Of those without sockets
    /// here nothing is noted.
    #[must_use]
    pub(super) fn join(&mut self, room: Room, user: UserId) -> bool {
        let Some(rooms) = self.rooms.get_mut(&user) else {
            return false;
        };
        rooms.insert(room);
        let members = self.members.entry(room).or_default();
        members.insert(user);
        members.len() == 1
    }

    /// Those who have sockets here and belong to a room are these of `members`. Gives whether the room
    /// is now heard of and was not, and whether it is no more and was.
    #[must_use]
    pub(super) fn set_members(
        &mut self,
        room: Room,
        members: impl Fn(UserId) -> bool,
        all: impl Iterator<Item = UserId>,
    ) -> (bool, bool) {
        let before = self.hears(room);
        let known = self.members.get(&room);
        let strangers: Vec<_> = known
            .into_iter()
            .flatten()
            .copied()
            .filter(|user| !members(*user))
            .collect();
        for user in strangers {
            if let Some(rooms) = self.rooms.get_mut(&user) {
                rooms.remove(&room);
            }
            self.drop_member(room, user);
        }
        for user in all {
            let _ = self.join(room, user);
        }
        let after = self.hears(room);
        (after && !before, before && !after)
    }

    /// Whether what concerns this room is heard.
    pub(super) fn hears(&self, room: Room) -> bool {
        self.members.contains_key(&room)
    }

    /// Somebody here is shown these people; gives those who were not shown before.
    #[must_use]
    pub(super) fn show(&mut self, people: &[UserId]) -> Vec<UserId> {
        let new = people.iter().filter(|user| self.people.insert(**user));
        new.copied().collect()
    }

    /// Those whom somebody here is shown.
    pub(super) fn shown(&self) -> Vec<UserId> {
        self.people.iter().copied().collect()
    }

    /// Forgets those who are not shown any more, and gives them.
    #[must_use]
    pub(super) fn hide(&mut self, is_shown: impl Fn(UserId) -> bool) -> Vec<UserId> {
        self.people.extract_if(|user| !is_shown(*user)).collect()
    }

    /// Gives whether nobody is left.
    fn drop_member(&mut self, room: Room, user: UserId) -> bool {
        let Some(members) = self.members.get_mut(&room) else {
            return false;
        };
        members.remove(&user);
        let is_empty = members.is_empty();
        if is_empty {
            self.members.remove(&room);
        }
        is_empty
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ChatId;
    use uuid::Uuid;

    fn user(n: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(n))
    }

    fn chat(n: u128) -> Room {
        Room::Chat(ChatId::from_uuid(Uuid::from_u128(n)))
    }

    #[test]
    fn a_room_is_heard_of_while_one_of_its_members_has_a_socket_here() {
        let mut listening = Listening::default();
        assert_eq!(listening.enter(user(1)), [Channel::Person(user(1))]);
        assert_eq!(listening.enter(user(1)), []);
        assert!(listening.join(chat(1), user(1)));
        assert_eq!(listening.enter(user(2)), [Channel::Person(user(2))]);
        assert!(!listening.join(chat(1), user(2)));
        assert!(!listening.join(chat(1), user(3)), "who has no socket here");
        assert_eq!(listening.leave(user(1)), [Channel::Person(user(1))]);
        assert!(listening.hears(chat(1)));
        let left = [Channel::Room(chat(1)), Channel::Person(user(2))];
        assert_eq!(listening.leave(user(2)), left);
        assert!(!listening.hears(chat(1)));
        assert_eq!(listening.leave(user(2)), []);
    }

    #[test]
    fn who_was_added_or_removed_elsewhere_changes_what_is_heard() {
        let mut listening = Listening::default();
        let _ = listening.enter(user(1));
        let mut set = |members: &[u128]| {
            let members: Vec<_> = members.iter().map(|n| user(*n)).collect();
            listening.set_members(chat(1), |it| members.contains(&it), members.iter().copied())
        };
        assert_eq!(set(&[2, 3]), (false, false));
        assert_eq!(set(&[1, 2]), (true, false));
        assert_eq!(set(&[1]), (false, false));
        assert_eq!(set(&[2]), (false, true));
        assert_eq!(listening.leave(user(1)), [Channel::Person(user(1))]);
    }

    #[test]
    fn people_are_heard_of_from_when_they_are_first_shown_until_they_are_not() {
        let mut listening = Listening::default();
        assert_eq!(listening.show(&[user(1), user(2)]), [user(1), user(2)]);
        assert_eq!(listening.show(&[user(2)]), []);
        assert_eq!(listening.hide(|it| it == user(2)), [user(1)]);
        assert_eq!(listening.show(&[user(1)]), [user(1)]);
        assert_eq!(listening.shown().len(), 2);
    }
}
