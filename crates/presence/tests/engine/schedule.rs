//! Random schedules: opens, closings, closes in any order (twice, unknown, before the open),
//! activity, session ends, reads, and time.

use crate::world::{SECOND, World, socket, user};
use presence::{CloseReason, Event, Settings};
use proptest::prelude::*;
use std::time::Duration;

/// All times in a schedule are whole ticks.
pub(crate) const TICK: Duration = Duration::from_millis(100);
pub(crate) const USERS: u8 = 3;
const SESSIONS: u8 = 4;
const SOCKETS: u8 = 2;

/// User, session of that user, connection of that session.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Open(u8, u8, u8),
    Activity(u8, u8, u8),
    Closing(u8, u8, u8),
    Closed(u8, u8, u8),
    EndSession(u8, u8),
    Read(u8),
    Wait(Duration),
}

impl Step {
    pub(crate) fn event(&self) -> Option<Event> {
        Some(match *self {
            Self::Open(u, s, c) => Event::Open(socket(u, s, c)),
            Self::Activity(u, s, c) => Event::Activity(socket(u, s, c).key()),
            Self::Closing(u, s, c) => Event::Closing(socket(u, s, c).key()),
            Self::Closed(u, s, c) => {
                Event::Closed(socket(u, s, c).key(), CloseReason::TransportLost)
            }
            Self::EndSession(u, s) => Event::SessionEnded {
                user: user(u),
                session: socket(u, s, 0).session,
            },
            Self::Read(_) | Self::Wait(_) => return None,
        })
    }
}

impl World {
    pub(crate) fn take(&mut self, step: &Step) {
        match step {
            Step::Wait(time) => self.wait(*time),
            Step::Read(user) => {
                self.presence(*user);
                self.diagnostics(*user);
            }
            step => {
                self.send(step.event().expect("all other steps are events"));
            }
        }
    }
}

pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    prop_oneof![
        4 => Just(Settings::default()),
        1 => Just(Settings { offline_grace: Duration::ZERO, ..Settings::default() }),
        1 => Just(Settings { offline_grace: 90 * SECOND, ..Settings::default() }),
    ]
}

pub(crate) fn schedule() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..80)
}

fn step() -> impl Strategy<Value = Step> {
    let key = || (0..USERS, 0..SESSIONS, 0..SOCKETS);
    prop_oneof![
        8 => key().prop_map(|(u, s, c)| Step::Open(u, s, c)),
        4 => key().prop_map(|(u, s, c)| Step::Activity(u, s, c)),
        4 => key().prop_map(|(u, s, c)| Step::Closing(u, s, c)),
        8 => key().prop_map(|(u, s, c)| Step::Closed(u, s, c)),
        2 => (0..USERS, 0..SESSIONS).prop_map(|(u, s)| Step::EndSession(u, s)),
        2 => (0..USERS).prop_map(Step::Read),
        6 => time().prop_map(Step::Wait),
    ]
}

/// Mostly near the numbers at which something happens.
fn time() -> impl Strategy<Value = Duration> {
    prop_oneof![
        4 => (1..=10_u32).prop_map(|n| n * TICK),
        4 => (25..=35_u32).prop_map(|n| n * TICK),
        2 => (1..=40_u32).prop_map(|n| n * SECOND),
        1 => (595..=605_u32).prop_map(|n| n * TICK),
        1 => Just(700 * SECOND),
    ]
}
