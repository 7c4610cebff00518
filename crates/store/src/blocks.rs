//! Who wants to hear nothing of whom.

use crate::database::Write;
use crate::friends::{Ended, end, lock_both};
use crate::{Result, Store};
use protocol::{Timestamp, UserId};

impl Store {
    /// Makes `me` hear nothing of `other` any more, and the other way round: ends their friendship
    /// and requests in the same transaction. Gives nothing when `me` has blocked `other` already.
    ///
    /// # Errors
    /// [`NotFound`](crate::StoreError::NotFound) when there is no such account, or it is one's own.
    pub async fn block(&self, me: UserId, other: UserId, at: Timestamp) -> Result<Option<Ended>> {
        let mut write = self.database.write().await?;
        lock_both(&mut write, me, other).await?;
        let insert = sqlx::query(
            "INSERT INTO blocks (user_id, blocked_id, blocked_at) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id, blocked_id) DO NOTHING",
        )
        .bind(me.to_string())
        .bind(other.to_string())
        .bind(at.unix_millis())
        .execute(&mut *write)
        .await?;
        if insert.rows_affected() == 0 {
            write.rollback().await?;
            return Ok(None);
        }
        let ended = end(&mut write, me, other).await?;
        write.commit().await?;
        Ok(Some(ended))
    }

    /// Takes back [`Store::block`]. What `other` did meanwhile stays as it is. False when `me` had
    /// not blocked `other`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unblock(&self, me: UserId, other: UserId) -> Result<bool> {
        let mut write = self.database.write().await?;
        let delete = sqlx::query("DELETE FROM blocks WHERE user_id = $1 AND blocked_id = $2")
            .bind(me.to_string())
            .bind(other.to_string())
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(delete.rows_affected() > 0)
    }
}

/// Whether one of two people has blocked the other.
pub(crate) async fn is_blocked(write: &mut Write, one: UserId, other: UserId) -> Result<bool> {
    let block = sqlx::query(
        "SELECT 1 FROM blocks \
         WHERE (user_id = $1 AND blocked_id = $2) OR (user_id = $2 AND blocked_id = $1) LIMIT 1",
    )
    .bind(one.to_string())
    .bind(other.to_string())
    .fetch_optional(&mut **write)
    .await?;
    Ok(block.is_some())
}

/// Whether `by` has blocked `other`.
pub(crate) async fn has_blocked(write: &mut Write, by: UserId, other: UserId) -> Result<bool> {
    let block = sqlx::query("SELECT 1 FROM blocks WHERE user_id = $1 AND blocked_id = $2")
        .bind(by.to_string())
        .bind(other.to_string())
        .fetch_optional(&mut **write)
        .await?;
    Ok(block.is_some())
}
