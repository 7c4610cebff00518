//! Directories: what every one must do, and what the one in memory does besides.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod bounds;
mod concurrency;
mod conformance;
mod joining;
mod memory;
mod people;
mod redis;
mod shared;
