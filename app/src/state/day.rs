//! Calendar days and clock times, as far as both sides can tell them without a locale.

use protocol::Timestamp;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A calendar day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day of a time on a clock that is `zone` minutes ahead of UTC.
    #[must_use]
    pub fn of(time: Timestamp, zone: i32) -> Self {
        let local = time.unix_millis() + i64::from(zone) * 60 * 1_000;
        Self(local.div_euclid(DAY_MILLIS))
    }

    /// How many seconds are left of the day of a time on such a clock.
    #[must_use]
    pub fn seconds_left(time: Timestamp, zone: i32) -> u64 {
        let local = time.unix_millis() + i64::from(zone) * 60 * 1_000;
        let left = DAY_MILLIS - local.rem_euclid(DAY_MILLIS);
        left.unsigned_abs().div_ceil(1_000)
    }

    /// How many days this one lies before `today`; negative in the future.
    #[must_use]
    pub fn days_before(self, today: Self) -> i64 {
        today.0 - self.0
    }
}

/// A day in UTC in words, such as "3 November 2026".
#[must_use]
pub fn utc_day(time: Timestamp) -> String {
    let text = time.to_string();
    // RFC 3339: YYYY-MM-DDTHH:MM:SS
    let month = text
        .get(5..7)
        .and_then(|digits| digits.parse::<usize>().ok())
        .unwrap_or(1);
    let day = text.get(8..10).unwrap_or_default().trim_start_matches('0');
    let year = text.get(..4).unwrap_or_default();
    format!("{day} {} {year}", MONTHS[(month - 1) % 12])
}

/// A clock time in UTC, such as "16:42".
#[must_use]
pub fn utc_clock(time: Timestamp) -> String {
    time.to_string().get(11..16).unwrap_or_default().to_owned()
}

/// How long ago, coarsely: what matters is whether to wait, not the minute.
#[must_use]
pub fn ago(millis: i64) -> String {
    let minutes = millis / 60_000;
    match minutes {
        i64::MIN..1 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1_440 => format!("{} h ago", minutes / 60),
        1_440..2_880 => "yesterday".to_owned(),
        2_880..43_200 => format!("{} days ago", minutes / 1_440),
        _ => "long ago".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_reads_as_people_write_it() {
        assert_eq!(utc_day(time("2026-11-03T23:59:00Z")), "3 November 2026");
        assert_eq!(utc_day(time("1999-12-31T00:00:00Z")), "31 December 1999");
    }

    #[test]
    fn a_clock_time_has_hours_and_minutes() {
        assert_eq!(utc_clock(time("2026-11-03T06:04:59.999Z")), "06:04");
    }

    #[test]
    fn days_are_counted_on_the_readers_calendar() {
        let late = time("2026-11-03T23:30:00Z");
        let early = time("2026-11-04T00:30:00Z");
        assert_eq!(Day::of(late, 0).days_before(Day::of(early, 0)), 1);
        assert_eq!(Day::of(late, 60).days_before(Day::of(early, 60)), 0);
        assert_eq!(Day::of(late, -60).days_before(Day::of(early, -60)), 0);
    }

    #[test]
    fn how_long_ago_is_told_coarsely() {
        let minute = 60_000;
        assert_eq!(ago(-5), "just now");
        assert_eq!(ago(59_999), "just now");
        assert_eq!(ago(5 * minute), "5 min ago");
        assert_eq!(ago(125 * minute), "2 h ago");
        assert_eq!(ago(24 * 60 * minute), "yesterday");
        assert_eq!(ago(3 * 24 * 60 * minute), "3 days ago");
        assert_eq!(ago(400 * 24 * 60 * minute), "long ago");
    }
}
