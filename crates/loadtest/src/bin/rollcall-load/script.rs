//! What is to be seen in a room: the truth that those in it are measured by.

use std::time::Duration;

/// A state that somebody has from some time on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Nobody is to be told before.
    pub(crate) at: Duration,
    /// Online or offline; typing or not.
    pub(crate) state: bool,
}

/// What one member does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Course {
    /// The state at the beginning.
    pub(crate) first: bool,
    /// Its changes, in the order of their times.
    pub(crate) turns: Vec<Turn>,
}

/// What the members of a room do, by their seats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script(pub(crate) Vec<Course>);

impl Course {
    /// Stays as it is.
    pub(crate) const fn steady(state: bool) -> Self {
        Self {
            first: state,
            turns: Vec::new(),
        }
    }

    /// The state at the end.
    pub(crate) fn last(&self) -> bool {
        self.before(self.turns.len())
    }

    /// The state before a turn.
    fn before(&self, turn: usize) -> bool {
        let previous = turn.checked_sub(1).map(|previous| self.turns[previous]);
        previous.map_or(self.first, |turn| turn.state)
    }
}

/// How far somebody has followed a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Follower {
    /// The next turn of each member that has not been seen.
    next: Vec<u32>,
}

/// What a change that was told is, by the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// A turn, so long after its time, and in the place of so many before it.
    Turn {
        /// How long after.
        after: Duration,
        /// Turns that were never told, and that this one supersedes.
        superseded: u32,
    },
    /// A turn whose time has not come.
    TooEarly,
    /// None that was left.
    Unexpected,
}

impl Follower {
    /// Before the first turn of each of so many members.
    pub(crate) fn new(members: usize) -> Self {
        Self {
            next: vec![0; members],
        }
    }

    /// Takes a change.
    pub(crate) fn told(
        &mut self,
        script: &Script,
        seat: usize,
        state: bool,
        now: Duration,
    ) -> Told {
        let next = self.next[seat] as usize;
        let left = &script.0[seat].turns[next..];
        match left.iter().position(|turn| turn.state == state) {
            Some(skipped) if left[skipped].at <= now => {
                self.next[seat] = (next + skipped + 1) as u32;
                Told::Turn {
                    after: now - left[skipped].at,
                    superseded: skipped as u32,
                }
            }
            Some(_) => Told::TooEarly,
            None => Told::Unexpected,
        }
    }

    /// Takes a state as of now: it stands for all turns that led to it. Returns whether it is one that the
    /// member may have just now: that which was seen last, or that of a turn whose time has come.
    pub(crate) fn shown(
        &mut self,
        script: &Script,
        seat: usize,
        state: bool,
        now: Duration,
    ) -> bool {
        let course = &script.0[seat];
        let next = self.next[seat] as usize;
        let due = course.turns[next..]
            .iter()
            .take_while(|turn| turn.at <= now);
        let newest = due
            .enumerate()
            .filter(|(_, turn)| turn.state == state)
            .last();
        let Some((place, _)) = newest else {
            return course.before(next) == state;
        };
        self.next[seat] = (next + place + 1) as u32;
        true
    }

    /// The members of whom a turn was neither seen nor superseded, and the first such turn of each.
    pub(crate) fn lost<'a>(
        &'a self,
        script: &'a Script,
    ) -> impl Iterator<Item = (usize, Turn)> + 'a {
        let left = self.next.iter().zip(&script.0).enumerate();
        left.filter_map(|(seat, (next, course))| Some((seat, *course.turns.get(*next as usize)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// One member, online at first, who is offline from 10 s and online from 20 s.
    fn script() -> Script {
        let turns = [(10, false), (20, true)].map(|(seconds, state)| Turn {
            at: at(seconds),
            state,
        });
        Script(vec![Course {
            first: true,
            turns: turns.into(),
        }])
    }

    fn turn(after: u64, superseded: u32) -> Told {
        Told::Turn {
            after: at(after),
            superseded,
        }
    }

    #[test]
    fn what_is_told_is_late_by_the_time_since_it_was_meant_to_be() {
        let (script, mut follower) = (script(), Follower::new(1));
        assert_eq!(follower.told(&script, 0, false, at(11)), turn(1, 0));
        assert_eq!(follower.told(&script, 0, true, at(22)), turn(2, 0));
        assert_eq!(follower.lost(&script).count(), 0);
    }

    #[test]
    fn a_turn_that_was_never_told_is_lost() {
        let (script, mut follower) = (script(), Follower::new(1));
        let first = script.0[0].turns[0];
        assert_eq!(follower.lost(&script).collect::<Vec<_>>(), [(0, first)]);
        follower.told(&script, 0, false, at(11));
        let second = script.0[0].turns[1];
        assert_eq!(follower.lost(&script).collect::<Vec<_>>(), [(0, second)]);
    }

    #[test]
    fn a_later_state_supersedes_an_earlier_one_that_was_not_told() {
        let (script, mut follower) = (script(), Follower::new(1));
        assert_eq!(follower.told(&script, 0, true, at(21)), turn(1, 1));
        assert_eq!(follower.lost(&script).count(), 0);
    }

    #[test]
    fn nothing_is_told_before_its_time_or_twice() {
        let (script, mut follower) = (script(), Follower::new(1));
        assert_eq!(follower.told(&script, 0, false, at(9)), Told::TooEarly);
        assert_eq!(follower.told(&script, 0, true, at(9)), Told::TooEarly);
        assert_eq!(follower.told(&script, 0, false, at(11)), turn(1, 0));
        assert_eq!(follower.told(&script, 0, false, at(12)), Told::Unexpected);
    }

    #[test]
    fn what_a_snapshot_shows_is_true_if_it_is_as_it_was_or_has_become_by_now() {
        let script = script();
        let is_true = |state, seconds| Follower::new(1).shown(&script, 0, state, at(seconds));
        assert!(is_true(true, 9));
        assert!(!is_true(false, 9));
        assert!(is_true(true, 11) && is_true(false, 11));
        let mut follower = Follower::new(1);
        follower.told(&script, 0, false, at(11));
        assert!(!follower.shown(&script, 0, true, at(12)));
        assert!(follower.shown(&script, 0, true, at(20)));
        assert!(!follower.shown(&script, 0, false, at(21)));
    }

    #[test]
    fn a_snapshot_stands_for_all_that_led_to_it_and_for_nothing_after_it() {
        let script = script();
        let after = |state, seconds| {
            let mut follower = Follower::new(1);
            follower.shown(&script, 0, state, at(seconds));
            follower.lost(&script).map(|(_, turn)| turn.at).next()
        };
        assert_eq!(after(true, 9), Some(at(10)));
        // Read before it took effect.
        assert_eq!(after(true, 11), Some(at(10)));
        assert_eq!(after(false, 11), Some(at(20)));
        assert_eq!(after(false, 21), Some(at(20)));
        assert_eq!(after(true, 21), None);
    }
}
