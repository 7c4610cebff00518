//! The pages, one a file.

#[cfg(feature = "ssr")]
mod admin;
mod chat;
mod create_workspace;
mod door;
mod error;
mod home;
mod join;
mod loaded;
mod not_found;
mod people;
mod settings;
mod sign_in;
mod sign_up;
mod status;
mod workspace;
mod workspace_home;

#[cfg(feature = "ssr")]
pub use admin::*;
pub use chat::*;
pub use create_workspace::*;
pub use door::*;
pub use error::*;
pub use home::*;
pub use join::*;
pub use not_found::*;
pub use people::*;
pub use settings::*;
pub use sign_in::*;
pub use sign_up::*;
pub use workspace::*;
pub use workspace_home::*;
