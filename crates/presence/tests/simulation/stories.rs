//! What random schedules have found, by the steps that it took.

use crate::{
    fault::Fault,
    schedule::{Schedule, Step},
    world,
};
use protocol::Mode;

fn goes_well(steps: Vec<Step>) {
    let schedule = Schedule { seed: 0, steps };
    if let Err(violation) = world::run(&schedule, Fault::Nothing) {
        let told = world::course(&schedule, Fault::Nothing);
        panic!("{violation}\n{}", told.join("\n"));
    }
}

/// A node of which they had gone told a store that was new what they had chosen. That was all that it knew of
/// them, and lists said that they were offline.
#[test]
fn whoever_moves_while_the_store_forgets_is_not_offline_for_having_chosen_something() {
    goes_well(vec![
        Step::Open { node: 1, user: 1 },
        Step::Move {
            pick: 0,
            node: 2,
            after_ms: 537,
        },
        Step::Restore,
    ]);
}

/// A node decided by the time of before the store's clock was set back, and died: its connections counted
/// for an hour.
#[test]
fn whoever_was_at_a_node_that_died_as_the_clock_was_set_back_is_offline_in_the_end() {
    goes_well(vec![
        Step::Wait(5856),
        Step::Wait(7949),
        Step::Open { node: 1, user: 0 },
        Step::Restore,
        Step::Open { node: 2, user: 2 },
        Step::SetBack { by_ms: 3_600_000 },
        Step::Choose {
            node: 0,
            user: 1,
            mode: Mode::Automatic,
        },
        Step::Kill { node: 1 },
    ]);
}

/// A node that went on after a stop ended a grace before it noticed that it had been stopped, and that the
/// store had forgotten who had come since.
#[test]
fn a_node_that_was_stopped_ends_nothing_before_it_knows() {
    goes_well(vec![
        Step::Wait(994),
        Step::Open { node: 1, user: 3 },
        Step::Close { pick: 0 },
        Step::Save,
        Step::Jumble {
            node: 1,
            by_ms: 1658,
        },
        Step::Open { node: 0, user: 1 },
        Step::Wait(195),
        Step::Wait(944),
        Step::Restore,
        Step::Open { node: 0, user: 1 },
        Step::Open { node: 0, user: 0 },
        Step::Move {
            pick: 0,
            node: 1,
            after_ms: 925,
        },
        Step::Stop { node: 1 },
        Step::Wait(7909),
        Step::Open { node: 0, user: 3 },
        Step::Wait(3052),
        Step::Restore,
    ]);
}
