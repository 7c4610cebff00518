//! `/api/v1/me`.

pub(super) mod account;
pub(super) mod last_seen;
pub(super) mod read_status;
pub(super) mod set_status;
