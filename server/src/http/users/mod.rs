//! `/api/v1/users`.

pub(super) mod create;
