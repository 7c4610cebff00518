//! What is read when it is asked for: what others count.

use super::{Inner, Kind, Outcome, Purpose, Reason, State};
use presence::Counts;
use prometheus_client::metrics::{counter::Counter, gauge::Gauge};
use redis_link::Health;

/// What is read when it is asked for.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// The sockets on this server.
    pub sockets: Sockets,
    /// Those whose they are.
    pub users: usize,
    /// Sockets that wait for their turn.
    pub newcomers: usize,
    /// What presence has decided.
    pub presence: Counts,
    /// Statements of the database that failed, by kind.
    pub store_failed: Vec<(&'static str, u64)>,
    /// The links to Redis, by what they are for.
    pub links: Vec<(&'static str, Health)>,
}

/// The sockets on a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sockets {
    /// Those that live.
    pub open: usize,
    /// Those whose closing handshake has begun.
    pub closing: usize,
    /// Frames that wait for all of them.
    pub queued: usize,
    /// Frames that wait for the one with the most.
    pub longest: usize,
}

impl Readings {
    pub(super) fn note(&self, inner: &Inner) {
        let set = |gauge: &Gauge, count| {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        };
        let Sockets {
            open,
            closing,
            queued,
            longest,
        } = self.sockets;
        for (state, count) in [("open", open), ("closing", closing)] {
            set(&inner.connections.get_or_create(&State { state }), count);
        }
        set(&inner.users_connected, self.users);
        set(&inner.queued, queued);
        set(&inner.longest_queue, longest);
        set(&inner.newcomers, self.newcomers);
        for (outcome, count) in self.presence.graces() {
            raise(&inner.graces.get_or_create(&Outcome { outcome }), count);
        }
        for (reason, count) in self.presence.removals() {
            raise(&inner.removals.get_or_create(&Reason { reason }), count);
        }
        for &(kind, count) in &self.store_failed {
            raise(&inner.store_failed.get_or_create(&Kind { kind }), count);
        }
        for &(purpose, health) in &self.links {
            let of = Purpose { purpose };
            let is_up = inner.redis_up.get_or_create(&of);
            is_up.set(i64::from(health.is_up));
            for (counter, count) in [
                (&inner.redis_connected, health.connected),
                (&inner.redis_failed, health.failed),
                (&inner.redis_gaps, health.gaps),
            ] {
                raise(&counter.get_or_create(&of), count);
            }
        }
    }
}

/// Brings a counter to what somebody else has counted.
fn raise(counter: &Counter, count: u64) {
    counter.inc_by(count.saturating_sub(counter.get()));
}
