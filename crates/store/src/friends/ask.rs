//! Asking to be friends, and saying yes.

use super::lock_both;
use crate::blocks::{has_blocked, is_blocked};
use crate::database::Write;
use crate::notifications::{Cleared, NewNote, Noted, clear_request, note};
use crate::row::{Columns as _, bigint};
use crate::{Result, Store, StoreError};
use protocol::{NotificationId, NotificationKind, Timestamp, UserId, limits};

/// What became of a request to be friends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It waits for an answer. Who was asked is to be told this; nothing when they have blocked the
    /// asker.
    Requested(Option<Noted>),
    /// The other had asked before: they are friends now.
    Accepted(Answered),
    /// The asker had asked before, and waits.
    AlreadyAsked,
    /// They are friends already.
    AlreadyFriends,
    /// The asker has blocked the other.
    BlockedByAsker,
    /// The asker has [`limits::MAX_FRIENDS`] friends and requests that wait.
    TooMany,
}

/// Two people have become friends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Who had asked is to be told this.
    pub noted: Noted,
    /// The request, if who has said yes had not read it yet.
    pub cleared: Option<Cleared>,
}

impl Store {
    /// Asks a person to be friends; or says yes, if they have asked before.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account, or it is one's own.
    pub async fn ask_friend(
        &self,
        asker: UserId,
        asked: UserId,
        at: Timestamp,
        notification_id: NotificationId,
    ) -> Result<Asked> {
        let mut write = self.database.write().await?;
        lock_both(&mut write, asker, asked).await?;
        let outcome = ask(&mut write, asker, asked, at, notification_id).await?;
        match outcome {
            Asked::Requested(_) | Asked::Accepted(_) => write.commit().await?,
            _ => write.rollback().await?,
        }
        Ok(outcome)
    }

    /// Says yes to who has asked to be friends. Gives nothing when `asker` has not, or took it back,
    /// or `me` has blocked them since.
    ///
    /// # Errors
    /// [`StoreError::TooMany`] when `me` has [`limits::MAX_FRIENDS`] friends and requests that wait.
    pub async fn accept_friend(
        &self,
        me: UserId,
        asker: UserId,
        at: Timestamp,
        notification_id: NotificationId,
    ) -> Result<Option<Answered>> {
        let mut write = self.database.write().await?;
        match lock_both(&mut write, me, asker).await {
            Err(StoreError::NotFound) => return Ok(None),
            locked => locked?,
        }
        if !has_asked(&mut write, asker, me).await? || is_blocked(&mut write, me, asker).await? {
            return Ok(None);
        }
        if is_full(&mut write, me).await? {
            return Err(StoreError::TooMany { what: "friends" });
        }
        let answered = accept(&mut write, me, asker, at, notification_id).await?;
        write.commit().await?;
        Ok(Some(answered))
    }
}

async fn ask(
    write: &mut Write,
    asker: UserId,
    asked: UserId,
    at: Timestamp,
    notification_id: NotificationId,
) -> Result<Asked> {
    if are_friends(write, asker, asked).await? {
        return Ok(Asked::AlreadyFriends);
    }
    if has_blocked(write, asker, asked).await? {
        return Ok(Asked::BlockedByAsker);
    }
    if has_asked(write, asker, asked).await? {
        return Ok(Asked::AlreadyAsked);
    }
    if is_full(write, asker).await? {
        return Ok(Asked::TooMany);
    }
    if has_asked(write, asked, asker).await? {
        let answered = accept(write, asker, asked, at, notification_id).await?;
        return Ok(Asked::Accepted(answered));
    }
    sqlx::query("INSERT INTO friend_requests (asker_id, asked_id, asked_at) VALUES ($1, $2, $3)")
        .bind(asker.to_string())
        .bind(asked.to_string())
        .bind(at.unix_millis())
        .execute(&mut **write)
        .await?;
    if has_blocked(write, asked, asker).await? {
        return Ok(Asked::Requested(None));
    }
    let kind = NotificationKind::FriendRequest;
    let new = about(kind, asked, asker, at, notification_id);
    Ok(Asked::Requested(Some(note(write, new).await?)))
}

/// Makes friends of `me` and `asker`, who has asked.
async fn accept(
    write: &mut Write,
    me: UserId,
    asker: UserId,
    at: Timestamp,
    notification_id: NotificationId,
) -> Result<Answered> {
    sqlx::query("DELETE FROM friend_requests WHERE asker_id = $1 AND asked_id = $2")
        .bind(asker.to_string())
        .bind(me.to_string())
        .execute(&mut **write)
        .await?;
    sqlx::query(
        "INSERT INTO friends (user_id, friend_id, since) VALUES ($1, $2, $3), ($2, $1, $3)",
    )
    .bind(me.to_string())
    .bind(asker.to_string())
    .bind(at.unix_millis())
    .execute(&mut **write)
    .await?;
    let kind = NotificationKind::FriendAccepted;
    let new = about(kind, asker, me, at, notification_id);
    Ok(Answered {
        noted: note(write, new).await?,
        cleared: clear_request(write, me, asker).await?,
    })
}

const fn about(
    kind: NotificationKind,
    user_id: UserId,
    actor_id: UserId,
    at: Timestamp,
    id: NotificationId,
) -> NewNote {
    NewNote {
        id,
        user_id,
        kind,
        actor_id,
        chat_id: None,
        sequence: None,
        at,
    }
}

async fn are_friends(write: &mut Write, one: UserId, other: UserId) -> Result<bool> {
    let friend = sqlx::query("SELECT 1 FROM friends WHERE user_id = $1 AND friend_id = $2")
        .bind(one.to_string())
        .bind(other.to_string())
        .fetch_optional(&mut **write)
        .await?;
    Ok(friend.is_some())
}

async fn has_asked(write: &mut Write, asker: UserId, asked: UserId) -> Result<bool> {
    let request =
        sqlx::query("SELECT 1 FROM friend_requests WHERE asker_id = $1 AND asked_id = $2")
            .bind(asker.to_string())
            .bind(asked.to_string())
            .fetch_optional(&mut **write)
            .await?;
    Ok(request.is_some())
}

/// Whether a person can have no more friends: each that they ask may say yes.
async fn is_full(write: &mut Write, user_id: UserId) -> Result<bool> {
    sqlx::query(
        "SELECT CASE WHEN (SELECT COUNT(*) FROM friends WHERE user_id = $1) \
             + (SELECT COUNT(*) FROM friend_requests WHERE asker_id = $1) < $2 \
             THEN 0 ELSE 1 END AS is_full",
    )
    .bind(user_id.to_string())
    .bind(bigint(limits::MAX_FRIENDS))
    .fetch_one(&mut **write)
    .await?
    .flag("is_full")
}
