//! Every route over real HTTP: what it is for, and what it refuses.
#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod admin;
mod bad_input;
mod chats;
mod demo;
mod files;
mod forms;
mod invitations;
mod limits;
mod members;
mod messages;
mod openapi;
mod operations;
mod origin;
mod pages;
mod presence;
mod sessions;
mod sign_up;
mod tokens;
mod workspaces;
