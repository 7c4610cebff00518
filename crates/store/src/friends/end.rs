//! No longer friends, or not after all.

use super::lock_both;
use crate::database::Write;
use crate::notifications::{Cleared, remove_requests};
use crate::{Result, Store, StoreError};
use protocol::UserId;

/// What two people were to each other, and no longer are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// They were friends.
    pub was_friend: bool,
    /// One had asked the other.
    pub had_request: bool,
    /// The notifications of a request that waited to be read, whoever's, and are gone.
    pub cleared: Vec<Cleared>,
}

impl Store {
    /// Ends a friendship, declines a request or takes one back: whatever there is. Either may do it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_friendship(&self, me: UserId, other: UserId) -> Result<Ended> {
        let mut write = self.database.write().await?;
        match lock_both(&mut write, me, other).await {
            Err(StoreError::NotFound) => return Ok(Ended::default()),
            locked => locked?,
        }
        let ended = end(&mut write, me, other).await?;
        write.commit().await?;
        Ok(ended)
    }
}

/// [`Store::end_friendship`] as a part of a larger change. Both must be locked.
pub(crate) async fn end(write: &mut Write, me: UserId, other: UserId) -> Result<Ended> {
    let friends = sqlx::query(
        "DELETE FROM friends \
         WHERE (user_id = $1 AND friend_id = $2) OR (user_id = $2 AND friend_id = $1)",
    )
    .bind(me.to_string())
    .bind(other.to_string())
    .execute(&mut **write)
    .await?;
    let requests = sqlx::query(
        "DELETE FROM friend_requests \
         WHERE (asker_id = $1 AND asked_id = $2) OR (asker_id = $2 AND asked_id = $1)",
    )
    .bind(me.to_string())
    .bind(other.to_string())
    .execute(&mut **write)
    .await?;
    let mine = remove_requests(write, me, other).await?;
    let theirs = remove_requests(write, other, me).await?;
    Ok(Ended {
        was_friend: friends.rows_affected() > 0,
        had_request: requests.rows_affected() > 0,
        cleared: mine.into_iter().chain(theirs).collect(),
    })
}
