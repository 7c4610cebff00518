//! The connection machine: its phase table row by row, the story of an outage, its invariants over
//! random events, and a world of a faulty server in which it has to find its way.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod announcements;
mod frames;
mod invariants;
mod missed;
mod outage;
mod outbox;
mod schedule;
mod tab;
mod table;
mod world;
