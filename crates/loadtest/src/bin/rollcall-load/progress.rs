//! What is going on, for whoever waits.

use std::io::{self, IsTerminal as _, Write as _};

/// One line on a terminal, written over and over; nothing where nobody looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    is_seen: bool,
}

impl Progress {
    /// Of standard error.
    pub(crate) fn new() -> Self {
        Self {
            is_seen: io::stderr().is_terminal(),
        }
    }

    /// Says what is going on.
    pub(crate) fn say(self, what: &str) {
        if self.is_seen {
            // The rest of what stood there is erased (ECMA-48 EL). A terminal that has gone is no reason
            // to end.
            let _ = write!(io::stderr(), "\r{what}\x1b[K");
        }
    }

    /// Nothing goes on any more.
    pub(crate) fn end(self) {
        self.say("");
    }
}
