//! What happens when machines fail, with real processes: servers, a Redis and a PostgreSQL.
//!
//! Each drill measures what observers at the servers are told, and holds it against what is promised.
//! By default the numbers are small; with `ROLLCALL_DRILL=full` they are those of an installation:
//! `make drill`. `ROLLCALL_TEST_POSTGRES` leads to the PostgreSQL.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "../support/mod.rs"]
mod support;

mod cluster;
mod database_away;
mod interest;
mod movers;
mod node;
mod numbers;
mod observer;
mod people;
mod reapers;
mod redis_away;
mod servers_away;
