//! What is sent of a room's people: serialised once for all who may know the same, and kept until something
//! in it changes.

use super::{Circle, Outgoing, Profile, Sight, interest::Interest};
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
