//! Making notifications.

use super::read::{unread_of, with_id};
use super::{Noted, StoredNotification, version};
use crate::database::Write;
use crate::name::StoredName as _;
use crate::row::{Columns as _, bigint};
use crate::{Result, StoreError};
use protocol::{ChatId, NotificationId, NotificationKind, Timestamp, UserId, limits};

/// A notification to make.
#[derive(Clone, Debug)]
pub(crate) struct NewNote {
    /// Its id, unless an unread one takes it in.
    pub(crate) id: NotificationId,
    /// Whom to tell.
    pub(crate) user_id: UserId,
    /// What it is about.
    pub(crate) kind: NotificationKind,
    /// Who caused it.
    pub(crate) actor_id: UserId,
    /// The chat that it is about, if any.
    pub(crate) chat_id: Option<ChatId>,
    /// The message that it is about, if any.
    pub(crate) sequence: Option<u64>,
    /// Now.
    pub(crate) at: Timestamp,
}

/// Adds a notification within a larger change.
///
/// A direct message is taken in by the unread notification of its chat, if there is one: that counts
/// one more, and shows the newest. Past [`limits::MAX_NOTIFICATIONS`] the oldest are forgotten.
///
/// Locks the person's row: who notes several people does so in the order of their ids.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such account, actor or chat.
pub(crate) async fn note(write: &mut Write, new: NewNote) -> Result<Noted> {
    let user_id = new.user_id;
    let version = version::next(write, user_id).await?;
    let id = match take_in(write, &new, version).await? {
        Some(id) => id,
        None => add(write, new, version).await?,
    };
    Ok(Noted {
        user_id,
        notification: noted(write, id).await?,
        unread: unread_of(&mut **write, user_id).await?,
    })
}

/// Counts a direct message in the unread notification of its chat, if there is one.
async fn take_in(write: &mut Write, new: &NewNote, version: u64) -> Result<Option<NotificationId>> {
    let (NotificationKind::DirectMessage, Some(chat_id)) = (new.kind, new.chat_id) else {
        return Ok(None);
    };
    sqlx::query(
        "UPDATE notifications \
         SET count = count + 1, actor_id = $4, message_sequence = $5, happened_at = $6, \
             changed_version = $7 \
         WHERE user_id = $1 AND chat_id = $2 AND kind = $3 AND is_read = 0 \
         RETURNING notification_id",
    )
    .bind(new.user_id.to_string())
    .bind(chat_id.to_string())
    .bind(new.kind.name())
    .bind(new.actor_id.to_string())
    .bind(new.sequence.map(bigint))
    .bind(new.at.unix_millis())
    .bind(bigint(version))
    .fetch_optional(&mut **write)
    .await?
    .map(|row| row.id("notification_id"))
    .transpose()
}

async fn add(write: &mut Write, new: NewNote, version: u64) -> Result<NotificationId> {
    sqlx::query(
        "INSERT INTO notifications \
             (notification_id, user_id, kind, actor_id, chat_id, message_sequence, count, \
              happened_at, is_read, changed_version) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, 0, $8)",
    )
    .bind(new.id.to_string())
    .bind(new.user_id.to_string())
    .bind(new.kind.name())
    .bind(new.actor_id.to_string())
    .bind(new.chat_id.map(|chat_id| chat_id.to_string()))
    .bind(new.sequence.map(bigint))
    .bind(new.at.unix_millis())
    .bind(bigint(version))
    .execute(&mut **write)
    .await?;
    forget_oldest(write, new.user_id, new.id).await?;
    Ok(new.id)
}

/// Keeps [`limits::MAX_NOTIFICATIONS`] of a person, `newest` among them, whatever the clock said.
async fn forget_oldest(write: &mut Write, user_id: UserId, newest: NotificationId) -> Result<()> {
    sqlx::query(
        "DELETE FROM notifications WHERE notification_id IN ( \
             SELECT notification_id FROM notifications \
             WHERE user_id = $1 AND notification_id <> $2 \
             ORDER BY happened_at DESC, notification_id DESC LIMIT $3 OFFSET $4)",
    )
    .bind(user_id.to_string())
    .bind(newest.to_string())
    .bind(i64::MAX)
    .bind(bigint(limits::MAX_NOTIFICATIONS - 1))
    .execute(&mut **write)
    .await?;
    Ok(())
}

async fn noted(write: &mut Write, id: NotificationId) -> Result<StoredNotification> {
    with_id(&mut **write, id).await?.ok_or(StoreError::NotFound)
}
