//! Who belongs to a chat, and how far they have read.

use crate::database::Write;
use crate::role::StoredRole as _;
use crate::row::{Columns as _, bigint};
use crate::{Result, Store, StoreError, stream};
use protocol::{ChatId, ChatRole, Timestamp, UserId};

/// A member of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMember {
    /// Who.
    pub user_id: UserId,
    /// The name used to sign in.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// What they may do.
    pub role: ChatRole,
    /// When they were last here, if ever.
    pub last_seen: Option<Timestamp>,
}

impl Store {
    /// A person's role in a chat; nothing when they have not joined, or there is no such chat.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chat_role(&self, chat_id: ChatId, user_id: UserId) -> Result<Option<ChatRole>> {
        sqlx::query("SELECT role FROM chat_members WHERE chat_id = $1 AND user_id = $2")
            .bind(chat_id.to_string())
            .bind(user_id.to_string())
            .fetch_optional(self.database.readers())
            .await?
            .map(|row| ChatRole::named(&row.text("role")?))
            .transpose()
    }

    /// Everybody in a chat, in the order of joining.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chat_members(&self, chat_id: ChatId) -> Result<Vec<ChatMember>> {
        sqlx::query(
            "SELECT user_id, username, display_name, role, last_seen \
             FROM chat_members JOIN users USING (user_id) \
             WHERE chat_id = $1 ORDER BY joined_at, user_id",
        )
        .bind(chat_id.to_string())
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(|row| {
            Ok(ChatMember {
                user_id: row.id("user_id")?,
                username: row.text("username")?,
                display_name: row.text("display_name")?,
                role: ChatRole::named(&row.text("role")?)?,
                last_seen: row.optional_time("last_seen")?,
            })
        })
        .collect()
    }

    /// Makes a person a member, who has read all that was written before. False when they were one
    /// already; their role and what they have read stay. Whoever joins a chat without an owner
    /// becomes one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such chat, or they are not in its workspace.
    pub async fn add_chat_member(
        &self,
        chat_id: ChatId,
        user_id: UserId,
        role: ChatRole,
        at: Timestamp,
    ) -> Result<bool> {
        let mut write = self.database.write().await?;
        stream::lock(&mut write).await?;
        if join(&mut write, chat_id, user_id, role, at).await? {
            write.commit().await?;
            return Ok(true);
        }
        write.rollback().await?;
        match self.chat_role(chat_id, user_id).await? {
            Some(_) => Ok(false),
            None => Err(StoreError::NotFound),
        }
    }

    /// Takes a person out of a chat. False when they were not in it. Their messages stay. When the
    /// last owner goes, whoever has been a member for longest becomes one: a chat that has members
    /// has somebody who manages it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_chat_member(&self, chat_id: ChatId, user_id: UserId) -> Result<bool> {
        let mut write = self.database.write().await?;
        // Two owners who leave at the same time must see each other go.
        stream::lock(&mut write).await?;
        let delete = sqlx::query("DELETE FROM chat_members WHERE chat_id = $1 AND user_id = $2")
            .bind(chat_id.to_string())
            .bind(user_id.to_string())
            .execute(&mut *write)
            .await?;
        sqlx::query(
            "UPDATE chat_members SET role = $2 \
             WHERE chat_id = $1 \
                 AND user_id = (SELECT user_id FROM chat_members WHERE chat_id = $1 \
                                ORDER BY joined_at, user_id LIMIT 1) \
                 AND NOT EXISTS (SELECT 1 FROM chat_members WHERE chat_id = $1 AND role = $2)",
        )
        .bind(chat_id.to_string())
        .bind(ChatRole::Owner.name())
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(delete.rows_affected() > 0)
    }

    /// Records that a member has read a chat up to its newest message that is not after `sequence`.
    /// Gives that message's sequence when it is further than what they had read before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_read(
        &self,
        chat_id: ChatId,
        user_id: UserId,
        sequence: u64,
    ) -> Result<Option<u64>> {
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
        let reached = row.number("read_sequence")?;
        write.commit().await?;
        Ok(Some(reached))
    }
}

/// Makes a person a member who has read everything so far, and an owner where there is none. False
/// when they are one already, or there is no such chat in a workspace of theirs. The stream must be
/// locked.
pub(super) async fn join(
    write: &mut Write,
    chat_id: ChatId,
    user_id: UserId,
    role: ChatRole,
    at: Timestamp,
) -> Result<bool> {
    let insert = sqlx::query(
        "INSERT INTO chat_members \
             (chat_id, user_id, workspace_id, role, read_sequence, joined_at) \
         SELECT c.chat_id, w.user_id, c.workspace_id, \
             CASE WHEN EXISTS (SELECT 1 FROM chat_members o \
                               WHERE o.chat_id = c.chat_id AND o.role = $5) THEN $3 ELSE $5 END, \
             (SELECT COALESCE(MAX(m.sequence), 0) FROM messages m WHERE m.chat_id = c.chat_id), $4 \
         FROM chats c JOIN workspace_members w ON w.workspace_id = c.workspace_id \
         WHERE c.chat_id = $1 AND w.user_id = $2 \
         ON CONFLICT (chat_id, user_id) DO NOTHING",
    )
    .bind(chat_id.to_string())
    .bind(user_id.to_string())
    .bind(role.name())
    .bind(at.unix_millis())
    .bind(ChatRole::Owner.name())
    .execute(&mut **write)
    .await?;
    Ok(insert.rows_affected() > 0)
}
