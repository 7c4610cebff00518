//! `/api/v1/admin`: for administrators; to others none of it is there.

pub(super) mod diagnostics;
