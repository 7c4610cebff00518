//! What an operator does from the command line, while the server runs or not: it works on the database,
//! and a server that runs finds what has changed there within half a minute. What is done is logged, as
//! what administrators do is.

use crate::{
    auth::{PasswordError, Passwords, Tokens, make_token},
    clock::Clock,
    config::Config,
    data::{self, DataError},
    database::{self, MissingFileError},
    error::Error,
    metrics::Metrics,
    validate::{self, Invalid},
};
use protocol::{SessionId, User, UserId};
use std::time::Duration;
use store::{NewUser, OpenError, SessionSummary, Store, StoreError};
use uuid::Uuid;

/// Why something was not done: a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// There is nothing to manage.
    #[error("{0}; the server makes it when it starts first")]
    Nothing(#[from] MissingFileError),
    /// There is no such account.
    #[error("there is no account \"{0}\": `rollcall user list` shows those there are")]
    NoSuchUser(String),
    /// There is no such token.
    #[error("{0} has no such token: `rollcall token list {0}` shows those there are")]
    NoSuchToken(String),
    /// A field cannot be as it is.
    #[error("{}", .0.message)]
    Invalid(Invalid),
    /// A username is in use.
    #[error("the username {0} is taken")]
    Taken(String),
    /// Nobody could administer any more.
    #[error("{0} is the only administrator: make somebody else one first")]
    LastAdmin(String),
    /// The key that signs tokens cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed.
    #[error("the database could not do it: {0}")]
    Store(#[from] StoreError),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The token could not be made.
    #[error("the token could not be made: {0}")]
    Token(#[from] Error),
}

impl From<Invalid> for ManageError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// The accounts and tokens of an installation.
pub struct Accounts<'a> {
    config: &'a Config,
    store: Store,
    clock: Clock,
}

impl<'a> Accounts<'a> {
    /// Those of this configuration.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub async fn open(config: &'a Config) -> Result<Self, ManageError> {
        database::check_file(config)?;
        Ok(Self {
            config,
            store: database::open_beside(config).await?,
            clock: Clock::system(),
        })
    }

    /// All accounts, by username.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<User>, ManageError> {
        Ok(self.store.users().await?)
    }

    /// Makes an account, in no workspace: an invitation or somebody there brings it into one.
    ///
    /// # Errors
    /// When a field is wrong, the username taken, or the database fails.
    pub async fn add_user(
        &self,
        username: &str,
        display_name: &str,
        password: String,
    ) -> Result<User, ManageError> {
        let username = validate::username(username)?;
        let user = NewUser {
            user_id: UserId::from_uuid(Uuid::now_v7()),
            display_name: validate::display_name(display_name)?,
            password_hash: self.hash(password).await?,
            created_at: self.clock.now(),
            username: username.clone(),
        };
        match self.store.create_user(user).await {
            Err(StoreError::Conflict { .. }) => Err(ManageError::Taken(username)),
            made => {
                let made = made?;
                tracing::warn!(user = %made.user_id, is_admin = made.is_admin, "operator_added_account");
                Ok(made)
            }
        }
    }

    /// Gives somebody another password, and ends all their sign-ins and tokens.
    ///
    /// # Errors
    /// When there is no such account, the password is wrong, or the database fails.
    pub async fn set_password(&self, username: &str, password: String) -> Result<(), ManageError> {
        let user = self.user(username).await?;
        let hash = self.hash(password).await?;
        self.store.set_password_hash(user.user_id, &hash).await?;
        tracing::warn!(user = %user.user_id, "operator_set_password");
        Ok(())
    }

    /// Makes somebody an administrator, or one no longer.
    ///
    /// # Errors
    /// When there is no such account, nobody would be an administrator then, or the database fails.
    pub async fn set_admin(&self, username: &str, is_admin: bool) -> Result<(), ManageError> {
        let user = self.user(username).await?;
        if !self.store.set_admin(user.user_id, is_admin).await? {
            return Err(ManageError::LastAdmin(user.username));
        }
        tracing::warn!(user = %user.user_id, is_admin, "operator_set_admin");
        Ok(())
    }

    /// Issues a token to a program that acts as somebody.
    ///
    /// # Errors
    /// When there is no such account, the name is none, or the key or the database fails.
    pub async fn issue_token(
        &self,
        username: &str,
        name: &str,
        lifetime: Option<Duration>,
    ) -> Result<String, ManageError> {
        let user = self.user(username).await?;
        let name = validate::name(name)?;
        let settings = &self.config.token;
        let lifetime = lifetime.unwrap_or(settings.lifetime);
        let key = data::existing_key(&self.config.server.data, settings.key_file.as_deref())?;
        let tokens = Tokens::new(&key, settings);
        let made = make_token(
            &tokens,
            &self.store,
            user.user_id,
            None,
            name,
            self.clock.now(),
            lifetime,
        );
        let (token, session, expires_at) = made.await?;
        tracing::warn!(user = %user.user_id, %session, %expires_at, "operator_issued_token");
        Ok(token)
    }

    /// Somebody's sign-ins and tokens, oldest first.
    ///
    /// # Errors
    /// When there is no such account, or the database fails.
    pub async fn sessions(&self, username: &str) -> Result<Vec<SessionSummary>, ManageError> {
        let user = self.user(username).await?;
        Ok(self.store.sessions_of(user.user_id).await?)
    }

    /// Ends one of somebody's sign-ins or tokens.
    ///
    /// # Errors
    /// When there is no such account or token, or the database fails.
    pub async fn revoke(&self, username: &str, session: SessionId) -> Result<(), ManageError> {
        let user = self.user(username).await?;
        if !self.store.delete_session(user.user_id, session).await? {
            return Err(ManageError::NoSuchToken(user.username));
        }
        tracing::warn!(user = %user.user_id, %session, "operator_ended_session");
        Ok(())
    }

    async fn user(&self, username: &str) -> Result<User, ManageError> {
        let username = username.trim_start_matches('@').to_ascii_lowercase();
        let user = self.store.user_by_username(&username).await?;
        user.ok_or(ManageError::NoSuchUser(username))
    }

    async fn hash(&self, password: String) -> Result<String, ManageError> {
        validate::password(&password)?;
        Ok(Passwords::new(1, Metrics::new()).hash(password).await?)
    }
}
