//! What all have seen, taken together.

use crate::observer::{Fault, FaultKind, Seen};
use loadtest::Latencies;
use std::{collections::HashMap, time::Duration};

/// Whoever was away once goes once and comes back once.
const OF_ONE_ABSENCE: u64 = 2;

/// What all have seen.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// How long changes took.
    pub(crate) changes: Latencies,
    /// How long snapshots took.
    pub(crate) snapshots: Latencies,
    /// From when it was meant until each was welcome.
    pub(crate) welcomes: Latencies,
    /// Changes that were told, to each.
    pub(crate) events: u64,
    /// Changes that a newer one superseded.
    pub(crate) superseded: u64,
    /// When the last roster became right.
    pub(crate) right: Duration,
    /// When the last was welcome.
    pub(crate) welcome: Duration,
    /// What is wrong, with the connection that saw it.
    pub(crate) faults: Vec<(usize, Fault)>,
    /// All of it, also what was not kept.
    pub(crate) fault_count: usize,
    /// What was told and shown of people who were away indeed.
    pub(crate) excused: usize,
}

impl Verdict {
    /// Adds what a connection has seen; its welcome was meant to come at a time.
    pub(crate) fn add(&mut self, connection: usize, seen: Seen, meant: Duration) {
        self.changes.append(seen.changes);
        self.snapshots.append(seen.snapshots);
        self.events += seen.events;
        self.superseded += seen.superseded;
        self.right = self.right.max(seen.right.unwrap_or(Duration::MAX));
        if let Some(welcome) = seen.welcome {
            self.welcomes.add(welcome.saturating_sub(meant));
            self.welcome = self.welcome.max(welcome);
        }
        self.fault_count += seen.fault_count;
        let faults = seen.faults.into_iter().map(|fault| (connection, fault));
        self.faults.extend(faults);
    }

    /// How often something was told or shown that nobody did, of those whom connections see at these seats.
    pub(crate) fn unexpected(&self, of: impl Fn(usize, usize) -> bool) -> usize {
        let unexpected = |(connection, fault): &&(usize, Fault)| {
            is_unexpected(fault) && fault.seat.is_some_and(|seat| of(*connection, seat))
        };
        self.faults.iter().filter(unexpected).count()
    }

    /// Takes back what was told and shown of people who were away indeed, `absences` times: that they
    /// went and that they came, and no more than that.
    pub(crate) fn excuse(&mut self, absences: impl Fn(usize, usize) -> u64) {
        let before = self.faults.len();
        let mut taken_back: HashMap<_, u64> = HashMap::new();
        self.faults.retain(|(connection, fault)| {
            let Some(seat) = fault.seat else {
                return true;
            };
            if !is_unexpected(fault) {
                return true;
            }
            let taken_back = taken_back
                .entry((*connection, seat, fault.kind))
                .or_default();
            *taken_back += 1;
            *taken_back > OF_ONE_ABSENCE * absences(*connection, seat)
        });
        let excused = before - self.faults.len();
        self.excused += excused;
        self.fault_count -= excused;
    }
}

const fn is_unexpected(fault: &Fault) -> bool {
    matches!(fault.kind, FaultKind::Unexpected | FaultKind::Untrue)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(right: Option<u64>, faults: &[(usize, FaultKind)]) -> Seen {
        let fault = |&(seat, kind): &(usize, FaultKind)| Fault {
            seat: Some(seat),
            kind,
            at: Duration::ZERO,
        };
        Seen {
            right: right.map(Duration::from_secs),
            welcome: Some(Duration::from_secs(3)),
            faults: faults.iter().map(fault).collect(),
            fault_count: faults.len(),
            ..Seen::default()
        }
    }

    fn unexpected(verdict: &Verdict) -> usize {
        verdict.unexpected(|_, _| true)
    }

    #[test]
    fn all_rosters_are_right_with_the_last_one_and_never_while_one_is_wrong() {
        let mut verdict = Verdict::default();
        verdict.add(0, seen(Some(5), &[]), Duration::ZERO);
        verdict.add(1, seen(Some(4), &[]), Duration::ZERO);
        assert_eq!(verdict.right, Duration::from_secs(5));
        verdict.add(2, seen(None, &[]), Duration::ZERO);
        assert_eq!(verdict.right, Duration::MAX);
    }

    #[test]
    fn a_welcome_is_late_by_the_time_since_it_was_meant() {
        let mut verdict = Verdict::default();
        verdict.add(0, seen(None, &[]), Duration::from_secs(1));
        let slowest = verdict.welcomes.per_mille(1_000);
        assert_eq!(slowest, Some(Duration::from_secs(2)));
    }

    #[test]
    fn only_what_was_told_of_those_who_were_away_is_excused() {
        let told = [
            (1, FaultKind::Unexpected),
            (2, FaultKind::Unexpected),
            (2, FaultKind::Wrong),
        ];
        let mut verdict = Verdict::default();
        verdict.add(0, seen(None, &told), Duration::ZERO);
        verdict.add(1, seen(None, &told), Duration::ZERO);
        assert_eq!(unexpected(&verdict), 4);
        verdict.excuse(|connection, seat| u64::from(connection == 1 && seat == 2));
        assert_eq!((unexpected(&verdict), verdict.fault_count), (3, 5));
        verdict.excuse(|_, seat| u64::from(seat == 2));
        assert_eq!((unexpected(&verdict), verdict.fault_count), (2, 4));
        assert_eq!(verdict.excused, 2);
    }

    #[test]
    fn who_was_away_once_is_excused_for_going_and_coming_once() {
        let flaps = [(1, FaultKind::Unexpected); 5];
        let left_of = |absences| {
            let mut verdict = Verdict::default();
            verdict.add(0, seen(None, &flaps), Duration::ZERO);
            verdict.excuse(|_, _| absences);
            unexpected(&verdict)
        };
        assert_eq!([0, 1, 2, 3].map(left_of), [5, 3, 1, 0]);
    }
}
