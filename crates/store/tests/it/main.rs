//! The store as its callers see it, on a database of their own for each test.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod chats;
mod child;
mod durability;
mod file;
mod fixture;
mod histories;
mod hostile;
mod invitations;
mod messages;
mod opening;
mod sessions;
mod users;
mod workspaces;
