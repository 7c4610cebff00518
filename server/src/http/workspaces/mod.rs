//! `/api/v1/workspaces`.

pub(super) mod create;
pub(super) mod create_chat;
pub(super) mod list;
pub(super) mod list_chats;
pub(super) mod open_direct;
pub(super) mod presence;
