//! What a person chooses to show of themselves, and for how long.

use super::{DotShape, day::Day};
use crate::page::StatusDraft;
use protocol::{Mode, Status, Timestamp};

const MINUTE_SECONDS: u64 = 60;
const HOUR_SECONDS: u64 = 60 * MINUTE_SECONDS;
const DAY_SECONDS: u64 = 24 * HOUR_SECONDS;
/// When a working day begins.
const MORNING_SECONDS: u64 = 8 * HOUR_SECONDS;

/// When a choice ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// After half an hour.
    HalfHour,
    /// After an hour.
    Hour,
    /// After four hours.
    FourHours,
    /// When the reader's day ends.
    Today,
    /// At eight on the reader's next day.
    Tomorrow,
    /// After seven days.
    Week,
    /// When the person ends it.
    Never,
}

impl Lapse {
    /// After how many seconds that is, on a clock that at a time is `zone` minutes ahead of UTC;
    /// nothing when it never is.
    #[must_use]
    pub fn seconds(self, now: Timestamp, zone: &dyn Fn(Timestamp) -> i32) -> Option<u64> {
        match self {
            Self::HalfHour => Some(30 * MINUTE_SECONDS),
            Self::Hour => Some(HOUR_SECONDS),
            Self::FourHours => Some(4 * HOUR_SECONDS),
            Self::Today => Some(past_midnight(0, now, zone)),
            Self::Tomorrow => Some(past_midnight(MORNING_SECONDS, now, zone)),
            Self::Week => Some(7 * DAY_SECONDS),
            Self::Never => None,
        }
    }
}

impl StatusDraft {
    /// What was chosen before, for one part of it to be chosen anew.
    #[must_use]
    pub fn of(status: &Status, now: Timestamp) -> Self {
        let left = |until: Option<Timestamp>| {
            until.map(|until| {
                let millis = until.unix_millis().saturating_sub(now.unix_millis());
                u64::try_from(millis).unwrap_or(0).div_ceil(1_000).max(1)
            })
        };
        Self {
            mode: status.mode,
            mode_seconds: left(status.mode_until),
            text: status.text.clone(),
            text_seconds: left(status.text_until),
        }
    }
}

/// After how many seconds it is `past` seconds past the reader's next midnight. Their clock may be
/// changed until then.
fn past_midnight(past: u64, now: Timestamp, zone: &dyn Fn(Timestamp) -> i32) -> u64 {
    let offset = zone(now);
    let expected = Day::seconds_left(now, offset) + past;
    let millis = i64::try_from(expected * 1_000).unwrap_or(0);
    let then = Timestamp::from_unix_millis(now.unix_millis() + millis);
    let put_back = i64::from(offset - zone(then)) * 60;
    expected.saturating_add_signed(put_back)
}

/// What a person's dot shows to themself.
#[must_use]
pub fn own_shape(mode: Mode, is_connected: bool) -> DotShape {
    match mode {
        _ if !is_connected => DotShape::Unknown,
        Mode::Automatic => DotShape::Online,
        Mode::Dnd => DotShape::Dnd,
        Mode::Invisible => DotShape::Offline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn today_ends_at_the_readers_midnight_and_tomorrow_begins_at_eight() {
        let now = time("2026-11-23T22:30:00Z");
        assert_eq!(Lapse::Today.seconds(now, &|_| 0), Some(90 * 60));
        assert_eq!(
            Lapse::Tomorrow.seconds(now, &|_| 0),
            Some(90 * 60 + 8 * 3_600)
        );
        assert_eq!(Lapse::Today.seconds(now, &|_| 60), Some(30 * 60));
        assert_eq!(
            Lapse::Today.seconds(now, &|_| 120),
            Some(23 * 3_600 + 30 * 60)
        );
        assert_eq!(
            Lapse::Today.seconds(now, &|_| -600),
            Some(11 * 3_600 + 30 * 60)
        );
    }

    proptest! {
        #[test]
        fn wherever_the_reader_is_their_day_ends_within_a_day_and_at_midnight(
            millis in 0..4_000_000_000_000_i64, zone in -720..=840_i32,
        ) {
            let now = Timestamp::from_unix_millis(millis);
            let left = Lapse::Today.seconds(now, &|_| zone).unwrap();
            prop_assert!((1..=DAY_SECONDS).contains(&left));
            let end = Timestamp::from_unix_millis(millis + i64::try_from(left).unwrap() * 1_000);
            prop_assert_eq!(Day::of(now, zone).days_before(Day::of(end, zone)), 1);
        }
    }

    #[test]
    fn eight_in_the_morning_is_eight_also_when_the_clock_is_changed_in_the_night() {
        let change = time("2026-03-29T01:00:00Z");
        let zone = |at: Timestamp| if at < change { 60 } else { 120 };
        let now = time("2026-03-28T21:00:00Z");
        assert_eq!(Lapse::Tomorrow.seconds(now, &zone), Some(9 * 3_600));
        assert_eq!(Lapse::Today.seconds(now, &zone), Some(2 * 3_600));
    }

    #[test]
    fn what_never_lapses_has_no_seconds() {
        assert_eq!(
            Lapse::Never.seconds(time("2026-11-23T22:30:00Z"), &|_| 0),
            None
        );
    }

    #[test]
    fn choosing_one_part_anew_keeps_what_is_left_of_the_other() {
        let status = Status {
            mode: Mode::Dnd,
            mode_until: Some(time("2026-11-23T12:00:00.500Z")),
            text: "Writing".into(),
            text_until: None,
        };
        let draft = StatusDraft::of(&status, time("2026-11-23T11:59:00Z"));
        assert_eq!(draft.mode_seconds, Some(61));
        assert_eq!(draft.text_seconds, None);
        assert_eq!((draft.mode, draft.text), (Mode::Dnd, "Writing".to_owned()));
    }

    #[test]
    fn what_should_have_lapsed_by_this_clock_lapses_at_once_rather_than_never() {
        let status = Status {
            text_until: Some(time("2026-11-23T12:00:00Z")),
            ..Status::default()
        };
        let draft = StatusDraft::of(&status, time("2026-11-23T13:00:00Z"));
        assert_eq!(draft.text_seconds, Some(1));
    }

    #[test]
    fn without_a_connection_nothing_is_claimed_of_ones_own_presence() {
        assert_eq!(own_shape(Mode::Automatic, true), DotShape::Online);
        assert_eq!(own_shape(Mode::Invisible, true), DotShape::Offline);
        assert_eq!(own_shape(Mode::Dnd, false), DotShape::Unknown);
    }
}
