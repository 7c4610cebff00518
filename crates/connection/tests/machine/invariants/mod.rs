//! The invariants of the connection, each a property over random lives of a tab.

mod attempts;
mod messages;
mod person;
mod progress;
mod sockets;

use crate::schedule::{life, live};
use connection::Settings;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use std::collections::BTreeMap;

#[test]
fn random_lives_reach_every_phase_and_online_often() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..100 {
        let life = life().new_tree(&mut runner).unwrap().current();
        for step in live(Settings::default(), &life).1 {
            let phase = format!("{:?}", step.after.phase());
            let name = phase.split([' ', '(']).next().unwrap_or_default();
            *seen.entry(name.to_owned()).or_default() += 1;
        }
    }
    let total: usize = seen.values().sum();
    assert_eq!(seen.len(), 7, "all but Idle: {seen:?}");
    assert!(seen["Online"] * 4 > total, "{seen:?}");
    assert!(seen.values().all(|count| count * 200 > total), "{seen:?}");
}
