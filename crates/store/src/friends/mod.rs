//! Friendship, which is mutual, and the requests that lead to it.

mod ask;
mod end;
mod read;

pub use ask::{Answered, Asked};
pub use end::Ended;
pub(crate) use end::end;
pub use read::Circle;
pub(crate) use read::{related, relations_of};

use crate::database::Write;
use crate::notifications::lock;
use crate::{Result, StoreError};
use protocol::UserId;

/// Locks what two people are to each other until `write` ends.
///
/// # Errors
/// [`StoreError::NotFound`] when one of them has no account, or they are one person.
pub(crate) async fn lock_both(write: &mut Write, one: UserId, other: UserId) -> Result<()> {
    if one == other {
        return Err(StoreError::NotFound);
    }
    lock(write, one.min(other)).await?;
    lock(write, one.max(other)).await?;
    Ok(())
}
