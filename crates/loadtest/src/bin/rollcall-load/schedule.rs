//! When something is to happen. Each latency counts from these times, however late the load itself is:
//! a server that keeps the load waiting is charged for it.

use std::time::Duration;

/// So much of all members leaves each second, and comes back.
const CHURN: f64 = 0.01;
/// Between the first sign of typing and its end.
const TYPING: Duration = Duration::from_millis(500);
/// Between two times that somebody begins to type: within what a server allows each connection.
const BETWEEN_SIGNS: Duration = Duration::from_secs(2);

/// Somebody leaves for good, and comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trip {
    /// Who.
    pub(crate) person: usize,
    /// When.
    pub(crate) leaves: Duration,
    /// When they are back.
    pub(crate) returns: Duration,
}

/// Somebody begins to type, or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    /// Who.
    pub(crate) person: usize,
    /// When.
    pub(crate) at: Duration,
    /// Whether they type from now on.
    pub(crate) is_typing: bool,
}

/// Evenly spaced times within a span, `rate` of them a second, from `begin` on.
pub(crate) fn paced(
    rate: f64,
    begin: Duration,
    span: Duration,
) -> impl Iterator<Item = Duration> + Clone {
    let gap = if rate > 0.0 { 1.0 / rate } else { f64::MAX };
    (0_u32..)
        .map(move |n| f64::from(n) * gap)
        .take_while(move |offset| *offset < span.as_secs_f64())
        .map(move |offset| begin + Duration::from_secs_f64(offset))
}

/// Who leaves when: 1 % of the people each second, by turns, for `away` each.
pub(crate) fn churn(people: usize, begin: Duration, span: Duration, away: Duration) -> Vec<Trip> {
    paced(people as f64 * CHURN, begin, span)
        .zip(turns(people))
        .map(|(leaves, person)| Trip {
            person,
            leaves,
            returns: leaves + away,
        })
        .collect()
}

/// Who types when: `rate` signs a second, by turns, each beginning followed by its end; in the order of
/// their times. Fewer when there are too few people for that.
pub(crate) fn typing(people: usize, rate: f64, begin: Duration, span: Duration) -> Vec<Sign> {
    let rate = (rate / 2.0).min(people as f64 / BETWEEN_SIGNS.as_secs_f64());
    let mut signs: Vec<_> = paced(rate, begin, span)
        .zip(turns(people))
        .flat_map(|(at, person)| {
            [(at, true), (at + TYPING, false)].map(|(at, is_typing)| Sign {
                person,
                at,
                is_typing,
            })
        })
        .collect();
    signs.sort_by_key(|sign| sign.at);
    signs
}

/// Everybody, again and again, so that those who follow each other are in rooms far apart.
pub(crate) fn turns(people: usize) -> impl Iterator<Item = usize> + Clone {
    // Near the golden section, and without a common divisor: each comes once in `people` turns.
    let stride = (people * 618 / 1_000..)
        .find(|stride| divisor(*stride, people) <= 1)
        .unwrap_or(1);
    (0..).map(move |turn| (turn * stride) % people.max(1))
}

fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn times_are_evenly_spaced_and_end_with_the_span() {
        let times: Vec<_> = paced(4.0, SECOND, SECOND).collect();
        let expected = [1_000, 1_250, 1_500, 1_750].map(Duration::from_millis);
        assert_eq!(times, expected);
        assert_eq!(paced(0.0, SECOND, SECOND).count(), 1);
    }

    #[test]
    fn everybody_has_a_turn_before_anybody_has_a_second_one() {
        for people in [1, 2, 3, 10, 999, 1_000, 10_000] {
            let first: HashSet<_> = turns(people).take(people).collect();
            assert_eq!(first.len(), people);
            assert!(first.into_iter().all(|person| person < people));
        }
    }

    #[test]
    fn one_in_a_hundred_leaves_each_second_and_nobody_who_is_away() {
        let away = 6 * SECOND;
        let trips = churn(1_000, SECOND, 30 * SECOND, away);
        assert_eq!(trips.len(), 300);
        for (n, trip) in trips.iter().enumerate() {
            assert_eq!(trip.returns, trip.leaves + away);
            let is_again = |other: &&Trip| other.person == trip.person;
            assert!(trips[..n].iter().find(is_again).is_none());
        }
    }

    #[test]
    fn who_begins_to_type_ends_before_they_begin_again() {
        let signs = typing(10, 1_000.0, SECOND, 10 * SECOND);
        assert!(signs.is_sorted_by_key(|sign| sign.at));
        assert_eq!(
            signs.len(),
            100,
            "five begin each second, ten people by turns"
        );
        for person in 0..10 {
            let of_one: Vec<_> = signs.iter().filter(|it| it.person == person).collect();
            for (n, sign) in of_one.iter().enumerate() {
                assert_eq!(sign.is_typing, n % 2 == 0);
            }
        }
    }
}
