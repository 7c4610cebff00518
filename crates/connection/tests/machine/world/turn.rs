//! What may go wrong in a world, in any order.

use super::{LATENCY, World, server::Mood};
use crate::tab::{HOUR, SECOND};
use connection::Event;
use proptest::{collection::vec, prelude::*};
use protocol::CloseCode;

/// Something changes, and the world goes on for a while.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    change: Change,
    random: f64,
    then: u64,
}

#[derive(Clone, Debug)]
enum Change {
    Mood(Mood),
    Busy(bool),
    /// Every connection is lost; the tab is told, or has to find out.
    Cut {
        is_told: bool,
    },
    Network {
        is_up: bool,
        is_told: bool,
    },
    Restart {
        has_new_epoch: bool,
    },
    SignedIn(bool),
    OthersWrite(u8),
    Write {
        chat: u8,
        is_unwanted: bool,
    },
    Drain {
        after: u64,
        spread: u64,
    },
    Page(Event),
    Sleep(u64),
    SetClock(i64),
    Nothing,
}

pub(super) fn turns() -> impl Strategy<Value = Vec<Turn>> {
    vec(turn(), 1..60)
}

fn turn() -> impl Strategy<Value = Turn> {
    let then = prop_oneof![
        4 => 0..500_u64,
        4 => 0..5 * SECOND,
        2 => 0..40 * SECOND,
    ];
    (change(), 0.0..1.0, then).prop_map(|(change, random, then)| Turn {
        change,
        random,
        then,
    })
}

fn change() -> impl Strategy<Value = Change> {
    let mood = prop_oneof![
        6 => Just(Mood::Good),
        2 => Just(Mood::Refuses),
        2 => Just(Mood::Hangs),
        1 => Just(Mood::IsDeaf),
        1 => prop::sample::select(vec![1013, 4408, 4429, 4401]).prop_map(Mood::Closes),
        1 => prop::sample::select(vec![1000, 4500]).prop_map(Mood::Closes),
    ];
    let page = prop::sample::select(vec![
        Event::Hidden,
        Event::Visible,
        Event::Visible,
        Event::Focus,
        Event::PageHide,
        Event::PageShow,
        Event::NetworkChanged,
        Event::Click,
        Event::Offline,
        Event::NetworkOnline,
    ]);
    prop_oneof![
        5 => mood.prop_map(Change::Mood),
        2 => any::<bool>().prop_map(Change::Busy),
        5 => any::<bool>().prop_map(|is_told| Change::Cut { is_told }),
        3 => (prop::bool::weighted(0.7), any::<bool>())
            .prop_map(|(is_up, is_told)| Change::Network { is_up, is_told }),
        2 => any::<bool>().prop_map(|has_new_epoch| Change::Restart { has_new_epoch }),
        1 => prop::bool::weighted(0.9).prop_map(Change::SignedIn),
        10 => (1..7_u8).prop_map(Change::OthersWrite),
        14 => (0..2_u8, prop::bool::weighted(0.1))
            .prop_map(|(chat, is_unwanted)| Change::Write { chat, is_unwanted }),
        4 => (0..5 * SECOND, 0..5 * SECOND)
            .prop_map(|(after, spread)| Change::Drain { after, spread }),
        8 => page.prop_map(Change::Page),
        2 => (0..HOUR).prop_map(Change::Sleep),
        1 => prop_oneof![Just(3_600_000), Just(-3_600_000)].prop_map(Change::SetClock),
        6 => Just(Change::Nothing),
    ]
}

impl World {
    /// Lives through these turns from the start.
    pub(super) fn after(turns: &[Turn]) -> Self {
        let mut world = Self::new();
        world.take(Event::Start);
        for turn in turns {
            world.tab.random = turn.random;
            world.change(&turn.change);
            world.run(turn.then);
        }
        world
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Mood(mood) => self.set_mood(*mood),
            Change::Busy(is_busy) => self.server.is_busy = *is_busy,
            Change::Cut { is_told } => self.lose(*is_told),
            Change::Network { is_up, is_told } => {
                self.has_network = *is_up;
                if !is_up {
                    self.cut();
                }
                if *is_told {
                    let event = if *is_up {
                        Event::NetworkOnline
                    } else {
                        Event::Offline
                    };
                    self.take(event);
                }
            }
            Change::Restart { has_new_epoch } => {
                self.restart();
                if *has_new_epoch {
                    self.server.new_epoch();
                }
            }
            Change::SignedIn(is_signed_in) => self.is_signed_in = *is_signed_in,
            Change::OthersWrite(count) => (0..*count).for_each(|_| self.others_write()),
            Change::Write { chat, is_unwanted } => self.write(*chat, *is_unwanted),
            Change::Drain { after, spread } => self.drain(*after, *spread),
            Change::Page(event) => self.take(event.clone()),
            Change::Sleep(time) => {
                self.tab.pass(*time);
                // No server waits for a client for so long.
                if *time > 60 * SECOND {
                    self.cut();
                }
            }
            Change::SetClock(by) => self.tab.now.wall_ms += by,
            Change::Nothing => {}
        }
    }

    fn lose(&mut self, is_told: bool) {
        for generation in self.cut() {
            if is_told {
                let closed = Event::Closed(generation, CloseCode::ABNORMAL, String::new());
                self.depart(LATENCY, super::Arrival::Tab(closed));
            }
        }
    }
}
