//! Several nodes, a store that fails, and people who come and go: the very code that runs, on simulated
//! time, over random schedules that a seed gives.
//!
//! `SIMULATION_SEEDS=100000` tries so many, `SIMULATION_SEEDS=4711..4712` only that one. What fails is
//! shrunk: steps are left out as long as it still fails.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod fault;
mod gate;
mod judge;
mod schedule;
#[path = "../support/store.rs"]
mod store;
mod stories;
mod world;

use fault::Fault;
use schedule::Schedule;
use std::{
    env,
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

/// So many seeds are tried unless the environment says otherwise.
const SEEDS: u64 = 2_000;

#[test]
fn whatever_fails_nobody_is_falsely_offline_and_in_the_end_everything_is_right() {
    let seeds = seeds();
    let next = AtomicU64::new(seeds.start);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let found = thread::scope(|scope| {
        let search = || {
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    return None;
                }
                let schedule = Schedule::of(seed);
                if let Err(violation) = world::run(&schedule, Fault::Nothing) {
                    // The others need not go on.
                    next.store(seeds.end, Ordering::Relaxed);
                    return Some((schedule, violation));
                }
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(search)).collect();
        let found = workers.into_iter().filter_map(|it| it.join().unwrap());
        found.min_by_key(|(schedule, _)| schedule.seed)
    });
    if let Some((schedule, violation)) = found {
        panic!("{}", report(schedule, violation, Fault::Nothing));
    }
}

#[test]
fn a_seed_always_has_the_same_course() {
    for seed in 0..5 {
        let schedule = Schedule::of(seed);
        let course = || world::course(&schedule, Fault::Nothing);
        assert_eq!(course(), course(), "{seed}");
    }
}

/// What is wrong must be found, or a course without a violation says nothing.
#[test]
fn whatever_is_wrong_on_purpose_is_found_out() {
    for (fault, found) in [
        (Fault::HastyGrace, "offline at node"),
        (Fault::ShortLease, "while connected"),
        (Fault::ShortPatience, "a living tab was closed"),
        (Fault::NoReaper, "in the end"),
        (Fault::BlindStore, ""),
        (Fault::WearingReads, "was changed by reading"),
        (Fault::DoubtedSignOut, "after signing out"),
        (Fault::LateMend, "a beat after everything healed"),
    ] {
        let (_, violation) = first_violation(fault);
        assert!(violation.contains(found), "{fault:?}: {violation}");
    }
}

#[test]
fn a_violation_is_told_by_the_steps_that_it_takes_and_by_how_to_replay_it() {
    let fault = Fault::HastyGrace;
    let violation_of = |schedule: &Schedule| world::run(schedule, fault).err();
    let (schedule, violation) = first_violation(fault);
    let (seed, all) = (schedule.seed, schedule.steps.len());

    let (shortest, _) = shrink(schedule.clone(), violation.clone(), fault);
    assert!(violation_of(&shortest).is_some());
    let steps = shortest.steps.len();
    assert!(steps < all / 2, "{steps} of {all}");
    for step in 0..steps {
        let mut shorter = shortest.clone();
        shorter.steps.remove(step);
        assert_eq!(violation_of(&shorter), None, "step {step} is of no use");
    }
    let report = report(schedule, violation, fault);
    let replay = format!("replay: make simulate SEEDS={seed}..{}", seed + 1);
    assert!(report.ends_with(&replay), "{report}");
}

/// The first schedule of a hundred in which something that is wrong on purpose is found out.
fn first_violation(fault: Fault) -> (Schedule, String) {
    let violation = |it: Schedule| world::run(&it, fault).err().map(|found| (it, found));
    let found = (0..100).map(Schedule::of).find_map(violation);
    found.unwrap_or_else(|| panic!("{fault:?} is not found"))
}

/// What somebody needs to know of a violation.
fn report(schedule: Schedule, violation: String, fault: Fault) -> String {
    let (shortest, violation) = shrink(schedule, violation, fault);
    let seed = shortest.seed;
    let steps: Vec<_> = shortest
        .steps
        .iter()
        .map(|it| format!("    {it:?}"))
        .collect();
    format!(
        "{violation}\n{}\ntold:\n    {}\nreplay: make simulate SEEDS={seed}..{}",
        steps.join("\n"),
        world::course(&shortest, fault).join("\n    "),
        seed + 1
    )
}

/// Leaves out what is not needed for it to fail: halves first, then ever smaller parts, until each step
/// that is left is needed.
fn shrink(mut schedule: Schedule, mut violation: String, fault: Fault) -> (Schedule, String) {
    let mut size = schedule.steps.len().div_ceil(2);
    loop {
        let before = schedule.steps.len();
        let mut at = 0;
        while at < schedule.steps.len() {
            let mut shorter = schedule.clone();
            let end = (at + size).min(shorter.steps.len());
            shorter.steps.drain(at..end);
            match world::run(&shorter, fault) {
                Err(found) => (schedule, violation) = (shorter, found),
                Ok(()) => at += size,
            }
        }
        if size > 1 {
            size /= 2;
        } else if schedule.steps.len() == before {
            return (schedule, violation);
        }
    }
}

fn seeds() -> Range<u64> {
    let Ok(text) = env::var("SIMULATION_SEEDS") else {
        return 0..SEEDS;
    };
    match text.split_once("..") {
        Some((from, to)) => from.parse().unwrap()..to.parse().unwrap(),
        None => 0..text.parse().unwrap(),
    }
}
