//! `/api/v1/session`: a browser's sign-in.

pub(super) mod create;
pub(super) mod delete;
