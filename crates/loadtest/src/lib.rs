//! The native client: for tests against real sockets, for load and for benchmarks.
//!
//! [`Client`] is a thin driver around the machine of [`connection`], the same that drives a browser's
//! tab: it carries out effects, sleeps until the next deadline, and decides nothing itself.
//! [`Server`] is what a program needs of the REST API. Neither speaks TLS.
//!
//! What measures starts a [`Program`] with [`People`] who have signed in, and asks the system what that
//! [`Process`] costs. `rollcall-load` is the load itself: docs/performance.md.

#![forbid(unsafe_code)]

mod authorization;
mod client;
mod driver;
mod frames;
mod latencies;
mod people;
mod process;
mod program;
mod reader;
mod server;
mod socket;
mod task;
mod traffic;

pub use authorization::Authorization;
pub use client::{Client, ClientOptions, TimedOut};
pub use latencies::Latencies;
pub use people::{ChatRoom, People, Person};
pub use process::{Process, kernel_bytes};
pub use program::{Program, StartError, command};
pub use reader::{ReadError, Reader};
pub use server::{HttpError, Server};
pub use traffic::Traffic;
