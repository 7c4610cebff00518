//! Creating and changing chats.

use super::NewChat;
use super::members::join;
use crate::row::Columns as _;
use crate::slug::Stem;
use crate::text::storable;
use crate::{Result, Store, StoreError, stream};
use protocol::{Chat, ChatId, ChatKind, ChatRole, UserId};

/// What to change of a chat; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ChatChanges {
    /// Its new name.
    pub name: Option<String>,
    /// Its new topic.
    pub topic: Option<String>,
}

impl Store {
    /// Creates a chat with its first member, the owner.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the workspace has a chat of that name, in whatever case;
    /// [`StoreError::NotFound`] when the creator is not in that workspace;
    /// [`StoreError::BadValue`] for a NUL.
    pub async fn create_chat(&self, chat: NewChat, creator: UserId) -> Result<Chat> {
        let stem = Stem::of(&chat.name, "chat");
        let mut write = self.database.write().await?;
        stream::lock(&mut write).await?;
        let taken = sqlx::query("SELECT slug FROM chats WHERE workspace_id = $1 AND slug LIKE $2")
            .bind(chat.workspace_id.to_string())
            .bind(stem.pattern())
            .fetch_all(&mut *write)
            .await?
            .iter()
            .map(|row| row.text("slug"))
            .collect::<Result<_>>()?;
        let slug = stem.free(&taken);
        sqlx::query(
            "INSERT INTO chats \
                 (chat_id, workspace_id, slug, name, name_key, topic, is_private, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(chat.chat_id.to_string())
        .bind(chat.workspace_id.to_string())
        .bind(slug.as_str())
        .bind(storable("name", &chat.name)?)
        .bind(name_key(&chat.name))
        .bind(storable("topic", &chat.topic)?)
        .bind(i64::from(chat.is_private))
        .bind(chat.created_at.unix_millis())
        .execute(&mut *write)
        .await
        .map_err(StoreError::taken("chat name"))?;
        let role = ChatRole::Owner;
        if !join(&mut write, chat.chat_id, creator, role, chat.created_at).await? {
            return Err(StoreError::NotFound);
        }
        write.commit().await?;
        Ok(Chat {
            chat_id: chat.chat_id,
            workspace_id: chat.workspace_id,
            slug,
            kind: ChatKind::Channel,
            name: chat.name,
            topic: chat.topic,
            is_private: chat.is_private,
            people: Vec::new(),
            role: Some(role),
            read_offset: 0,
            unread: 0,
            is_muted: false,
        })
    }

    /// Changes a chat's name or topic. Its slug stays, so that links to it hold. A direct chat has
    /// neither to change.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another chat of the workspace has that name, in whatever case;
    /// [`StoreError::NotFound`] when there is no such chat, or it is a direct one;
    /// [`StoreError::BadValue`] for a NUL.
    pub async fn update_chat(&self, chat_id: ChatId, changes: ChatChanges) -> Result<()> {
        let (name, topic) = (changes.name.as_deref(), changes.topic.as_deref());
        let mut write = self.database.write().await?;
        let update = sqlx::query(
            "UPDATE chats SET name = COALESCE($2, name), name_key = COALESCE($3, name_key), \
                 topic = COALESCE($4, topic) \
             WHERE chat_id = $1 AND direct_key IS NULL",
        )
        .bind(chat_id.to_string())
        .bind(name.map(|name| storable("name", name)).transpose()?)
        .bind(name.map(name_key))
        .bind(topic.map(|topic| storable("topic", topic)).transpose()?)
        .execute(&mut *write)
        .await
        .map_err(StoreError::taken("chat name"))?;
        if update.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(write.commit().await?)
    }
}

/// By which two names of chats are the same.
fn name_key(name: &str) -> String {
    name.to_lowercase()
}
