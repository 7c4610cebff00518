//! The version of a person's notifications.

use crate::database::Write;
use crate::row::Columns as _;
use crate::{Result, StoreError};
use protocol::UserId;

/// Locks a person's row until `write` ends, and gives the version of their notifications.
///
/// Whatever changes notifications, or what people are to each other, begins with this, in the order
/// of their ids where there are several: on every engine such changes of one person run one after
/// the other, and never wait in a circle.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such account.
pub(crate) async fn lock(write: &mut Write, user_id: UserId) -> Result<u64> {
    sqlx::query(
        "UPDATE users SET notifications_version = notifications_version \
         WHERE user_id = $1 RETURNING notifications_version",
    )
    .bind(user_id.to_string())
    .fetch_optional(&mut **write)
    .await?
    .ok_or(StoreError::NotFound)?
    .number("notifications_version")
}

/// Takes the next version, and locks the row like [`lock`].
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such account.
pub(super) async fn next(write: &mut Write, user_id: UserId) -> Result<u64> {
    sqlx::query(
        "UPDATE users SET notifications_version = notifications_version + 1 \
         WHERE user_id = $1 RETURNING notifications_version",
    )
    .bind(user_id.to_string())
    .fetch_optional(&mut **write)
    .await?
    .ok_or(StoreError::NotFound)?
    .number("notifications_version")
}
