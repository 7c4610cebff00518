//! The store as its callers see it, on a database of their own for each test.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod blocks;
mod chats;
mod child;
mod copy;
mod direct;
mod durability;
mod file;
mod fixture;
mod friends;
mod histories;
mod hostile;
mod invitations;
mod mentions;
mod messages;
mod nodes;
mod notifications;
mod opening;
mod postgres;
mod sessions;
mod several;
mod status;
mod users;
mod workspaces;
