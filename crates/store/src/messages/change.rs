//! Editing and deleting one's own messages.

use super::audience::is_closed;
use super::{message_columns, message_of};
use crate::database::Write;
use crate::row::bigint;
use crate::text::storable;
use crate::{Result, Store, stream};
use protocol::{ChatId, Message, MessageId, Timestamp, UserId};
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

impl Store {
    /// Replaces the text of a message, and gives its new form, which has a new offset.
    ///
    /// Nothing happens, and nothing is given, when there is no such message in the chat, when it is
    /// deleted, when `author` did not write it or has left the chat, and when the chat is a direct
    /// one of two people, of whom one has blocked the other.
    ///
    /// # Errors
    /// [`StoreError::BadValue`](crate::StoreError::BadValue) for a NUL.
    pub async fn edit_message(
        &self,
        chat_id: ChatId,
        message_id: MessageId,
        author: UserId,
        text: &str,
        at: Timestamp,
    ) -> Result<Option<Message>> {
        let edit = sqlx::query(concat!(
            "UPDATE messages SET changed_offset = $1, text = $5, edited_at = $6 \
             WHERE message_id = $2 AND chat_id = $3 AND author_id = $4 AND deleted_at IS NULL \
                 AND EXISTS (SELECT 1 FROM chat_members WHERE chat_id = $3 AND user_id = $4) \
             RETURNING ",
            message_columns!()
        ));
        let text = storable("message", text)?;
        let mut write = self.database.write().await?;
        if is_closed(&mut write, chat_id, author).await? {
            write.rollback().await?;
            return Ok(None);
        }
        change(write, |offset| {
            edit.bind(bigint(offset))
                .bind(message_id.to_string())
                .bind(chat_id.to_string())
                .bind(author.to_string())
                .bind(text.to_owned())
                .bind(at.unix_millis())
        })
        .await
    }

    /// Erases the text of a message, and gives what is left of it, which has a new offset.
    ///
    /// Nothing happens, and nothing is given, when there is no such message in the chat, when it is
    /// deleted already, and when `by` did not write it or has left the chat.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_message(
        &self,
        chat_id: ChatId,
        message_id: MessageId,
        by: UserId,
        at: Timestamp,
    ) -> Result<Option<Message>> {
        let delete = sqlx::query(concat!(
            "UPDATE messages SET changed_offset = $1, text = '', deleted_at = $5 \
             WHERE message_id = $2 AND chat_id = $3 AND author_id = $4 AND deleted_at IS NULL \
                 AND EXISTS (SELECT 1 FROM chat_members WHERE chat_id = $3 AND user_id = $4) \
             RETURNING ",
            message_columns!()
        ));
        let write = self.database.write().await?;
        change(write, |offset| {
            delete
                .bind(bigint(offset))
                .bind(message_id.to_string())
                .bind(chat_id.to_string())
                .bind(by.to_string())
                .bind(at.unix_millis())
        })
        .await
    }
}

/// Runs the UPDATE that `at_offset` makes for the next offset, which it takes if it changes a
/// message.
async fn change<'q>(
    mut write: Write,
    at_offset: impl FnOnce(u64) -> Query<'q, Any, AnyArguments>,
) -> Result<Option<Message>> {
    let offset = stream::lock(&mut write).await? + 1;
    let row = at_offset(offset).fetch_optional(&mut *write).await?;
    let Some(row) = row else {
        write.rollback().await?;
        return Ok(None);
    };
    let message = message_of(&row)?;
    stream::advance(&mut write, offset).await?;
    write.commit().await?;
    Ok(Some(message))
}
