//! The pure engine: the rules of presence as properties over random schedules, and as the stories of
//! the bugs that gave rise to them.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod invariants;
mod kept;
mod model;
mod schedule;
mod sign_out;
mod stalls;
mod status;
mod stories;
mod world;
