//! What was last heard of one person's presence.

use protocol::{Availability, PresenceChange, PresenceEntry, Timestamp};

/// What was last heard of a person's presence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Presence {
    /// Whether they are here.
    pub is_online: bool,
    /// What more there is to say while they are.
    pub availability: Option<Availability>,
    /// What they say of themselves; may be empty.
    pub status_text: String,
    /// When they were last here, if they are not and ever were.
    pub last_seen: Option<Timestamp>,
    /// When this was true, if the server cannot know whether it still is.
    pub as_of: Option<Timestamp>,
    /// Grows with each of the person's transitions.
    pub version: u64,
}

/// What a dot shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DotShape {
    /// Here.
    Online,
    /// Here, but without input for a while.
    Away,
    /// Here, and not to be disturbed.
    Dnd,
    /// Not here.
    Offline,
    /// Nothing was heard.
    Unknown,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is shown.
    Applied,
    /// It was old news, or about somebody of whom nothing is shown.
    Ignored,
    /// It counts in another epoch: only a new snapshot can tell.
    SnapshotNeeded,
}

impl DotShape {
    /// What the dot says to who does not see it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Dnd => "do not disturb",
            Self::Offline => "offline",
            Self::Unknown => "presence unknown",
        }
    }

    /// The same, marked when it is only the last that is known.
    #[must_use]
    pub fn words(self, is_stale: bool) -> String {
        let word = self.word();
        if is_stale {
            format!("last known: {word}")
        } else {
            word.to_owned()
        }
    }

    /// The name that style sheets know it by.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Dnd => "dnd",
            Self::Offline => "offline",
            Self::Unknown => "unknown",
        }
    }
}

impl Presence {
    /// Not here, and nothing more.
    #[must_use]
    pub const fn offline() -> Self {
        Self {
            is_online: false,
            availability: None,
            status_text: String::new(),
            last_seen: None,
            as_of: None,
            version: 0,
        }
    }

    /// What a dot shows of it.
    #[must_use]
    pub fn shape(of: Option<&Self>) -> DotShape {
        match of {
            None => DotShape::Unknown,
            Some(presence) if !presence.is_online => DotShape::Offline,
            Some(presence) => match presence.availability {
                None => DotShape::Online,
                Some(Availability::Away) => DotShape::Away,
                Some(Availability::Dnd) => DotShape::Dnd,
            },
        }
    }
}

/// Learns from an entry of a snapshot. Within one epoch a newer version outlives an older entry,
/// unless nothing more is to be known; across epochs the entry replaces whatever was known.
pub(super) fn learn(known: &mut Option<Presence>, entry: &PresenceEntry, is_same_epoch: bool) {
    let is_newer = known
        .as_ref()
        .is_none_or(|known| entry.version >= known.version);
    if is_newer || !is_same_epoch || entry.is_hidden {
        *known = heard(entry);
    }
}

/// What an entry tells: nothing of somebody who is hidden from the reader.
pub(super) fn heard(entry: &PresenceEntry) -> Option<Presence> {
    (!entry.is_hidden).then(|| entry.into())
}

/// Learns from a change of the same epoch.
pub(super) fn follow(known: &mut Option<Presence>, change: &PresenceChange) -> Outcome {
    if known
        .as_ref()
        .is_some_and(|known| change.version <= known.version)
    {
        return Outcome::Ignored;
    }
    *known = Some(change.into());
    Outcome::Applied
}

impl From<&PresenceEntry> for Presence {
    fn from(entry: &PresenceEntry) -> Self {
        Self {
            is_online: entry.is_online,
            availability: entry.availability,
            status_text: entry.status_text.clone(),
            last_seen: entry.last_seen,
            as_of: entry.as_of,
            version: entry.version,
        }
    }
}

impl From<&PresenceChange> for Presence {
    fn from(change: &PresenceChange) -> Self {
        Self {
            is_online: change.is_online,
            availability: change.availability,
            status_text: change.status_text.clone(),
            last_seen: change.last_seen,
            as_of: None,
            version: change.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_offline_is_neither_away_nor_to_be_left_alone() {
        let with = |is_online, availability| Presence {
            is_online,
            availability,
            ..Presence::offline()
        };
        let shape = |presence| Presence::shape(Some(&presence));
        assert_eq!(Presence::shape(None), DotShape::Unknown);
        assert_eq!(shape(with(true, None)), DotShape::Online);
        assert_eq!(shape(with(true, Some(Availability::Away))), DotShape::Away);
        assert_eq!(shape(with(true, Some(Availability::Dnd))), DotShape::Dnd);
        assert_eq!(
            shape(with(false, Some(Availability::Away))),
            DotShape::Offline
        );
    }
}
