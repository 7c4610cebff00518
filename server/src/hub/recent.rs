//! What was announced last, for administrators.

use presence::Transition;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

/// So much is remembered.
const REMEMBERED: usize = 100;

/// What was announced last.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<VecDeque<Transition>>);

impl Recent {
    pub(super) fn note(&self, transition: Transition) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.truncate(REMEMBERED - 1);
        all.push_front(transition);
    }

    /// Newest first.
    pub(super) fn newest(&self) -> Vec<Transition> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use presence::{Shown, TransitionReason};
    use protocol::{Timestamp, UserId};
    use uuid::Uuid;

    #[test]
    fn the_newest_come_first_and_the_oldest_are_forgotten() {
        let recent = Recent::default();
        for version in 1..=150 {
            recent.note(Transition {
                user: UserId::from_uuid(Uuid::nil()),
                before: Shown::default(),
                shown: Shown::default(),
                version,
                last_seen: None,
                at: Timestamp::from_unix_millis(0),
                reason: TransitionReason::Connected,
            });
        }
        let versions: Vec<_> = recent.newest().iter().map(|it| it.version).collect();
        assert_eq!(versions, (51..=150).rev().collect::<Vec<_>>());
    }
}
