//! Our own lateness is nobody's absence.
//!
//! A process that was stopped (SIGSTOP, a blocked worker, a paused machine) comes back to deadlines
//! that have passed, and to sockets full of pongs and new connections that it has not read yet. It
//! must read first. So every event is checked against the time at which a sweep had been asked for:
//! one that comes much later shows that we were stopped in between, and then
//!
//! - every running grace starts anew: nobody could come back to us meanwhile;
//! - every lease lasts at least one reaper interval from now: enough to read what has arrived; and
//!   nobody is away before that.
//!
//! A process that is late each time it wakes takes nobody offline. Punctual again, it does so within
//! the usual bounds.

use super::{Engine, User};
use protocol::UserId;
use std::time::Duration;

/// A sweep this much later than asked for is an ordinary delay of a busy machine.
pub(crate) const TOLERATED_LATENESS: Duration = Duration::from_millis(500);

/// While a grace runs a sweep is asked for this often, so that no stop hides within the grace.
pub(super) const GRACE_WATCH: Duration = Duration::from_millis(250);

impl Engine {
    pub(super) fn excuse_a_stall(&mut self, now: Duration) {
        let Some(planned) = self.next_deadline() else {
            return;
        };
        if now <= planned + TOLERATED_LATENESS {
            return;
        }
        let grace_ends = now + self.rules.offline_grace;
        let leases_last = now + self.reaper_interval;
        for user in self.users.values_mut() {
            user.excuse(self.awake_at, grace_ends, leases_last);
        }
        let deadline = |(id, user): (&UserId, &User)| Some((user.deadline()?, *id));
        self.agenda = self.users.iter().filter_map(deadline).collect();
    }
}

impl User {
    fn excuse(&mut self, awake_at: Duration, grace_ends: Duration, leases_last: Duration) {
        for connection in &mut self.connections {
            connection.lease.deadline = connection.lease.deadline.max(leases_last);
        }
        for departure in &mut self.departures {
            if departure.deadline > awake_at {
                departure.deadline = grace_ends;
            }
        }
        if let Some(grace) = &mut self.grace {
            grace.deadline = grace_ends;
        }
        self.away_due = self.away_due.max(self.away_due.map(|_| leases_last));
    }
}
