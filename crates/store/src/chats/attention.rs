//! How far a member has read a chat, and whether they want attention drawn to it.

use crate::notifications::{Cleared, clear_chat};
use crate::row::{Columns as _, bigint};
use crate::{Result, Store};
use protocol::{ChatId, UserId};

/// A member has read further than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadUpTo {
    /// The sequence of the newest message read.
    pub sequence: u64,
    /// What it did to their notifications, if it did anything.
    pub cleared: Option<Cleared>,
}

impl Store {
    /// Records that a member has read a chat up to its newest message that is not after `sequence`,
    /// and with it their notifications of the chat up to there. Gives how far that is when it is
    /// further than what they had read before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_read(
        &self,
        chat_id: ChatId,
        user_id: UserId,
        sequence: u64,
    ) -> Result<Option<ReadUpTo>> {
        let mut write = self.database.write().await?;
        let row = sqlx::query(
            "UPDATE chat_members SET read_sequence = reached.sequence \
             FROM (SELECT COALESCE(MAX(sequence), 0) AS sequence FROM messages \
                   WHERE chat_id = $1 AND sequence <= $3) AS reached \
             WHERE chat_id = $1 AND user_id = $2 AND read_sequence < reached.sequence \
             RETURNING read_sequence",
        )
        .bind(chat_id.to_string())
        .bind(user_id.to_string())
        .bind(bigint(sequence))
        .fetch_optional(&mut *write)
        .await?;
        let Some(row) = row else {
            write.rollback().await?;
            return Ok(None);
        };
        let sequence = row.number("read_sequence")?;
        let cleared = clear_chat(&mut write, user_id, chat_id, sequence).await?;
        write.commit().await?;
        Ok(Some(ReadUpTo { sequence, cleared }))
    }

    /// Records whether a member wants no attention drawn to a chat. False when they are not in it,
    /// or wanted that already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_muted(
        &self,
        chat_id: ChatId,
        user_id: UserId,
        is_muted: bool,
    ) -> Result<bool> {
        let mut write = self.database.write().await?;
        let update = sqlx::query(
            "UPDATE chat_members SET is_muted = $3 \
             WHERE chat_id = $1 AND user_id = $2 AND is_muted <> $3",
        )
        .bind(chat_id.to_string())
        .bind(user_id.to_string())
        .bind(i64::from(is_muted))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(update.rows_affected() > 0)
    }
}
