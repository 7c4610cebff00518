//! `/api/v1/chats`.

pub(super) mod members;
pub(super) mod messages;
pub(super) mod mute;
pub(super) mod presence;
pub(super) mod update;
