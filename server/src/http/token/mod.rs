//! `/api/v1/token`: a program's sign-in.

pub(super) mod create;
