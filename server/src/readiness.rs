//! Whether anybody should come here.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Whether anybody should come here; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_draining: AtomicBool,
    is_cut_off: AtomicBool,
}

/// Why nobody should: as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unready {
    /// This server is being stopped.
    #[error("this server is about to stop")]
    Draining,
    /// This server alone cannot reach what all share.
    #[error("this server does not reach the Redis that others reach")]
    CutOff,
}

impl Readiness {
    /// Why nobody should come here; nothing, when they may.
    #[must_use]
    pub fn unready(&self) -> Option<Unready> {
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if is(&self.0.is_draining) {
            Some(Unready::Draining)
        } else if is(&self.0.is_cut_off) {
            Some(Unready::CutOff)
        } else {
            None
        }
    }

    /// From now on this server is being stopped.
    pub fn drain(&self) {
        self.0.is_draining.store(true, Ordering::Relaxed);
    }

    /// Whether this server alone is cut off.
    #[must_use]
    pub fn is_cut_off(&self) -> bool {
        self.0.is_cut_off.load(Ordering::Relaxed)
    }

    /// Says whether this server alone is cut off. Gives whether it was before.
    pub fn cut_off(&self, is_so: bool) -> bool {
        self.0.is_cut_off.swap(is_so, Ordering::Relaxed)
    }
}
