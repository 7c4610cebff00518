//! Looking up chats.

use super::ChatKey;
use crate::role::StoredRole as _;
use crate::row::Columns as _;
use crate::text::is_storable;
use crate::{Result, Store};
use protocol::{Chat, ChatRole, UserId, WorkspaceId};
use sqlx::any::AnyRow;

/// Every chat `c` in the workspaces of the reader `$1`, joined or not, up to the WHERE clause.
///
/// The unread are those of others, not deleted, after what was read; see [`super::MAX_UNREAD`].
macro_rules! select_chats {
    ($condition:literal) => {
        concat!(
            "SELECT c.chat_id, c.workspace_id, c.slug, c.name, c.topic, c.is_private, mine.role, \
                 COALESCE(mine.read_sequence, 0) AS read_sequence, \
                 (SELECT COUNT(*) FROM ( \
                     SELECT m.sequence FROM messages m \
                     WHERE m.chat_id = c.chat_id AND m.sequence > mine.read_sequence \
                         AND m.author_id <> mine.user_id AND m.deleted_at IS NULL \
                     LIMIT 1000) AS of_others) AS unread \
             FROM chats c \
             JOIN workspace_members reader \
                 ON reader.workspace_id = c.workspace_id AND reader.user_id = $1 \
             LEFT JOIN chat_members mine ON mine.chat_id = c.chat_id AND mine.user_id = $1 \
             WHERE ",
            $condition
        )
    };
}

impl Store {
    /// The chats of a workspace that a person has joined, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chats_of(&self, user_id: UserId, workspace_id: WorkspaceId) -> Result<Vec<Chat>> {
        let query = select_chats!("c.workspace_id = $2 AND mine.user_id IS NOT NULL");
        self.list_chats(query, user_id, workspace_id).await
    }

    /// The public chats of a workspace that a member of it has not joined, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn joinable_chats(
        &self,
        user_id: UserId,
        workspace_id: WorkspaceId,
    ) -> Result<Vec<Chat>> {
        let query =
            select_chats!("c.workspace_id = $2 AND mine.user_id IS NULL AND c.is_private = 0");
        self.list_chats(query, user_id, workspace_id).await
    }

    /// A chat, if the reader has joined it, or could: a public one of a workspace of theirs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chat(&self, reader: UserId, key: ChatKey<'_>) -> Result<Option<Chat>> {
        let query = match key {
            ChatKey::Id(chat_id) => sqlx::query(select_chats!(
                "c.chat_id = $2 AND (mine.user_id IS NOT NULL OR c.is_private = 0)"
            ))
            .bind(reader.to_string())
            .bind(chat_id.to_string()),
            ChatKey::Slug(_, slug) if !is_storable(slug) => return Ok(None),
            ChatKey::Slug(workspace_id, slug) => sqlx::query(select_chats!(
                "c.workspace_id = $2 AND c.slug = $3 \
                 AND (mine.user_id IS NOT NULL OR c.is_private = 0)"
            ))
            .bind(reader.to_string())
            .bind(workspace_id.to_string())
            .bind(slug),
        };
        query
            .fetch_optional(self.database.readers())
            .await?
            .map(|row| chat_of(&row))
            .transpose()
    }

    async fn list_chats(
        &self,
        query: &'static str,
        user_id: UserId,
        workspace_id: WorkspaceId,
    ) -> Result<Vec<Chat>> {
        let mut chats = sqlx::query(query)
            .bind(user_id.to_string())
            .bind(workspace_id.to_string())
            .fetch_all(self.database.readers())
            .await?
            .iter()
            .map(chat_of)
            .collect::<Result<Vec<_>>>()?;
        // Sorted here because engines disagree on the order of text.
        chats.sort_by_cached_key(|chat| (chat.name.to_lowercase(), chat.chat_id));
        Ok(chats)
    }
}

fn chat_of(row: &AnyRow) -> Result<Chat> {
    Ok(Chat {
        chat_id: row.id("chat_id")?,
        workspace_id: row.id("workspace_id")?,
        slug: row.text("slug")?,
        name: row.text("name")?,
        topic: row.text("topic")?,
        is_private: row.flag("is_private")?,
        role: row
            .optional_text("role")?
            .map(ChatRole::named)
            .transpose()?,
        read_offset: row.number("read_sequence")?,
        unread: row.number("unread")?,
    })
}
