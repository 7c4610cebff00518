//! Reading notifications.

use super::{NotedChat, StoredNotification};
use crate::name::StoredName as _;
use crate::row::Columns as _;
use crate::{Result, Store, StoreError};
use protocol::{Author, NotificationId, NotificationKind, UnreadNotifications, UserId};
use sqlx::any::AnyRow;
use sqlx::{Any, Executor};

/// Notifications `n`, each with what it is about: what [`notification_of`] reads.
macro_rules! select_notifications {
    ($rest:literal) => {
        concat!(
            "SELECT n.notification_id, n.kind, n.actor_id, actor.display_name AS actor_name, \
                 n.chat_id, w.slug AS workspace_slug, c.slug, c.name, n.message_sequence, \
                 SUBSTR(COALESCE(m.text, ''), 1, 200) AS text, \
                 n.count, n.happened_at, n.is_read, n.changed_version, \
                 COALESCE(mine.is_muted, 0) AS is_muted \
             FROM notifications n \
             JOIN users actor ON actor.user_id = n.actor_id \
             LEFT JOIN chats c ON c.chat_id = n.chat_id \
             LEFT JOIN chat_members mine \
                 ON mine.chat_id = n.chat_id AND mine.user_id = n.user_id \
             LEFT JOIN workspaces w ON w.workspace_id = c.workspace_id \
             LEFT JOIN messages m ON m.sequence = n.message_sequence ",
            $rest
        )
    };
}

impl Store {
    /// The newest `limit` notifications of a person, of those older than `before` if given; newest
    /// first. A `before` that is not theirs, or is forgotten, counts as none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notifications(
        &self,
        user_id: UserId,
        before: Option<NotificationId>,
        limit: u32,
    ) -> Result<Vec<StoredNotification>> {
        sqlx::query(select_notifications!(
            "LEFT JOIN notifications b ON b.notification_id = $2 AND b.user_id = n.user_id \
             WHERE n.user_id = $1 AND (b.notification_id IS NULL \
                 OR n.happened_at < b.happened_at \
                 OR (n.happened_at = b.happened_at AND n.notification_id < b.notification_id)) \
             ORDER BY n.happened_at DESC, n.notification_id DESC LIMIT $3"
        ))
        .bind(user_id.to_string())
        .bind(before.map(|before| before.to_string()))
        .bind(i64::from(limit))
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(notification_of)
        .collect()
    }
}

/// How many notifications of a person wait to be read.
pub(super) async fn unread_of<'e>(
    executor: impl Executor<'e, Database = Any>,
    user_id: UserId,
) -> Result<UnreadNotifications> {
    let row = sqlx::query(
        "SELECT notifications_version, \
             (SELECT COUNT(*) FROM notifications WHERE user_id = $1 AND is_read = 0) AS unread \
         FROM users WHERE user_id = $1",
    )
    .bind(user_id.to_string())
    .fetch_optional(executor)
    .await?
    .ok_or(StoreError::NotFound)?;
    Ok(UnreadNotifications {
        unread: row.number("unread")?,
        version: row.number("notifications_version")?,
    })
}

pub(super) async fn with_id<'e>(
    executor: impl Executor<'e, Database = Any>,
    id: NotificationId,
) -> Result<Option<StoredNotification>> {
    sqlx::query(select_notifications!("WHERE n.notification_id = $1"))
        .bind(id.to_string())
        .fetch_optional(executor)
        .await?
        .map(|row| notification_of(&row))
        .transpose()
}

fn notification_of(row: &AnyRow) -> Result<StoredNotification> {
    let chat_id = row.optional_id("chat_id")?;
    let chat = chat_id.map(|chat_id| {
        Ok::<_, StoreError>(NotedChat {
            chat_id,
            workspace_slug: row.text("workspace_slug")?,
            slug: row.text("slug")?,
            name: row.text("name")?,
            is_muted: row.flag("is_muted")?,
            sequence: row.optional_number("message_sequence")?,
        })
    });
    Ok(StoredNotification {
        id: row.id("notification_id")?,
        kind: NotificationKind::named(&row.text("kind")?)?,
        actor: Author {
            user_id: row.id("actor_id")?,
            display_name: row.text("actor_name")?,
        },
        chat: chat.transpose()?,
        text: row.text("text")?,
        count: row.number("count")?,
        at: row.time("happened_at")?,
        is_read: row.flag("is_read")?,
        version: row.number("changed_version")?,
    })
}
