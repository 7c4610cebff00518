//! What is sent of a room's people: serialised once for all who may know the same, and again only when
//! something in it has changed.

use super::{Circle, Outgoing, Profile, Sight, circle::Chosen, interest::Interest};
use ::presence::UserPresence;
use protocol::{LastSeenAudience, PresenceEntry, PresenceSnapshot, Room, ServerFrame, UserId};
use std::collections::HashMap;

/// What was sent of a room last, with all that it was made of: it is sent again when what is read and known
/// then is the same, so that it can never be old.
#[derive(Debug)]
pub(super) struct Roster {
    presences: Vec<UserPresence>,
    /// [`Interest::profiles_version`] when it was made, or before.
    profiles: u64,
    /// Only what most may know is kept: those with exceptions are as many as a room has members, each
    /// with a frame of their own.
    kept: HashMap<LastSeenAudience, Outgoing>,
}

impl Roster {
    /// Nothing was made of it yet.
    pub(super) fn new(presences: Vec<UserPresence>, profiles: u64) -> Self {
        Self {
            presences,
            profiles,
            kept: HashMap::new(),
        }
    }

    /// Whether this is what there is to be shown now.
    #[must_use]
    pub(super) fn is_of(&self, presences: &[UserPresence], profiles: u64) -> bool {
        self.profiles == profiles && self.presences == presences
    }

    /// The frame for those with these exceptions, which is made if it was not.
    pub(super) fn frame(
        &mut self,
        exceptions: &Exceptions,
        make: impl FnOnce(&[UserPresence]) -> Outgoing,
    ) -> Outgoing {
        if !exceptions.are_none() {
            return make(&self.presences);
        }
        let kept = self.kept.entry(exceptions.audience);
        kept.or_insert_with(|| make(&self.presences)).clone()
    }
}

/// How what somebody may know of some people differs from what most may. Those with the same may
/// know the same.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Exceptions {
    /// To whom they show when they were last here.
    audience: LastSeenAudience,
    /// The friends among these people that they may know more of.
    friends: Vec<UserId>,
    /// Those of whom they may know nothing.
    blocked: Vec<UserId>,
}

impl Exceptions {
    /// Those of somebody with such a circle.
    pub(super) fn of(interest: &Interest, circle: &Circle, presences: &[UserPresence]) -> Self {
        let audience = circle.chosen.audience;
        let is_special = |user: &UserId| {
            audience == LastSeenAudience::Friends
                || interest
                    .profile(*user)
                    .is_some_and(|it| it.audience == LastSeenAudience::Friends)
        };
        let people = || presences.iter().map(|presence| presence.user);
        let mut friends: Vec<_> = Vec::new();
        if audience != LastSeenAudience::Nobody && !circle.friends.is_empty() {
            friends.extend(people().filter(|it| circle.friends.contains(it) && is_special(it)));
            friends.sort_unstable();
        }
        let mut blocked: Vec<_> = Vec::new();
        if !circle.blocked.is_empty() {
            blocked.extend(people().filter(|it| circle.blocked.contains(it)));
            blocked.sort_unstable();
        }
        Self {
            audience,
            friends,
            blocked,
        }
    }

    /// A circle of somebody who has just these: what all may know who have them.
    pub(super) fn circle(&self) -> Circle {
        Circle {
            friends: self.friends.iter().copied().collect(),
            blocked: self.blocked.iter().copied().collect(),
            chosen: Chosen {
                audience: self.audience,
                ..Chosen::default()
            },
            ..Circle::default()
        }
    }

    fn are_none(&self) -> bool {
        self.friends.is_empty() && self.blocked.is_empty()
    }
}

/// The frame that carries a room's snapshot.
pub(super) fn snapshot_frame(room: Room, snapshot: PresenceSnapshot) -> ServerFrame {
    let PresenceSnapshot {
        users,
        epoch,
        version,
    } = snapshot;
    match room {
        Room::Chat(chat_id) => ServerFrame::ConnectedUsers {
            chat_id,
            users,
            epoch,
            version,
        },
        Room::Workspace(workspace_id) => ServerFrame::WorkspaceUsers {
            workspace_id,
            users,
            epoch,
            version,
        },
    }
}

/// What somebody may know of a person, as a list has it.
pub(super) fn entry(profile: &Profile, presence: &UserPresence, sight: Sight) -> PresenceEntry {
    let (user_id, display_name) = (presence.user, profile.display_name.clone());
    if sight == Sight::Nothing {
        return PresenceEntry {
            user_id,
            display_name,
            is_online: false,
            availability: None,
            status_text: String::new(),
            last_seen: None,
            is_hidden: true,
            as_of: None,
            version: 0,
        };
    }
    let shown = presence.shown;
    let last_seen = presence.last_seen.or(profile.last_seen);
    let is_told = !shown.is_online && sight == Sight::LastSeen;
    PresenceEntry {
        user_id,
        display_name,
        is_online: shown.is_online,
        availability: shown.availability,
        status_text: profile.status_text.clone(),
        last_seen: last_seen.filter(|_| is_told),
        is_hidden: false,
        as_of: presence.as_of,
        version: presence.version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LastSeenAudience::{Everyone, Friends, Nobody};
    use presence::Shown;
    use uuid::Uuid;

    const JOHN: UserId = UserId::from_uuid(Uuid::from_u128(1));

    /// What somebody with such a circle may know specially of John, who shows when he was last here to these.
    fn exceptions(circle: &Circle, theirs: LastSeenAudience) -> Exceptions {
        let mut interest = Interest::default();
        let profile = Profile {
            display_name: "John".to_owned(),
            status_text: String::new(),
            audience: theirs,
            version: 1,
            last_seen: None,
        };
        interest.learn([(JOHN, profile)]);
        let john = UserPresence {
            user: JOHN,
            shown: Shown::default(),
            last_seen: None,
            version: 0,
            as_of: None,
        };
        Exceptions::of(&interest, circle, &[john])
    }

    fn circle(mine: LastSeenAudience, is_friend: bool, is_blocked: bool) -> Circle {
        let john = |is: bool| is.then_some(JOHN).into_iter().collect();
        Circle {
            friends: john(is_friend),
            blocked: john(is_blocked),
            chosen: Chosen {
                audience: mine,
                ..Chosen::default()
            },
            ..Circle::default()
        }
    }

    /// Everybody of a group is sent what its exceptions allow: no more and no less than each may know.
    #[test]
    fn whoever_has_the_same_exceptions_may_know_the_same() {
        let audiences = [Everyone, Friends, Nobody];
        for (mine, theirs) in audiences
            .into_iter()
            .flat_map(|mine| audiences.map(|it| (mine, it)))
        {
            for (is_friend, is_blocked) in
                [(false, false), (true, false), (false, true), (true, true)]
            {
                let circle = circle(mine, is_friend, is_blocked);
                let of_all = exceptions(&circle, theirs).circle();
                assert_eq!(
                    of_all.sight(JOHN, theirs),
                    circle.sight(JOHN, theirs),
                    "{mine:?}, {theirs:?}, {is_friend}, {is_blocked}"
                );
            }
        }
    }

    /// Somebody showed nobody when they were last here, and then their friends, while a list was made for a
    /// friend and others: the others were sent what only the friend may know.
    #[test]
    fn whoever_shows_friends_more_meanwhile_shows_it_to_no_others() {
        let friend = exceptions(&circle(Everyone, true, false), Nobody);
        let other = exceptions(&circle(Everyone, false, false), Nobody);
        assert_eq!(friend, other, "they are one group");
        assert_eq!(friend.circle().sight(JOHN, Friends), Sight::Presence);
    }
}
