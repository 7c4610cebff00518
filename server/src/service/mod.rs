//! What the server does for people: plain functions, one file a domain, called alike by REST, by
//! forms and by the server functions of the pages.

pub mod access;
pub mod accounts;
pub mod admin;
pub mod chats;
pub mod direct;
pub mod friends;
pub mod invitations;
pub mod members;
pub mod messages;
pub mod notifications;
pub mod pages;
pub mod presence;
mod request;
pub mod status;
pub mod workspaces;

pub use request::RequestService;

use std::fmt::Display;

/// What was changed is stored; that its telling failed is for the log, not for who changed it. Tabs
/// learn of it when they next load.
fn announce(told: Result<(), impl Display>) {
    if let Err(error) = told {
        tracing::error!(%error, "change_not_announced");
    }
}
