//! `/api/v1/chats/{id}/members`.

pub(crate) mod add;
pub(crate) mod list;
pub(crate) mod remove;
