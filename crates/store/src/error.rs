//! Why the store could not do what it was asked.

use crate::database::{Trouble, trouble};
use std::sync::atomic::{AtomicU64, Ordering};

/// What the store's functions return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// What lies beneath an error: for the log, never for people.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store could not do what it was asked. As text it is a sentence for people; the cause,
/// where there is one, is its [`source`](std::error::Error::source), for the log.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A name or an id is in use.
    #[error("This {what} is already taken.")]
    Conflict {
        /// What is taken, in the words of the person who chose it.
        what: &'static str,
    },
    /// A list is full.
    #[error("You cannot have any more {what}.")]
    TooMany {
        /// Of what there are too many, in the words of the person who wants one more.
        what: &'static str,
    },
    /// What the call names does not exist.
    #[error("This does not exist, or no longer does.")]
    NotFound,
    /// A text contains the NUL character, which cannot be stored.
    #[error("The {what} contains a character that cannot be stored (NUL).")]
    BadValue {
        /// Which text.
        what: &'static str,
    },
    /// The database is busy, locked, out of space, out of reach or closed; it may work later.
    #[error("The data cannot be reached at the moment. Please try again.")]
    Unavailable {
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// What the database holds is damaged.
    #[error("The stored data are damaged. Please tell the administrator.")]
    Corrupt {
        /// What was found.
        #[source]
        cause: Cause,
    },
    /// A defect of this program.
    #[error("Something went wrong while reaching the data.")]
    Internal {
        /// What the database said.
        #[source]
        cause: Cause,
    },
}

impl StoreError {
    /// The kind of error, for metrics.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "conflict",
            Self::TooMany { .. } => "too_many",
            Self::NotFound => "not_found",
            Self::BadValue { .. } => "bad_value",
            Self::Unavailable { .. } => "unavailable",
            Self::Corrupt { .. } => "corrupt",
            Self::Internal { .. } => "internal",
        }
    }

    /// Turns a violated unique constraint into the conflict that it means to people.
    pub(crate) fn taken(what: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |error| match Self::from(error) {
            Self::Conflict { .. } => Self::Conflict { what },
            other => other,
        }
    }

    pub(crate) fn corrupt(cause: impl Into<Cause>) -> Self {
        Self::Corrupt {
            cause: cause.into(),
        }
    }
}

/// How often a statement of this process failed for no fault of whoever asked, by [`StoreError::label`].
static FAILED: [(&str, AtomicU64); 3] = [
    ("unavailable", AtomicU64::new(0)),
    ("corrupt", AtomicU64::new(0)),
    ("internal", AtomicU64::new(0)),
];

/// How often a statement of this process failed for no fault of whoever asked, by
/// [`StoreError::label`]: for metrics.
pub fn failures() -> impl Iterator<Item = (&'static str, u64)> {
    FAILED
        .iter()
        .map(|(label, count)| (*label, count.load(Ordering::Relaxed)))
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let error = Self::of(error);
        if let Some((_, count)) = FAILED.iter().find(|(label, _)| *label == error.label()) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        error
    }
}

impl StoreError {
    fn of(error: sqlx::Error) -> Self {
        match trouble(&error) {
            Trouble::Taken => Self::Conflict { what: "id" },
            Trouble::Dangling => Self::NotFound,
            Trouble::Locked | Trouble::Refused | Trouble::Exhausted => Self::Unavailable {
                cause: error.into(),
            },
            Trouble::Corrupt | Trouble::NotADatabase => Self::corrupt(error),
            Trouble::Defect => Self::Internal {
                cause: error.into(),
            },
        }
    }
}
