//! The one place where the engines differ: how to connect, how to begin a write, and how to read an
//! error. Everything outside this module is plain SQL that every engine takes.

mod postgres;
mod schema;
mod sqlite;

pub use sqlite::{back_up, sqlite_url};

use crate::{OpenError, OpenOptions, Result};
use protocol::Epoch;
use sqlx::error::ErrorKind;
use sqlx::postgres::PgDatabaseError;
use sqlx::{Any, AnyConnection, AnyPool, Row as _, Transaction};
use std::path::PathBuf;

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this file, for one server.
    File(PathBuf),
    /// On a PostgreSQL, for several.
    Server,
}

impl Place {
    /// Where [`Store::open`](crate::Store::open) would look for what this URL names. Nothing is opened or
    /// asked.
    ///
    /// # Errors
    /// [`OpenError::UnsupportedScheme`], [`OpenError::BadUrl`] or [`OpenError::BadServerUrl`]: it could
    /// never be opened.
    pub fn of(url: &str) -> Result<Self, OpenError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => sqlite::path_in(url).map(Self::File),
            Some(("postgres" | "postgresql", _)) => postgres::locate(url).map(|_| Self::Server),
            scheme => Err(OpenError::UnsupportedScheme {
                scheme: scheme.map_or(url, |(scheme, _)| scheme).to_owned(),
            }),
        }
    }
}

/// A transaction that may write. Dropped without a commit, it leaves nothing behind.
pub(crate) type Write = Transaction<'static, Any>;

/// Connections that read and connections that write.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    readers: AnyPool,
    writers: AnyPool,
    begin: &'static str,
    begin_snapshot: &'static str,
}

/// What kind of trouble an error of the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A unique value is there already.
    Taken,
    /// A row refers to one that does not exist.
    Dangling,
    /// Others hold the database for too long.
    Locked,
    /// The file may not be read or written.
    Refused,
    /// No disk space, no memory, no connection, or the device failed.
    Exhausted,
    /// The file is damaged.
    Corrupt,
    /// The file is something else.
    NotADatabase,
    /// A mistake in this program.
    Defect,
}

impl Database {
    /// Connects, creates or updates the tables, and reads the epoch.
    pub(crate) async fn open(
        url: &str,
        epoch_if_new: Epoch,
        options: &OpenOptions,
    ) -> Result<(Self, Epoch), OpenError> {
        sqlx::any::install_default_drivers();
        match Place::of(url)? {
            Place::File(path) => sqlite::open(&path, epoch_if_new, options).await,
            Place::Server => postgres::open(url, epoch_if_new, options).await,
        }
    }

    /// Where to read.
    pub(crate) const fn readers(&self) -> &AnyPool {
        &self.readers
    }

    /// Begins a transaction that may write; waits until it is its turn.
    pub(crate) async fn write(&self) -> Result<Write> {
        Ok(self.writers.begin_with(self.begin).await?)
    }

    /// Begins a transaction that reads everything as it is at one moment.
    pub(crate) async fn snapshot(&self) -> Result<Transaction<'static, Any>> {
        Ok(self.readers.begin_with(self.begin_snapshot).await?)
    }

    /// Writers last: the last connection that can write tidies the file.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

/// The one value that a statement gives.
async fn first_value<T>(connection: &mut AnyConnection, sql: &'static str) -> sqlx::Result<T>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    sqlx::query(sql).fetch_one(connection).await?.try_get(0)
}

/// What kind of trouble `error` is.
pub(crate) fn trouble(error: &sqlx::Error) -> Trouble {
    match error {
        sqlx::Error::Database(database) => match database.kind() {
            ErrorKind::UniqueViolation => Trouble::Taken,
            ErrorKind::ForeignKeyViolation => Trouble::Dangling,
            _ if database.try_downcast_ref::<PgDatabaseError>().is_some() => {
                postgres::trouble(&database.code().unwrap_or_default())
            }
            _ => sqlite::trouble(database.code().as_deref()),
        },
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Trouble::Exhausted,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Trouble::Corrupt,
        _ => Trouble::Defect,
    }
}
