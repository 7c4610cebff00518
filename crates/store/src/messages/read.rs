//! Reading messages: a page of a chat's history, or what has changed since an offset.

use super::{message_columns, message_of};
use crate::row::{Columns as _, bigint};
use crate::{Result, Store};
use protocol::{ChatId, Message, UserId};

/// One page of a chat's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// Messages, oldest first; deleted ones too, without their text.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub has_more: bool,
}

impl Store {
    /// The newest `limit` messages of a chat, of those older than the sequence `before` if given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(
        &self,
        chat_id: ChatId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<HistoryPage> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages WHERE chat_id = $1 AND sequence < $2 \
             ORDER BY sequence DESC LIMIT $3"
        ))
        .bind(chat_id.to_string())
        .bind(bigint(before.unwrap_or(u64::MAX)))
        .bind(i64::from(limit) + 1)
        .fetch_all(self.database.readers())
        .await?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut messages = rows
            .iter()
            .take(wanted)
            .map(message_of)
            .collect::<Result<Vec<_>>>()?;
        messages.reverse();
        Ok(HistoryPage {
            messages,
            has_more: rows.len() > wanted,
        })
    }

    /// The messages that were written, edited or deleted after `offset` in the chats that a person
    /// is in, in the order of their newest change: the first `limit` of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes_since(
        &self,
        user_id: UserId,
        offset: u64,
        limit: usize,
    ) -> Result<Vec<Message>> {
        sqlx::query(concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages WHERE sequence IN ( \
                 SELECT m.sequence FROM chat_members c JOIN messages m ON m.chat_id = c.chat_id \
                 WHERE c.user_id = $1 AND m.changed_offset > $2 \
                 ORDER BY m.changed_offset LIMIT $3) \
             ORDER BY changed_offset"
        ))
        .bind(user_id.to_string())
        .bind(bigint(offset))
        .bind(bigint(limit))
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(message_of)
        .collect()
    }

    /// Where the changes after one offset and up to another were made, in their order: the first
    /// `limit` of them. Of a message that was changed several times only the newest change is left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn changes_between(
        &self,
        after: u64,
        until: u64,
        limit: usize,
    ) -> Result<Vec<(u64, ChatId)>> {
        sqlx::query(
            "SELECT changed_offset, chat_id FROM messages \
             WHERE changed_offset > $1 AND changed_offset <= $2 \
             ORDER BY changed_offset LIMIT $3",
        )
        .bind(bigint(after))
        .bind(bigint(until))
        .bind(bigint(limit))
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(|row| Ok((row.number("changed_offset")?, row.id("chat_id")?)))
        .collect()
    }

    /// The message whose newest change is at this offset, if it was not changed again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_at(&self, offset: u64) -> Result<Option<Message>> {
        sqlx::query(concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages WHERE changed_offset = $1"
        ))
        .bind(bigint(offset))
        .fetch_optional(self.database.readers())
        .await?
        .as_ref()
        .map(message_of)
        .transpose()
    }
}
