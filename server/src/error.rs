//! Why the server did not do what it was asked: one type for REST, server functions and forms.

use crate::{auth::PasswordError, hub::PresenceError, messages::WriteError, validate::Invalid};
use app::error::AppError;
use presence::DirectoryError;
use protocol::ErrorCode;
use std::{borrow::Cow, time::Duration};
use store::{Cause, StoreError};

/// Why the server did not do what it was asked. As text it is a sentence for people; what lies
/// beneath goes to the log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Refused, with the reason.
    #[error("{message}")]
    Refused {
        /// For programs.
        code: ErrorCode,
        /// For people.
        message: Cow<'static, str>,
    },
    /// Too many attempts.
    #[error("Too many attempts. Wait {} s and try again.", whole_seconds(*.retry_after))]
    RateLimited {
        /// When the next attempt is looked at.
        retry_after: Duration,
    },
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server has too much to do.
    #[error("The server is busy. Please try again in a moment.")]
    Busy,
    /// Something that the server needs cannot be reached.
    #[error("This is not available at the moment. Please try again.")]
    Unavailable(#[source] Cause),
    /// A defect, or a machine in trouble.
    #[error("Something went wrong. Please try again.")]
    Internal(#[source] Cause),
}

/// What the server's functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A refusal.
    pub fn refused(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused {
            code,
            message: message.into(),
        }
    }

    /// There is no such thing, or none that this person may know of: always in the same words.
    pub fn not_found(what: &'static str) -> Self {
        Self::refused(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// Nobody is signed in.
    pub fn unauthorized() -> Self {
        Self::refused(ErrorCode::Unauthorized, "Sign in first.")
    }

    /// Why, for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Refused { code, .. } => *code,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Store(error) => match error {
                StoreError::Conflict { .. } => ErrorCode::Conflict,
                StoreError::NotFound => ErrorCode::NotFound,
                StoreError::BadValue { .. } => ErrorCode::BadRequest,
                StoreError::TooMany { .. } => ErrorCode::TooLarge,
                StoreError::Unavailable { .. } => ErrorCode::Unavailable,
                StoreError::Corrupt { .. } | StoreError::Internal { .. } => ErrorCode::Internal,
            },
            Self::Busy | Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// Writes what lies beneath to the log, where the server and not the request is at fault.
    pub fn log(&self) {
        let code = self.code();
        if !matches!(code, ErrorCode::Internal | ErrorCode::Unavailable) {
            return;
        }
        let cause = std::error::Error::source(self).map(ToString::to_string);
        tracing::error!(%code, cause, "request_failed");
    }
}

/// A wait in whole seconds (RFC 9110 §10.2.3), rounded up: who waits as told is let in.
#[must_use]
pub fn whole_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u64::MAX)
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::refused(invalid.code, invalid.message)
    }
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            PasswordError::Failed(_) => Self::Internal(error.into()),
        }
    }
}

impl From<WriteError> for Error {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::NotMember => Self::not_found("chat"),
            WriteError::NotInChat { .. } => Self::refused(ErrorCode::BadRequest, error.to_string()),
            WriteError::Blocked => Self::refused(ErrorCode::Forbidden, error.to_string()),
            WriteError::Busy => Self::Busy,
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

impl From<PresenceError> for Error {
    fn from(error: PresenceError) -> Self {
        match error {
            PresenceError::Disabled => Self::refused(
                ErrorCode::Disabled,
                "Presence is switched off on this server.",
            ),
            PresenceError::Store(error) => Self::Store(error),
            PresenceError::Directory(error) => error.into(),
        }
    }
}

impl From<DirectoryError> for Error {
    fn from(error: DirectoryError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        error.log();
        Self::new(error.code(), error.to_string())
    }
}
