//! Looking up chats.

use super::ChatKey;
use crate::name::StoredName as _;
use crate::person::{author_of, listing_key};
use crate::row::Columns as _;
use crate::text::is_storable;
use crate::{Result, Store};
use protocol::{Author, Chat, ChatId, ChatKind, ChatRole, UserId, WorkspaceId};
use sqlx::any::AnyRow;
use std::collections::HashMap;
use std::slice::from_mut;

/// Every chat `c` in the workspaces of the reader `$1`, joined or not, up to the WHERE clause.
///
/// The unread are those of others, not deleted, after what was read; see [`super::MAX_UNREAD`].
macro_rules! select_chats {
    ($condition:literal) => {
        concat!(
            "SELECT c.chat_id, c.workspace_id, c.slug, c.name, c.topic, c.is_private, mine.role, \
                 CASE WHEN c.direct_key IS NULL THEN 0 ELSE 1 END AS is_direct, \
                 COALESCE(mine.is_muted, 0) AS is_muted, \
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

/// The others of each direct chat that the reader `$1` is in, up to the rest of the condition.
macro_rules! select_people {
    ($condition:literal) => {
        concat!(
            "SELECT other.chat_id, other.user_id, u.display_name \
             FROM chat_members mine \
             JOIN chats c ON c.chat_id = mine.chat_id AND c.direct_key IS NOT NULL \
             JOIN chat_members other \
                 ON other.chat_id = mine.chat_id AND other.user_id <> mine.user_id \
             JOIN users u ON u.user_id = other.user_id \
             WHERE mine.user_id = $1 AND ",
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
        let row = query.fetch_optional(self.database.readers()).await?;
        let mut chat = row.map(|row| chat_of(&row)).transpose()?;
        if let Some(chat) = &mut chat {
            let people = select_people!("mine.chat_id = $2");
            let chat_id = chat.chat_id.to_string();
            self.name_direct(from_mut(chat), people, reader, chat_id)
                .await?;
        }
        Ok(chat)
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
        let people = select_people!("mine.workspace_id = $2");
        self.name_direct(&mut chats, people, user_id, workspace_id.to_string())
            .await?;
        // Sorted here because engines disagree on the order of text.
        chats.sort_by_cached_key(|chat| (chat.name.to_lowercase(), chat.chat_id));
        Ok(chats)
    }

    /// Names the direct chats among `chats` after their people, whom `query` finds by `key`.
    async fn name_direct(
        &self,
        chats: &mut [Chat],
        query: &'static str,
        reader: UserId,
        key: String,
    ) -> Result<()> {
        if chats.iter().all(|chat| chat.kind != ChatKind::Direct) {
            return Ok(());
        }
        let mut people: HashMap<ChatId, Vec<Author>> = HashMap::new();
        let rows = sqlx::query(query)
            .bind(reader.to_string())
            .bind(key)
            .fetch_all(self.database.readers())
            .await?;
        for row in rows {
            let others = people.entry(row.id("chat_id")?).or_default();
            others.push(author_of(&row)?);
        }
        for chat in chats {
            if let Some(mut others) = people.remove(&chat.chat_id) {
                others.sort_by_cached_key(|it| listing_key(&it.display_name, it.user_id));
                let names: Vec<_> = others.iter().map(|it| it.display_name.as_str()).collect();
                chat.name = names.join(", ");
                chat.people = others;
            }
        }
        Ok(())
    }
}

/// A direct chat has no name yet; see [`Store::name_direct`].
fn chat_of(row: &AnyRow) -> Result<Chat> {
    Ok(Chat {
        chat_id: row.id("chat_id")?,
        workspace_id: row.id("workspace_id")?,
        slug: row.text("slug")?,
        kind: if row.flag("is_direct")? {
            ChatKind::Direct
        } else {
            ChatKind::Channel
        },
        name: row.text("name")?,
        topic: row.text("topic")?,
        is_private: row.flag("is_private")?,
        people: Vec::new(),
        role: row
            .optional_text("role")?
            .map(ChatRole::named)
            .transpose()?,
        read_offset: row.number("read_sequence")?,
        unread: row.number("unread")?,
        is_muted: row.flag("is_muted")?,
    })
}
