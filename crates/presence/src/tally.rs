//! How often what was decided: for metrics.

use crate::{CloseReason, Effect, Lifecycle, TransitionReason};
use std::sync::atomic::{AtomicU64, Ordering};

/// How often what was decided by a directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    graces: [u64; OUTCOMES.len()],
    removals: [u64; REMOVALS.len()],
}

const OUTCOMES: [&str; 3] = ["started", "cancelled", "expired"];

/// For what a directory gives up a connection by itself.
const REMOVALS: [CloseReason; 4] = [
    CloseReason::PongTimeout,
    CloseReason::CloseTimeout,
    CloseReason::SessionEnded,
    CloseReason::NodeLost,
];

impl Counts {
    /// Graces, by what became of them.
    pub fn graces(&self) -> impl Iterator<Item = (&'static str, u64)> {
        OUTCOMES.into_iter().zip(self.graces)
    }

    /// Connections that were given up, by the reason.
    pub fn removals(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REMOVALS
            .map(CloseReason::as_str)
            .into_iter()
            .zip(self.removals)
    }
}

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    graces: [AtomicU64; OUTCOMES.len()],
    removals: [AtomicU64; REMOVALS.len()],
}

impl Tally {
    /// This was decided.
    pub(crate) fn note(&self, effect: &Effect) {
        let grace = match effect {
            Effect::Record(record) => match record.event {
                Lifecycle::UserDisconnected => 0,
                Lifecycle::UserReconnected => 1,
                _ => return,
            },
            Effect::Transition(made) if made.reason == TransitionReason::GraceExpired => 2,
            Effect::CloseConnection { reason, .. } => return self.removed(*reason),
            Effect::Transition(_) | Effect::Answer(_) => return,
        };
        self.graces[grace].fetch_add(1, Ordering::Relaxed);
    }

    /// A connection was given up.
    pub(crate) fn removed(&self, why: CloseReason) {
        if let Some(n) = REMOVALS.iter().position(|reason| *reason == why) {
            self.removals[n].fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            graces: self.graces.each_ref().map(read),
            removals: self.removals.each_ref().map(read),
        }
    }
}
