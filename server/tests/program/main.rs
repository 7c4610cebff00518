//! The program itself: how it starts, what it says when it cannot, and how it ends.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "../support/mod.rs"]
mod support;

mod backup;
mod database;
mod documents;
mod forged;
mod full_disk;
mod manage;
mod process;
mod secrets;
mod start;
mod stop;
