//! `/api/v1/notifications`.

pub(super) mod list;
pub(super) mod read;
