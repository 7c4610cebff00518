//! Sign-in sessions. Of the secret that proves one, only the SHA-256 is stored.

use crate::row::Columns as _;
use crate::text::storable;
use crate::users::user_of;
use crate::{Result, Store, ids};
use protocol::{SessionId, Timestamp, User, UserId};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

/// A session to create.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id, which is no secret.
    pub session_id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// SHA-256 of the secret.
    pub token_hash: [u8; 32],
    /// What the browser or program calls itself.
    pub user_agent: String,
    /// Now.
    pub created_at: Timestamp,
    /// From when on it counts no longer.
    pub expires_at: Timestamp,
}

/// A session that holds, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Which session.
    pub session_id: SessionId,
    /// Who is signed in.
    pub user: User,
    /// From when on it counts no longer.
    pub expires_at: Timestamp,
}

/// A session in the list of a person's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSummary {
    /// Which session.
    pub session_id: SessionId,
    /// What the browser or program called itself.
    pub user_agent: String,
    /// When the sign-in was.
    pub created_at: Timestamp,
    /// From when on it counts no longer.
    pub expires_at: Timestamp,
}

impl Store {
    /// Creates a session. Whoever proved the account by a password says which hash it was checked
    /// against: false, and no session, when the account has another by now.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound) when there is no such account.
    pub async fn create_session(
        &self,
        session: NewSession,
        password_hash: Option<&str>,
    ) -> Result<bool> {
        let mut write = self.database.write().await?;
        if let Some(password_hash) = password_hash {
            // Written and not only read: whoever replaces the password at the same moment either comes
            // later, and ends this session with the others, or is waited for, and seen.
            let update = sqlx::query(
                "UPDATE users SET password_hash = password_hash \
                 WHERE user_id = $1 AND password_hash = $2",
            )
            .bind(session.user_id.to_string())
            .bind(storable("password hash", password_hash)?)
            .execute(&mut *write)
            .await?;
            if update.rows_affected() == 0 {
                write.rollback().await?;
                return Ok(false);
            }
        }
        sqlx::query(
            "INSERT INTO sessions \
                 (session_id, user_id, token_hash, user_agent, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(session.session_id.to_string())
        .bind(session.user_id.to_string())
        .bind(session.token_hash.as_slice())
        .bind(storable("user agent", &session.user_agent)?)
        .bind(session.created_at.unix_millis())
        .bind(session.expires_at.unix_millis())
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(true)
    }

    /// The session that a secret proves, unless it has expired by `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session_by_token(
        &self,
        token_hash: &[u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignedIn>> {
        sqlx::query(
            "SELECT session_id, expires_at, user_id, username, display_name, is_admin \
             FROM sessions JOIN users USING (user_id) \
             WHERE token_hash = $1 AND expires_at > $2",
        )
        .bind(token_hash.as_slice())
        .bind(now.unix_millis())
        .fetch_optional(self.database.readers())
        .await?
        .map(|row| signed_in_of(&row))
        .transpose()
    }

    /// The session with this id, unless it has expired by `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, session_id: SessionId, now: Timestamp) -> Result<Option<SignedIn>> {
        sqlx::query(
            "SELECT session_id, expires_at, user_id, username, display_name, is_admin \
             FROM sessions JOIN users USING (user_id) \
             WHERE session_id = $1 AND expires_at > $2",
        )
        .bind(session_id.to_string())
        .bind(now.unix_millis())
        .fetch_optional(self.database.readers())
        .await?
        .map(|row| signed_in_of(&row))
        .transpose()
    }

    /// Those of these sessions that hold no longer at `now`: they have run out, or were ended. Of thousands
    /// that hold the database says nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_that_ended(
        &self,
        sessions: &[SessionId],
        now: Timestamp,
    ) -> Result<Vec<SessionId>> {
        let mut ended = Vec::new();
        for sessions in sessions.chunks(ids::AT_ONCE) {
            let asked = ids::rows(2, sessions.len());
            let mut query = sqlx::query(AssertSqlSafe(format!(
                "WITH asked (session_id) AS (VALUES {asked}) \
                 SELECT session_id FROM asked WHERE NOT EXISTS (\
                 SELECT 1 FROM sessions \
                 WHERE sessions.session_id = asked.session_id AND expires_at > $1)"
            )))
            .bind(now.unix_millis());
            for session in sessions {
                query = query.bind(session.to_string());
            }
            for row in query.fetch_all(self.database.readers()).await? {
                ended.push(row.id("session_id")?);
            }
        }
        Ok(ended)
    }

    /// Moves the end of a session. False when it was ended meanwhile: it stays ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn extend_session(
        &self,
        session_id: SessionId,
        expires_at: Timestamp,
    ) -> Result<bool> {
        let mut write = self.database.write().await?;
        let update = sqlx::query("UPDATE sessions SET expires_at = $2 WHERE session_id = $1")
            .bind(session_id.to_string())
            .bind(expires_at.unix_millis())
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(update.rows_affected() > 0)
    }

    /// Ends one of a person's sessions. False when it was not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(&self, user_id: UserId, session_id: SessionId) -> Result<bool> {
        let mut write = self.database.write().await?;
        let delete = sqlx::query("DELETE FROM sessions WHERE session_id = $1 AND user_id = $2")
            .bind(session_id.to_string())
            .bind(user_id.to_string())
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(delete.rows_affected() > 0)
    }

    /// A person's sessions, oldest first; those too that have expired but are not yet deleted.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sessions_of(&self, user_id: UserId) -> Result<Vec<SessionSummary>> {
        sqlx::query(
            "SELECT session_id, user_agent, created_at, expires_at FROM sessions \
             WHERE user_id = $1 ORDER BY created_at, session_id",
        )
        .bind(user_id.to_string())
        .fetch_all(self.database.readers())
        .await?
        .iter()
        .map(|row| {
            Ok(SessionSummary {
                session_id: row.id("session_id")?,
                user_agent: row.text("user_agent")?,
                created_at: row.time("created_at")?,
                expires_at: row.time("expires_at")?,
            })
        })
        .collect()
    }

    /// Deletes the sessions that have expired by `now`, and gives each with whose it was.
    ///
    /// # Errors
    /// When the database fails; then none is deleted.
    pub async fn delete_expired_sessions(
        &self,
        now: Timestamp,
    ) -> Result<Vec<(UserId, SessionId)>> {
        let mut write = self.database.write().await?;
        let ended = sqlx::query(
            "DELETE FROM sessions WHERE expires_at <= $1 RETURNING user_id, session_id",
        )
        .bind(now.unix_millis())
        .fetch_all(&mut *write)
        .await?
        .iter()
        .map(|row| Ok((row.id("user_id")?, row.id("session_id")?)))
        .collect::<Result<_>>()?;
        write.commit().await?;
        Ok(ended)
    }
}

fn signed_in_of(row: &AnyRow) -> Result<SignedIn> {
    Ok(SignedIn {
        session_id: row.id("session_id")?,
        user: user_of(row)?,
        expires_at: row.time("expires_at")?,
    })
}
