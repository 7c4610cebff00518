//! What people have chosen to show of themselves.

use crate::name::StoredName as _;
use crate::row::Columns as _;
use crate::text::storable;
use crate::{Result, Store, StoreError};
use protocol::{LastSeenAudience, Mode, Status, Timestamp, UserId};
use sqlx::any::AnyRow;

/// What a person has chosen to show, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnStatus {
    /// How they want to be shown, and what they say of themselves.
    pub status: Status,
    /// Who may know when they were last here.
    pub audience: LastSeenAudience,
    /// Grows with each change of these.
    pub version: u64,
}

impl Store {
    /// What a person has chosen to show; nothing when there is no such account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn status(&self, user_id: UserId) -> Result<Option<OwnStatus>> {
        sqlx::query(
            "SELECT mode, mode_until, status_text, text_until, last_seen_audience, status_version \
             FROM users WHERE user_id = $1",
        )
        .bind(user_id.to_string())
        .fetch_optional(self.database.readers())
        .await?
        .map(|row| status_of(&row))
        .transpose()
    }

    /// Replaces what a person shows, and gives its version.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account, [`StoreError::BadValue`] for a NUL.
    pub async fn set_status(&self, user_id: UserId, status: &Status) -> Result<u64> {
        let mut write = self.database.write().await?;
        let version = sqlx::query(
            "UPDATE users \
             SET mode = $2, mode_until = $3, status_text = $4, text_until = $5, \
                 status_version = status_version + 1 \
             WHERE user_id = $1 RETURNING status_version",
        )
        .bind(user_id.to_string())
        .bind(status.mode.name())
        .bind(status.mode_until.map(Timestamp::unix_millis))
        .bind(storable("status", &status.text)?)
        .bind(status.text_until.map(Timestamp::unix_millis))
        .fetch_optional(&mut *write)
        .await?
        .ok_or(StoreError::NotFound)?
        .number("status_version")?;
        write.commit().await?;
        Ok(version)
    }

    /// Replaces who may know when a person was last here; the version of their status grows.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn set_last_seen_audience(
        &self,
        user_id: UserId,
        audience: LastSeenAudience,
    ) -> Result<()> {
        let mut write = self.database.write().await?;
        let update = sqlx::query(
            "UPDATE users SET last_seen_audience = $2, status_version = status_version + 1 \
             WHERE user_id = $1",
        )
        .bind(user_id.to_string())
        .bind(audience.name())
        .execute(&mut *write)
        .await?;
        if update.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        Ok(write.commit().await?)
    }

    /// Ends the modes and texts whose time is over by `now`, and gives whose they were.
    ///
    /// # Errors
    /// When the database fails; then none has ended.
    pub async fn expire_statuses(&self, now: Timestamp) -> Result<Vec<UserId>> {
        let mut write = self.database.write().await?;
        let mut due =
            sqlx::query("SELECT user_id FROM users WHERE mode_until <= $1 OR text_until <= $1")
                .bind(now.unix_millis())
                .fetch_all(&mut *write)
                .await?
                .iter()
                .map(|row| row.id("user_id"))
                .collect::<Result<Vec<UserId>>>()?;
        // One order for everybody: two nodes that expire the same people never wait for each other
        // in a circle.
        due.sort_unstable();
        let mut changed = Vec::new();
        for user_id in due {
            let update = sqlx::query(
                "UPDATE users \
                 SET mode = CASE WHEN mode_until <= $2 THEN $3 ELSE mode END, \
                     mode_until = CASE WHEN mode_until <= $2 THEN NULL ELSE mode_until END, \
                     status_text = CASE WHEN text_until <= $2 THEN '' ELSE status_text END, \
                     text_until = CASE WHEN text_until <= $2 THEN NULL ELSE text_until END, \
                     status_version = status_version + 1 \
                 WHERE user_id = $1 AND (mode_until <= $2 OR text_until <= $2)",
            )
            .bind(user_id.to_string())
            .bind(now.unix_millis())
            .bind(Mode::Automatic.name())
            .execute(&mut *write)
            .await?;
            if update.rows_affected() > 0 {
                changed.push(user_id);
            }
        }
        write.commit().await?;
        Ok(changed)
    }

    /// When the next mode or text ends, if any does by itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_status_expiry(&self) -> Result<Option<Timestamp>> {
        sqlx::query(
            "SELECT MIN(due) AS due FROM ( \
                 SELECT MIN(mode_until) AS due FROM users WHERE mode_until IS NOT NULL \
                 UNION ALL \
                 SELECT MIN(text_until) AS due FROM users WHERE text_until IS NOT NULL) AS ends",
        )
        .fetch_one(self.database.readers())
        .await?
        .optional_time("due")
    }
}

/// What is chosen in a row of `users` with these columns, under that very name.
pub(crate) fn status_of(row: &AnyRow) -> Result<OwnStatus> {
    Ok(OwnStatus {
        status: Status {
            mode: Mode::named(&row.text("mode")?)?,
            mode_until: row.optional_time("mode_until")?,
            text: row.text("status_text")?,
            text_until: row.optional_time("text_until")?,
        },
        audience: LastSeenAudience::named(&row.text("last_seen_audience")?)?,
        version: row.number("status_version")?,
    })
}
