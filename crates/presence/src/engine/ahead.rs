//! Deadlines by a clock that was set back since: they would come as much too late.

use super::{Rules, user::User};
use std::time::Duration;

/// So late may a node know the time of what nodes share: by as much a time there may seem to be to come.
pub(crate) const KNOWN_WITHIN: Duration = Duration::from_secs(2);

impl User {
    /// Whether a deadline lies further ahead than any that is made now.
    #[must_use]
    pub fn is_ahead(&self, now: Duration, rules: &Rules) -> bool {
        let is_late = |at: Duration, length| at > now + length + KNOWN_WITHIN;
        let leases = self.connections.iter().map(|it| it.lease.deadline);
        let graces = self.grace.iter().map(|it| it.deadline);
        let departures = self.departures.iter().map(|it| it.deadline);
        leases.max().is_some_and(|at| is_late(at, rules.lease))
            || graces
                .chain(departures)
                .any(|at| is_late(at, rules.offline_grace))
            || self
                .away_due
                .is_some_and(|at| is_late(at, rules.away_after))
    }

    /// It was decided on not before this.
    #[must_use]
    pub fn decided_after(&self) -> Duration {
        let heard = self.connections.iter().map(|it| it.lease.last_activity);
        let left = self.grace.iter().map(|it| it.since.monotonic);
        heard.chain(left).max().unwrap_or_default()
    }

    /// Makes each deadline that lies too far ahead as late as one that is made now.
    pub fn catch_up(&mut self, now: Duration, rules: &Rules) {
        for connection in &mut self.connections {
            let lease = &mut connection.lease;
            lease.deadline = lease.deadline.min(now + rules.lease);
            lease.last_activity = lease.last_activity.min(now);
        }
        if let Some(grace) = &mut self.grace {
            grace.since.monotonic = grace.since.monotonic.min(now);
        }
        let graces = self.grace.iter_mut().map(|it| &mut it.deadline);
        let departures = self.departures.iter_mut().map(|it| &mut it.deadline);
        for deadline in graces.chain(departures) {
            *deadline = now.saturating_add(rules.offline_grace).min(*deadline);
        }
        self.last_input = self.last_input.map(|at| at.min(now));
        self.away_due = self.away_due.map(|at| at.min(now + rules.away_after));
    }
}
