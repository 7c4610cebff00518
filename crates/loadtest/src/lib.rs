//! The native client: for tests against real sockets, for load and for benchmarks.
//!
//! [`Client`] is a thin driver around the machine of [`connection`], the same that drives a browser's
//! tab: it carries out effects, sleeps until the next deadline, and decides nothing itself.
//! [`Server`] is what a program needs of the REST API. Neither speaks TLS.

#![forbid(unsafe_code)]

mod authorization;
mod client;
mod driver;
mod server;
mod socket;
mod task;

pub use authorization::Authorization;
pub use client::{Client, ClientOptions, TimedOut};
pub use server::{HttpError, Server};
