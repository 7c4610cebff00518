//! Who belongs to a chat.

use crate::blocks::is_blocked;
use crate::database::Write;
use crate::name::StoredName as _;
use crate::notifications::{Cleared, NewNote, Noted, note, remove_of_chat};
use crate::person::{Person, person_columns, person_of};
use crate::row::Columns as _;
use crate::{Result, Store, StoreError, stream};
use protocol::{ChatId, ChatRole, NotificationId, NotificationKind, Timestamp, UserId};

/// A member of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMember {
    /// Who.
    pub person: Person,
    /// What they may do.
    pub role: ChatRole,
}

/// What became of making a person a member.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it does not last"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// They were one already; their role and what they have read stayed.
    Already,
    /// They are one now, and are told of it when somebody else added them.
    Added(Option<Noted>),
}

/// A member has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What it did to their notifications, if it did anything.
    pub cleared: Option<Cleared>,
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

    /// The chats that a person is in, wherever.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chats_joined(&self, user_id: UserId) -> Result<Vec<ChatId>> {
        sqlx::query("SELECT chat_id FROM chat_members WHERE user_id = $1")
            .bind(user_id.to_string())
            .fetch_all(self.database.readers())
            .await?
            .iter()
            .map(|row| row.id("chat_id"))
            .collect()
    }

    /// Everybody in a chat, in the order of joining.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chat_members(&self, chat_id: ChatId) -> Result<Vec<ChatMember>> {
        sqlx::query(concat!(
            "SELECT ",
            person_columns!(),
            ", role FROM chat_members JOIN users USING (user_id) \
             WHERE chat_id = $1 ORDER BY joined_at, user_id",
        ))
        .bind(chat_id.to_string())
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(|row| {
            Ok(ChatMember {
                person: person_of(row)?,
                role: ChatRole::named(&row.text("role")?)?,
            })
        })
        .collect()
    }

    /// Makes a person a member, who has read all that was written before. Whoever joins a chat
    /// without an owner becomes one.
    ///
    /// `invited` is who added them, if it was not they themselves, and the id of the notification
    /// that tells them so; when one of the two has blocked the other there is none.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such chat, it is a direct one, or they are not in
    /// its workspace.
    pub async fn add_chat_member(
        &self,
        chat_id: ChatId,
        user_id: UserId,
        role: ChatRole,
        at: Timestamp,
        invited: Option<(UserId, NotificationId)>,
    ) -> Result<Joined> {
        let mut write = self.database.write().await?;
        stream::lock(&mut write).await?;
        if !join(&mut write, chat_id, user_id, role, at).await? {
            write.rollback().await?;
            return match self.chat_role(chat_id, user_id).await? {
                Some(_) => Ok(Joined::Already),
                None => Err(StoreError::NotFound),
            };
        }
        let noted = match invited {
            Some((by, id)) if !is_blocked(&mut write, by, user_id).await? => {
                let invitation = NewNote {
                    id,
                    user_id,
                    kind: NotificationKind::Invitation,
                    actor_id: by,
                    chat_id: Some(chat_id),
                    sequence: None,
                    at,
                };
                Some(note(&mut write, invitation).await?)
            }
            _ => None,
        };
        write.commit().await?;
        Ok(Joined::Added(noted))
    }

    /// Takes a person out of a chat, and the chat out of their notifications. Nothing when they
    /// were not in it, or it is a direct one. Their messages stay. When the last owner goes,
    /// whoever has been a member for longest becomes one: a chat that has members has somebody who
    /// manages it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_chat_member(
        &self,
        chat_id: ChatId,
        user_id: UserId,
    ) -> Result<Option<Left>> {
        let mut write = self.database.write().await?;
        // Two owners who leave at the same time must see each other go.
        stream::lock(&mut write).await?;
        let delete = sqlx::query(
            "DELETE FROM chat_members WHERE chat_id = $1 AND user_id = $2 \
                 AND EXISTS (SELECT 1 FROM chats WHERE chat_id = $1 AND direct_key IS NULL)",
        )
        .bind(chat_id.to_string())
        .bind(user_id.to_string())
        .execute(&mut *write)
        .await?;
        if delete.rows_affected() == 0 {
            write.rollback().await?;
            return Ok(None);
        }
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
        let cleared = remove_of_chat(&mut write, user_id, chat_id).await?;
        write.commit().await?;
        Ok(Some(Left { cleared }))
    }
}

/// Makes a person a member who has read everything so far, and an owner where there is none. False
/// when they are one already, or there is no such channel in a workspace of theirs. The stream must
/// be locked.
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
         WHERE c.chat_id = $1 AND c.direct_key IS NULL AND w.user_id = $2 \
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
