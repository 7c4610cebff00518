//! Notifications that no longer wait to be read: seen, or about what is no more.

use super::read::unread_of;
use super::{Cleared, version};
use crate::database::Write;
use crate::name::StoredName as _;
use crate::row::{Columns as _, bigint};
use crate::{Result, Store};
use protocol::{ChatId, NotificationId, NotificationKind, UserId};
use sqlx::Any;
use sqlx::any::AnyArguments;
use sqlx::query::Query;

/// Which of a person's notifications they have seen.
#[derive(Clone, Copy, Debug)]
enum Seen {
    All,
    One(NotificationId),
    /// Those of a chat, up to a sequence.
    UpTo(ChatId, u64),
    /// That this person asks to be friends.
    RequestOf(UserId),
}

impl Store {
    /// Marks notifications of a person as read: these, or all. Gives nothing when none of them
    /// waited; ids that are not theirs count for nothing.
    ///
    /// # Errors
    /// When the database fails; then none is marked.
    pub async fn read_notifications(
        &self,
        user_id: UserId,
        ids: Option<&[NotificationId]>,
    ) -> Result<Option<Cleared>> {
        let seen = ids.map_or_else(
            || vec![Seen::All],
            |ids| ids.iter().copied().map(Seen::One).collect(),
        );
        let mut write = self.database.write().await?;
        let cleared = clear(&mut write, user_id, &seen).await?;
        if cleared.is_some() {
            write.commit().await?;
        } else {
            write.rollback().await?;
        }
        Ok(cleared)
    }
}

/// Marks those of a chat up to a sequence as read, within a larger change, and that somebody was
/// added to it. Gives nothing when none of them waited.
///
/// Locks the person's row if any waits: who clears for several does so in the order of their ids.
pub(crate) async fn clear_chat(
    write: &mut Write,
    user_id: UserId,
    chat_id: ChatId,
    up_to: u64,
) -> Result<Option<Cleared>> {
    clear(write, user_id, &[Seen::UpTo(chat_id, up_to)]).await
}

/// Marks that `asker` asks to be friends as read, within a larger change.
pub(crate) async fn clear_request(
    write: &mut Write,
    user_id: UserId,
    asker: UserId,
) -> Result<Option<Cleared>> {
    clear(write, user_id, &[Seen::RequestOf(asker)]).await
}

/// Removes all of a chat for somebody who has left it, within a larger change. Gives those that
/// waited to be read; nothing when none did.
///
/// Locks the person's row, like [`clear_chat`].
pub(crate) async fn remove_of_chat(
    write: &mut Write,
    user_id: UserId,
    chat_id: ChatId,
) -> Result<Option<Cleared>> {
    let delete = sqlx::query(
        "DELETE FROM notifications WHERE user_id = $1 AND chat_id = $2 \
         RETURNING notification_id, is_read",
    )
    .bind(user_id.to_string())
    .bind(chat_id.to_string());
    remove(write, user_id, delete).await
}

/// Removes that `asker` asks, or asked, to be friends, within a larger change.
pub(crate) async fn remove_requests(
    write: &mut Write,
    user_id: UserId,
    asker: UserId,
) -> Result<Option<Cleared>> {
    let delete = sqlx::query(
        "DELETE FROM notifications WHERE user_id = $1 AND actor_id = $2 AND kind = $3 \
         RETURNING notification_id, is_read",
    )
    .bind(user_id.to_string())
    .bind(asker.to_string())
    .bind(NotificationKind::FriendRequest.name());
    remove(write, user_id, delete).await
}

async fn clear(write: &mut Write, user_id: UserId, seen: &[Seen]) -> Result<Option<Cleared>> {
    // Mostly there is nothing to clear, and then nobody's row need be locked.
    let waiting =
        sqlx::query("SELECT 1 FROM notifications WHERE user_id = $1 AND is_read = 0 LIMIT 1")
            .bind(user_id.to_string())
            .fetch_optional(&mut **write)
            .await?;
    if waiting.is_none() {
        return Ok(None);
    }
    let version = version::lock(write, user_id).await? + 1;
    let mut ids = Vec::new();
    for &seen in seen {
        for row in mark(user_id, version, seen).fetch_all(&mut **write).await? {
            ids.push(row.id("notification_id")?);
        }
    }
    if ids.is_empty() {
        return Ok(None);
    }
    version::next(write, user_id).await?;
    cleared(write, user_id, ids).await.map(Some)
}

/// Marks what was seen as read at `version`.
fn mark(user_id: UserId, version: u64, seen: Seen) -> Query<'static, Any, AnyArguments> {
    macro_rules! mark {
        ($which:literal) => {
            sqlx::query(concat!(
                "UPDATE notifications SET is_read = 1, changed_version = $2 \
                 WHERE user_id = $1 AND is_read = 0 ",
                $which,
                " RETURNING notification_id"
            ))
            .bind(user_id.to_string())
            .bind(bigint(version))
        };
    }
    match seen {
        Seen::All => mark!(""),
        Seen::One(id) => mark!("AND notification_id = $3").bind(id.to_string()),
        Seen::UpTo(chat_id, sequence) => {
            mark!("AND chat_id = $3 AND (message_sequence IS NULL OR message_sequence <= $4)")
                .bind(chat_id.to_string())
                .bind(bigint(sequence))
        }
        Seen::RequestOf(asker) => mark!("AND actor_id = $3 AND kind = $4")
            .bind(asker.to_string())
            .bind(NotificationKind::FriendRequest.name()),
    }
}

/// Runs `delete`, which gives what it deletes.
async fn remove(
    write: &mut Write,
    user_id: UserId,
    delete: Query<'_, Any, AnyArguments>,
) -> Result<Option<Cleared>> {
    version::lock(write, user_id).await?;
    let removed = delete.fetch_all(&mut **write).await?;
    if removed.is_empty() {
        return Ok(None);
    }
    version::next(write, user_id).await?;
    let mut ids = Vec::new();
    for row in &removed {
        if !row.flag("is_read")? {
            ids.push(row.id("notification_id")?);
        }
    }
    if ids.is_empty() {
        return Ok(None);
    }
    cleared(write, user_id, ids).await.map(Some)
}

async fn cleared(write: &mut Write, user_id: UserId, ids: Vec<NotificationId>) -> Result<Cleared> {
    Ok(Cleared {
        user_id,
        ids,
        unread: unread_of(&mut **write, user_id).await?,
    })
}
