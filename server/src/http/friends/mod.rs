//! `/api/v1/friends` and `/api/v1/blocks`.

pub(super) mod accept;
pub(super) mod ask;
pub(super) mod block;
pub(super) mod end;
pub(super) mod list;
pub(super) mod requests;
pub(super) mod unblock;
