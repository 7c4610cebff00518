//! What presence costs, against how many users there are and how many of them are in a room:
//! `cargo bench -p presence --bench sizes`.
//!
//! Sizes for which no machine has the sockets: the directory in memory, and the engines in it, are told
//! what a million sockets would tell them, in tokio's paused time. How long anything takes is only
//! printed, beside how many times that is of the smallest size; what is answered and announced is
//! asserted at each size.
//!
//! With a path (`-- "$PWD/docs/performance/sizes.svg"`) it also draws the curves there.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]

mod chart;
mod world;

use chart::{Curve, Panel};
use std::{error::Error, time::Duration};
use world::{OPERATIONS, World};

/// Users who are online.
const USERS: [usize; 7] = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000];
/// Members of a room, of the most users.
const ROOMS: [usize; 9] = [10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000];
/// How often each size is measured, one after the other, so that a slow moment meets all of them.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let worlds: Result<Vec<World>, _> = USERS.into_iter().map(World::new).collect();
    let mut worlds = worlds?;
    let mut by_users = vec![[const { Vec::new() }; OPERATIONS.len()]; USERS.len()];
    let mut by_room = vec![Vec::new(); ROOMS.len()];
    for _ in 0..ROUNDS {
        for (world, samples) in worlds.iter_mut().zip(&mut by_users) {
            for (cost, samples) in world.round()?.into_iter().zip(samples) {
                samples.push(cost);
            }
        }
        if let Some(largest) = worlds.last_mut() {
            for (room, samples) in ROOMS.into_iter().zip(&mut by_room) {
                let [first, _again] = largest.read(room)?;
                samples.push(first);
            }
        }
    }

    let mut curves = Vec::new();
    for (place, name) in OPERATIONS.into_iter().enumerate() {
        let costs = by_users
            .iter_mut()
            .map(|samples| median(&mut samples[place]));
        curves.push(Curve::new(name, "µs", costs.map(micros)));
    }
    let bytes = worlds.iter().map(World::bytes_per_user);
    curves.push(Curve::new("memory of a user who is online", "B", bytes));
    let rooms = by_room.iter_mut().map(|samples| micros(median(samples)));
    let panels = [
        Panel {
            title: "Cost at so many users, as a multiple of the cost at 1,000",
            along: "users who are online",
            sizes: &USERS,
            curves,
        },
        Panel {
            title: "Cost of reading who is online in a room, as a multiple of a room of 10",
            along: "members of the room, among 1,000,000 users",
            sizes: &ROOMS,
            curves: vec![Curve::new("reading the whole room", "µs", rooms)],
        },
    ];
    for panel in &panels {
        println!("{panel}");
    }
    // Cargo adds a flag of its own.
    if let Some(path) = std::env::args().skip(1).find(|it| !it.starts_with("--")) {
        std::fs::write(path, chart::draw(&panels)?)?;
    }
    Ok(())
}

fn median(samples: &mut [Duration]) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}

fn micros(cost: Duration) -> f64 {
    cost.as_secs_f64() * 1e6
}
