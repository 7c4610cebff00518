//! People's accounts.

use crate::database::Write;
use crate::person::{Person, person_columns, person_of};
use crate::row::Columns as _;
use crate::text::{is_storable, storable};
use crate::{Result, Store, StoreError, ids, invitations, stream};
use protocol::{Timestamp, User, UserId, WorkspaceId};
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

/// An account to create.
#[derive(Clone)]
pub struct NewUser {
    /// Its id.
    pub user_id: UserId,
    /// The name used to sign in, in lower case.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// The password, hashed by the caller.
    pub password_hash: String,
    /// Now.
    pub created_at: Timestamp,
}

/// What a sign-in is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// Whose account.
    pub user: User,
    /// The password, as it was hashed.
    pub password_hash: String,
}

impl Store {
    /// Creates an account. The very first becomes an administrator, however many try at once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the username is taken, [`StoreError::BadValue`] for a NUL.
    pub async fn create_user(&self, user: NewUser) -> Result<User> {
        let mut write = self.database.write().await?;
        let user = insert_user(&mut write, user).await?;
        write.commit().await?;
        Ok(user)
    }

    /// Creates an account that an invitation makes a member of its workspace, and gives both; nothing,
    /// and no account, when the invitation is unknown, expired or used up.
    ///
    /// # Errors
    /// As [`Store::create_user`].
    pub async fn create_invited_user(
        &self,
        user: NewUser,
        token_hash: &[u8; 32],
    ) -> Result<Option<(User, WorkspaceId)>> {
        let now = user.created_at;
        let mut write = self.database.write().await?;
        let user = insert_user(&mut write, user).await?;
        let invited = invitations::redeem(&mut write, token_hash, now, user.user_id).await?;
        let Some((workspace, _)) = invited else {
            write.rollback().await?;
            return Ok(None);
        };
        write.commit().await?;
        Ok(Some((user, workspace)))
    }

    /// What a sign-in under `username` is checked against.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn credentials(&self, username: &str) -> Result<Option<Credentials>> {
        let Some(row) = self.row_of_username(username).await? else {
            return Ok(None);
        };
        Ok(Some(Credentials {
            user: user_of(&row)?,
            password_hash: row.text("password_hash")?,
        }))
    }

    /// The account with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user(&self, user_id: UserId) -> Result<Option<User>> {
        sqlx::query(
            "SELECT user_id, username, display_name, is_admin FROM users WHERE user_id = $1",
        )
        .bind(user_id.to_string())
        .fetch_optional(self.database.readers())
        .await?
        .map(|row| user_of(&row))
        .transpose()
    }

    /// What those who may see people need of them; nothing of who has no account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn people(&self, users: &[UserId]) -> Result<Vec<Person>> {
        let mut people = Vec::with_capacity(users.len());
        for users in users.chunks(ids::AT_ONCE) {
            let statement = AssertSqlSafe(format!(
                concat!(
                    "SELECT ",
                    person_columns!(),
                    " FROM users WHERE user_id IN ({})"
                ),
                ids::places(1, users.len())
            ));
            let mut query = sqlx::query(statement);
            for user in users {
                query = query.bind(user.to_string());
            }
            for row in query.fetch_all(self.database.readers()).await? {
                people.push(person_of(&row)?);
            }
        }
        Ok(people)
    }

    /// At most `limit` people whose username or name contains this text, whatever its case, by
    /// username.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_users(&self, text: &str, limit: usize) -> Result<Vec<User>> {
        let text = storable("name", text)?;
        let escaped = |text: &str| {
            text.replace('!', "!!")
                .replace('%', "!%")
                .replace('_', "!_")
        };
        let pattern = |text: &str| format!("%{}%", escaped(text));
        let rows = sqlx::query(
            "SELECT user_id, username, display_name, is_admin FROM users \
             WHERE username LIKE $1 ESCAPE '!' OR display_name LIKE $2 ESCAPE '!' \
             OR lower(display_name) LIKE $1 ESCAPE '!' ORDER BY username LIMIT $3",
        )
        .bind(pattern(&text.to_lowercase()))
        .bind(pattern(text))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.database.readers())
        .await?;
        rows.iter().map(user_of).collect()
    }

    /// The account with this username, which must be in lower case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_by_username(&self, username: &str) -> Result<Option<User>> {
        let row = self.row_of_username(username).await?;
        row.map(|row| user_of(&row)).transpose()
    }

    /// Whether there is any account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_users(&self) -> Result<bool> {
        let row = sqlx::query("SELECT user_id FROM users LIMIT 1")
            .fetch_optional(self.database.readers())
            .await?;
        Ok(row.is_some())
    }

    /// All accounts, by username.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<User>> {
        let rows = sqlx::query(
            "SELECT user_id, username, display_name, is_admin FROM users ORDER BY username",
        )
        .fetch_all(self.database.readers())
        .await?;
        rows.iter().map(user_of).collect()
    }

    /// Makes somebody an administrator, or one no longer. False when nobody would be one then: nothing
    /// was changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_admin(&self, user_id: UserId, is_admin: bool) -> Result<bool> {
        let mut write = self.database.write().await?;
        stream::lock(&mut write).await?;
        let update = sqlx::query(
            "UPDATE users SET is_admin = $2 WHERE user_id = $1 AND ($2 = 1 OR EXISTS ( \
                 SELECT 1 FROM users others WHERE others.is_admin = 1 AND others.user_id <> $1))",
        )
        .bind(user_id.to_string())
        .bind(i64::from(is_admin))
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(update.rows_affected() > 0)
    }

    /// Replaces the password, and ends all sessions that were begun with another.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such account.
    pub async fn set_password_hash(&self, user_id: UserId, password_hash: &str) -> Result<()> {
        let mut write = self.database.write().await?;
        let update = sqlx::query("UPDATE users SET password_hash = $2 WHERE user_id = $1")
            .bind(user_id.to_string())
            .bind(storable("password hash", password_hash)?)
            .execute(&mut *write)
            .await?;
        if update.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        sqlx::query("DELETE FROM sessions WHERE user_id = $1")
            .bind(user_id.to_string())
            .execute(&mut *write)
            .await?;
        Ok(write.commit().await?)
    }

    /// Records when each of these people was last here, all in one transaction. A time older than
    /// the one on record changes nothing, nor does an unknown id.
    ///
    /// # Errors
    /// When the database fails; then nothing is recorded.
    pub async fn record_last_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<()> {
        // One order for everybody: two nodes that record the same people never wait for each other
        // in a circle.
        let mut seen = seen.to_vec();
        seen.sort_unstable();
        let mut write = self.database.write().await?;
        for (user_id, time) in seen {
            sqlx::query(
                "UPDATE users SET last_seen = $2 \
                 WHERE user_id = $1 AND (last_seen IS NULL OR last_seen < $2)",
            )
            .bind(user_id.to_string())
            .bind(time.unix_millis())
            .execute(&mut *write)
            .await?;
        }
        Ok(write.commit().await?)
    }

    async fn row_of_username(&self, username: &str) -> Result<Option<AnyRow>> {
        if !is_storable(username) {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT user_id, username, display_name, is_admin, password_hash \
             FROM users WHERE username = $1",
        )
        .bind(username)
        .fetch_optional(self.database.readers())
        .await?;
        Ok(row)
    }
}

/// The account in a row with the columns of its name.
pub(crate) fn user_of(row: &AnyRow) -> Result<User> {
    Ok(User {
        user_id: row.id("user_id")?,
        username: row.text("username")?,
        display_name: row.text("display_name")?,
        is_admin: row.flag("is_admin")?,
    })
}

async fn insert_user(write: &mut Write, user: NewUser) -> Result<User> {
    stream::lock(write).await?;
    let row = sqlx::query(
        "INSERT INTO users \
             (user_id, username, display_name, password_hash, is_admin, created_at) \
         SELECT $1, $2, $3, $4, CASE WHEN EXISTS (SELECT 1 FROM users) THEN 0 ELSE 1 END, $5 \
         RETURNING user_id, username, display_name, is_admin",
    )
    .bind(user.user_id.to_string())
    .bind(storable("username", &user.username)?)
    .bind(storable("display name", &user.display_name)?)
    .bind(storable("password hash", &user.password_hash)?)
    .bind(user.created_at.unix_millis())
    .fetch_one(&mut **write)
    .await
    .map_err(StoreError::taken("username"))?;
    user_of(&row)
}
