//! Who is told of which changes.

use super::{Interest, Registered};
use crate::hub::circle::Sight;
use protocol::{ConnectionId, LastSeenAudience, Room, UserId};
use std::collections::{BTreeMap, HashMap};

/// Sockets that are to be told the same.
#[derive(Debug)]
pub(in crate::hub) struct Audience<'a> {
    /// Of whom they are told, by place; and whether also when they were last here.
    pub(in crate::hub) about: BTreeMap<usize, bool>,
    pub(in crate::hub) sockets: Vec<(ConnectionId, &'a Registered)>,
}

/// Of which of some people a socket is to be told. Two with the same are told the same. All places
/// are in order.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
struct Reasons {
    /// The rooms on its screen.
    rooms: Vec<Room>,
    /// The contacts among the people.
    contacts: Vec<usize>,
    /// The friends among them.
    friends: Vec<usize>,
    /// The blocked among them.
    blocked: Vec<usize>,
    /// To whom the socket's own person shows when they were last here.
    audience: LastSeenAudience,
}

impl Interest {
    /// Who is to be told of these people's changes: sockets that have a room of theirs on screen, and
    /// those of their contacts; grouped by what they may know. A socket is in one group only, and a
    /// person is in it once, however many rooms they share.
    ///
    /// The cost grows with the interested sockets, not with all.
    pub(in crate::hub) fn audiences(&self, people: &[UserId]) -> Vec<Audience<'_>> {
        let places: HashMap<UserId, usize> =
            (0..).zip(people).map(|(n, user)| (*user, n)).collect();
        let mut by_room: BTreeMap<Room, Vec<usize>> = BTreeMap::new();
        let mut sockets: HashMap<ConnectionId, (&Registered, Reasons)> = HashMap::new();
        for (place, user) in people.iter().enumerate() {
            for room in self.watched_rooms_of_member(*user) {
                by_room.entry(room).or_default().push(place);
            }
            let interested = self.contact_of.get(user).into_iter().flatten();
            for (id, registered) in interested.flat_map(|user| self.sockets_of(*user)) {
                let (_, reasons) = sockets
                    .entry(id)
                    .or_insert((registered, Reasons::default()));
                reasons.contacts.push(place);
            }
        }
        for room in by_room.keys() {
            for (id, registered) in self.watchers(*room) {
                let (_, reasons) = sockets
                    .entry(id)
                    .or_insert((registered, Reasons::default()));
                reasons.rooms.push(*room);
            }
        }
        let mut groups: HashMap<Reasons, Vec<_>> = HashMap::new();
        for (id, (registered, mut reasons)) in sockets {
            self.limit(&mut reasons, registered.user, people, &places);
            groups.entry(reasons).or_default().push((id, registered));
        }
        groups
            .into_iter()
            .map(|(reasons, sockets)| Audience {
                about: self.about(&reasons, people, &by_room),
                sockets,
            })
            .collect()
    }

    /// Notes what a person may know of some people.
    fn limit(
        &self,
        reasons: &mut Reasons,
        user: UserId,
        people: &[UserId],
        places: &HashMap<UserId, usize>,
    ) {
        let Some((_, circle)) = self.circles.get(&user) else {
            return;
        };
        reasons.audience = circle.chosen.audience;
        let is_friend = |place: &usize| circle.friends.contains(&people[*place]);
        reasons.friends = reasons.contacts.iter().copied().filter(is_friend).collect();
        reasons.blocked = circle
            .blocked
            .iter()
            .filter_map(|blocked| places.get(blocked))
            .copied()
            .collect();
        reasons.blocked.sort_unstable();
    }

    fn about(
        &self,
        reasons: &Reasons,
        people: &[UserId],
        by_room: &BTreeMap<Room, Vec<usize>>,
    ) -> BTreeMap<usize, bool> {
        let in_rooms = reasons.rooms.iter().flat_map(|room| &by_room[room]);
        in_rooms
            .chain(&reasons.contacts)
            .filter(|place| reasons.blocked.binary_search(place).is_err())
            .map(|place| {
                let profile = self.profile(people[*place]);
                let audience = profile.map(|profile| profile.audience).unwrap_or_default();
                let are_friends = reasons.friends.binary_search(place).is_ok();
                let sight = Sight::between(reasons.audience, audience, are_friends);
                (*place, sight == Sight::LastSeen)
            })
            .collect()
    }
}
