//! Whether what a node knows of others is current.

use protocol::Timestamp;
use std::{mem, time::Duration};
use tokio::time::Instant;

/// A store that is away for less than this makes nothing old in anybody's eyes.
const TOLERATED: Duration = Duration::from_secs(2);

/// Whether what a node knows of others is current, and what it has said of that.
#[derive(Debug, Default)]
pub(super) struct Currency {
    /// Since when the store does not answer, and when it last did, by its own time.
    away: Option<(Instant, Timestamp)>,
    /// Since when what is shown is said to be old.
    told: Option<Timestamp>,
    is_news: bool,
}

impl Currency {
    pub(super) fn answered(&mut self) {
        self.away = None;
    }

    /// `last` is when the store last answered.
    pub(super) fn missed(&mut self, last: Timestamp) {
        self.away.get_or_insert((Instant::now(), last));
    }

    /// Whether all is to be compared before it counts as current.
    pub(super) const fn is_doubtful(&self) -> bool {
        self.away.is_some() || self.told.is_some()
    }

    /// When what is known now was true, unless it is known to be so still.
    pub(super) fn as_of(&self) -> Option<Timestamp> {
        self.told.or_else(|| self.away.map(|(_, last)| last))
    }

    /// Judges. `doubts` says since when there are users of whom the store has lost what it knew;
    /// `is_compared`, whether all was just compared with it. Gives whether there is news to take.
    pub(super) fn judge(&mut self, doubts: Option<Timestamp>, is_compared: bool) -> bool {
        let away = self.away.filter(|(since, _)| since.elapsed() >= TOLERATED);
        let old = away.map(|(_, last)| last).or(doubts);
        match (self.told, old) {
            (None, Some(_)) => (self.told, self.is_news) = (old, true),
            (Some(_), None) if is_compared && self.away.is_none() => {
                (self.told, self.is_news) = (None, true);
            }
            _ => {}
        }
        self.is_news
    }

    /// Since when what is shown is old, if that was not taken before.
    pub(super) fn take(&mut self) -> Option<Option<Timestamp>> {
        mem::take(&mut self.is_news).then_some(self.told)
    }
}
