//! What the server is told of the person's input, by which it knows whether they are here.

use crate::Now;

/// When the person last gave input, and what the server knows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Input {
    last: Option<Now>,
    /// What the newest hello said.
    hello: Option<Hello>,
    /// When this connection last told of input, in monotonic milliseconds.
    told_at: Option<u64>,
    /// Input is told of at most this often.
    interval_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hello {
    at: u64,
    idle_ms: u64,
}

impl Input {
    /// The person is here.
    pub(crate) fn given(&mut self, now: Now) {
        self.last = Some(now);
    }

    /// For how long there was no input, as a hello is to say.
    pub(crate) fn hello(&mut self, now: Now) -> Option<u64> {
        let idle_ms = self.last.map(|last| now.since(last));
        self.hello = idle_ms.map(|idle_ms| Hello {
            at: now.monotonic_ms,
            idle_ms,
        });
        idle_ms
    }

    /// The server has accepted the hello. One that said that the person is here has told so.
    pub(crate) fn welcome(&mut self, interval_ms: u64) {
        self.interval_ms = interval_ms;
        self.told_at = self
            .hello
            .filter(|hello| hello.idle_ms < interval_ms)
            .map(|hello| hello.at);
    }

    /// Whether the live connection is to tell of input now.
    pub(crate) fn is_news(&mut self, now: u64) -> bool {
        let is_news = self
            .told_at
            .is_none_or(|told_at| now >= told_at.saturating_add(self.interval_ms));
        if is_news {
            self.told_at = Some(now);
        }
        is_news
    }
}
