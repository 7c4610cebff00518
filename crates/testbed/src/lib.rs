//! What tests and drills run against: servers of their own, and a way to them that fails when told to.
//!
//! Whatever goes wrong here is a test that cannot be made: it panics, and says what was missing.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod balancer;
mod clock;
mod proxy;
mod published;
mod redis;

pub use balancer::Balancer;
pub use clock::WrongClock;
pub use proxy::{Proxy, Way};
pub use published::Published;
pub use redis::Redis;
