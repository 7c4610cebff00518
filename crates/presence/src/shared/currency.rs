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
    /// Somebody was shown something as old while it was not said to all that it is.
    is_whispered: bool,
    /// Of somebody who was shown as old nothing is known until the store is told again.
    is_guessed: bool,
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
        self.away.is_some() || self.told.is_some() || self.is_whispered
    }

    /// When what is known now was true, unless it is known to be so still; for somebody who is shown it.
    pub(super) fn as_of(&mut self) -> Option<Timestamp> {
        let unsaid = self.away.map(|(_, last)| last);
        self.is_whispered |= self.told.is_none() && unsaid.is_some();
        self.told.or(unsaid)
    }

    /// Somebody is shown as old of whom the store knows nothing since it has lost everything.
    pub(super) fn guessed(&mut self) {
        self.is_guessed = true;
    }

    /// Judges. `doubts` says since when there are users of whom the store has lost what it knew;
    /// `is_compared`, whether all was just compared with it; `is_everything_known`, whether whatever it has
    /// lost it was told again. Gives whether there is news to take.
    pub(super) fn judge(
        &mut self,
        doubts: Option<Timestamp>,
        is_compared: bool,
        is_everything_known: bool,
    ) -> bool {
        let away = self.away.filter(|(since, _)| since.elapsed() >= TOLERATED);
        let old = away.map(|(_, last)| last).or(doubts);
        let is_in_touch = self.away.is_none();
        match (self.told, old) {
            (None, Some(_)) => (self.told, self.is_news) = (old, true),
            // The store was away for a moment only, but whoever looked then still shows it as old.
            (None, None) if self.is_whispered && is_compared && is_in_touch => {
                self.is_news = true;
            }
            (None, None) if self.is_guessed && is_everything_known && is_in_touch => {
                self.is_news = true;
            }
            (Some(_), None) if is_compared && is_in_touch => {
                (self.told, self.is_news) = (None, true);
            }
            _ => {}
        }
        self.is_whispered &= !self.is_news;
        self.is_guessed &= !(self.is_news && is_everything_known && is_in_touch);
        self.is_news
    }

    /// Since when what is shown is old, if that was not taken before.
    pub(super) fn take(&mut self) -> Option<Option<Timestamp>> {
        mem::take(&mut self.is_news).then_some(self.told)
    }
}
