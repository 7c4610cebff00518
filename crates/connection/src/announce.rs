//! What people hear who cannot see the indicator: little, and never twice.

use crate::{Phase, Settings, State, Suspension};

/// What is said in the page's status region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Announcement {
    /// The connection is lost and being restored.
    Lost,
    /// There is no network.
    Offline,
    /// All attempts failed.
    GaveUp,
    /// The connection is back.
    Restored,
}

/// What has been said, and how long the connection has been down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Announcer {
    /// Since when the connection is down now, as far as somebody could notice.
    pub(crate) down_since: Option<u64>,
    /// Earlier downtime since the last stable connection.
    down_before: u64,
    said: Option<Announcement>,
    has_been_online: bool,
}

impl Announcement {
    /// What it says.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Lost => "Connection lost. Reconnecting.",
            Self::Offline => "You are offline.",
            Self::GaveUp => "Connection lost. Click the status indicator to retry.",
            Self::Restored => "Connection restored.",
        }
    }
}

impl Announcer {
    /// Keeps the downtime after a step; returns what is to be said.
    pub(crate) fn update(
        &mut self,
        phase: &Phase,
        now: u64,
        settings: &Settings,
    ) -> Option<Announcement> {
        if let Phase::Online { is_stable, .. } = phase {
            self.has_been_online = true;
            if let Some(since) = self.down_since.take() {
                self.down_before += now.saturating_sub(since);
            }
            if *is_stable {
                self.down_before = 0;
            }
            return self.said.take().map(|_| Announcement::Restored);
        }
        if let Phase::Idle
        | Phase::Suspended {
            why: Suspension::Hidden | Suspension::Frozen,
            ..
        } = phase
        {
            // Nobody is looking: whoever comes back is not told of what they did not miss.
            self.down_since = None;
            return None;
        }
        self.down_since.get_or_insert(now);
        let announcement = self.of(phase)?;
        if self.downtime(now) < settings.announce_after_ms || self.said >= Some(announcement) {
            return None;
        }
        self.said = Some(announcement);
        Some(announcement)
    }

    /// The person asked for another try: how that ends is news again.
    pub(crate) fn forget(&mut self) {
        self.said = self.said.min(Some(Announcement::Lost));
    }

    /// When there may be something to say although nothing happens.
    pub(crate) fn next_deadline(&self, state: &State, settings: &Settings) -> Option<u64> {
        let announcement = self.of(state.phase())?;
        let due = self
            .down_since?
            .saturating_add(settings.announce_after_ms.saturating_sub(self.down_before));
        (self.said < Some(announcement)).then_some(due)
    }

    fn of(&self, phase: &Phase) -> Option<Announcement> {
        match phase {
            Phase::Connecting { .. } | Phase::Handshaking { .. } | Phase::Backoff { .. } => {
                self.has_been_online.then_some(Announcement::Lost)
            }
            Phase::Suspended {
                why: Suspension::Offline,
                ..
            } => Some(Announcement::Offline),
            Phase::Exhausted => Some(Announcement::GaveUp),
            _ => None,
        }
    }

    fn downtime(&self, now: u64) -> u64 {
        self.down_before + self.down_since.map_or(0, |since| now.saturating_sub(since))
    }
}
