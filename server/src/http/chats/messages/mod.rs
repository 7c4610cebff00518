//! `/api/v1/chats/{id}/messages`.

pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod list;
pub(crate) mod send;
