//! When others are told that one types.

/// The least time between two signs of typing, in milliseconds. Others show each for longer.
const PACE_MILLIS: i64 = 2_000;

/// Remembers what others were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypingPace {
    /// When others were last told that one types; nothing once they know that one stopped.
    told_at: Option<i64>,
}

impl TypingPace {
    /// Whether others are to be told `now`, in milliseconds, and remembers that they were.
    pub fn is_due(&mut self, is_typing: bool, now: i64) -> bool {
        if !is_typing {
            return self.told_at.take().is_some();
        }
        // A clock that went back must not silence the sign until it catches up.
        let is_due = self
            .told_at
            .is_none_or(|told| !(0..PACE_MILLIS).contains(&(now - told)));
        if is_due {
            self.told_at = Some(now);
        }
        is_due
    }

    /// Whether others think that one types, unless it was long ago.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        self.told_at.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_told_at_most_every_two_seconds() {
        let mut pace = TypingPace::default();
        assert!(pace.is_due(true, 0));
        assert!(!pace.is_due(true, 1_999));
        assert!(pace.is_due(true, 2_000));
    }

    #[test]
    fn stopping_is_told_once_and_at_once() {
        let mut pace = TypingPace::default();
        assert!(!pace.is_due(false, 0), "nobody was told that one types");
        pace.is_due(true, 0);
        assert!(pace.is_due(false, 1));
        assert!(!pace.is_due(false, 2));
        assert!(pace.is_due(true, 3), "the next sign does not wait");
    }

    #[test]
    fn a_clock_that_goes_back_does_not_silence_the_sign() {
        let mut pace = TypingPace::default();
        pace.is_due(true, 10_000);
        assert!(pace.is_due(true, 1_000));
    }
}
