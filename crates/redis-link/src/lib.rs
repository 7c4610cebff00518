//! A link to Redis: requests with a deadline, subscriptions that are kept, and honesty about what may
//! have been missed.
//!
//! One connection carries both (RESP3, Redis 6 or newer). A [`Link`] is made anew whenever it is lost,
//! with everything that was subscribed to, and then [`Heard::Gap`] says that messages may have passed
//! unheard. Without a connection a request fails at once; nothing is queued for better times.

#![forbid(unsafe_code)]

mod connect;
mod link;
mod wishes;

pub use link::{Health, Heard, Link, RefusedError, Unreachable};
pub use redis;
