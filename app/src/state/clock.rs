//! How times are shown.

use super::day::{self, Day};
use crate::{
    browser::{self, Style},
    flow::{effect, memo},
};
use leptos::prelude::*;
use protocol::Timestamp;
use std::time::Duration;

/// How often "5 min ago" is looked at again.
const BEAT: Duration = Duration::from_secs(30);

/// In UTC until the page has come to life and the browser has nothing else to do, so that server and
/// browser draw the same first page; then in the reader's locale and zone. A context.
#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<Option<Timestamp>>,
    /// The reader's day, and how many minutes their clock is ahead of UTC. Separate from `now`, so that
    /// what hangs on them is not written anew with every beat.
    today: Memo<Option<(Day, i32)>>,
}

impl Clock {
    /// A clock in UTC, which becomes local by itself once it runs in a browser.
    #[must_use]
    pub fn new() -> Self {
        let now = RwSignal::new(None);
        let clock = Self {
            now,
            today: memo(move || {
                let now = now.get()?;
                Some((local_day(now), browser::zone_minutes(now)))
            }),
        };
        effect(move || {
            // Once the page answers: before the first text in a reader's locale a browser reads tables, for
            // as long as a tenth of all that a page begins with, and more.
            browser::when_idle(move || {
                now.set(Some(browser::now()));
                set_interval(move || now.set(Some(browser::now())), BEAT);
            });
        });
        clock
    }

    /// A clock time, such as "16:42".
    #[must_use]
    pub fn clock(self, time: Timestamp) -> String {
        match self.today.get() {
            None => day::utc_clock(time),
            Some(_) => browser::write(Style::Clock, time),
        }
    }

    /// The day and the time in full.
    #[must_use]
    pub fn full(self, time: Timestamp) -> String {
        match self.today.get() {
            None => format!("{}, {} UTC", day::utc_day(time), day::utc_clock(time)),
            Some(_) => browser::write(Style::Full, time),
        }
    }

    /// A day: "Today", "Yesterday", or its date.
    #[must_use]
    pub fn day(self, time: Timestamp) -> String {
        match self.today.get() {
            None => day::utc_day(time),
            Some((today, _)) => match local_day(time).days_before(today) {
                0 => "Today".to_owned(),
                1 => "Yesterday".to_owned(),
                _ => browser::write(Style::Day, time),
            },
        }
    }

    /// A time that is to come: its clock time, with the day unless that is today.
    #[must_use]
    pub fn until(self, time: Timestamp) -> String {
        let clock = self.clock(time);
        match self.today.get() {
            None => format!("{} {clock} UTC", day::utc_day(time)),
            Some((today, _)) => match local_day(time).days_before(today) {
                0 => clock,
                -1 => format!("tomorrow {clock}"),
                _ => format!("{} {clock}", browser::write(Style::Day, time)),
            },
        }
    }

    /// How long ago, coarsely; the date in UTC while the time now is unknown.
    #[must_use]
    pub fn ago(self, time: Timestamp) -> String {
        match self.now.get() {
            None => day::utc_day(time),
            Some(now) => day::ago(now.unix_millis() - time.unix_millis()),
        }
    }

    /// How many minutes the reader's clock is ahead of UTC at a time.
    pub fn zone(self) -> impl Fn(Timestamp) -> i32 {
        let is_local = self.today.get().is_some();
        move |time| {
            if is_local {
                browser::zone_minutes(time)
            } else {
                0
            }
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

fn local_day(time: Timestamp) -> Day {
    Day::of(time, browser::zone_minutes(time))
}
