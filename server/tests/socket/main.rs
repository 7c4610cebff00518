//! Real sockets against a real server: what browsers cannot do, and what each socket is told.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "../support/mod.rs"]
mod support;

mod admission;
mod counted;
mod frames;
mod heartbeat;
mod membership;
mod messages;
mod peer;
mod people;
mod presence;
mod restart;
mod resume;
mod rfc6455;
mod slow_reader;
mod typing;
