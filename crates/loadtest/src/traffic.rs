//! What has arrived.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a client's sockets were, and what has arrived over all of them, without control frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// How many sockets were begun, also those that came to nothing.
    pub sockets: u64,
    /// How many frames.
    pub frames: u64,
    /// What they carried, in bytes, without their headers.
    pub bytes: u64,
}

/// Counts what arrives.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    sockets: AtomicU64,
    frames: AtomicU64,
    bytes: AtomicU64,
}

impl Counter {
    pub(crate) fn begin_socket(&self) {
        self.sockets.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, bytes: usize) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Traffic {
        Traffic {
            sockets: self.sockets.load(Ordering::Relaxed),
            frames: self.frames.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.sockets += other.sockets;
        self.frames += other.frames;
        self.bytes += other.bytes;
    }
}
