//! SQLite: one file, one writer, several readers.
//!
//! Write-ahead log, so that readers and the writer never wait for each other; `synchronous = FULL`,
//! so that what is acknowledged is on disk even when the power fails; one connection that writes, so
//! that writers queue in order instead of fighting for the lock.

use super::{Database, Trouble};
use crate::{OpenError, OpenOptions, stream};
use protocol::Epoch;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _,
    SqlSafeStr as _,
};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;
use std::{fs, io};

/// Marks a file as Rollcall's, as `PRAGMA application_id`: "Roll" in ASCII.
const APPLICATION_ID: i64 = 0x526f_6c6c;

/// How long a call waits for one of this process's connections before it fails as unavailable.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);

/// The smallest page that SQLite knows, and so the smallest database, in bytes.
const MIN_BYTES: u64 = 512;

/// Takes the write lock at once: a transaction that reads first and then writes could fail halfway.
const BEGIN: &str = "BEGIN IMMEDIATE";

/// The URL of the SQLite file at `path`, whatever characters the path contains.
#[must_use]
pub fn sqlite_url(path: &Path) -> String {
    let mut url = String::from("sqlite://");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            url.push(char::from(byte));
        } else {
            write!(url, "%{byte:02X}").expect("a String takes whatever is written");
        }
    }
    url
}

/// What kind of trouble one of SQLite's result codes is (<https://sqlite.org/rescode.html>).
pub(super) fn trouble(code: Option<&str>) -> Trouble {
    let extended: i32 = code.and_then(|code| code.parse().ok()).unwrap_or(0);
    match extended & 0xff {
        5 | 6 => Trouble::Locked,
        3 | 8 | 14 | 23 => Trouble::Refused,
        7 | 10 | 13 => Trouble::Exhausted,
        11 => Trouble::Corrupt,
        26 => Trouble::NotADatabase,
        _ => Trouble::Defect,
    }
}

pub(super) async fn open(
    url: &str,
    epoch_if_new: Epoch,
    options: &OpenOptions,
) -> Result<(Database, Epoch), OpenError> {
    let path = locate(url)?;
    let is_new = claim(&path)?;
    if !is_new {
        examine(&path, options).await?;
    }
    let epoch = prepare(&path, is_new, epoch_if_new, options).await?;
    let readers = pool(&path, options.readers, reader_pragmas(options)).await?;
    let writers = pool(&path, 1, writer_pragmas(options)).await?;
    let database = Database {
        readers,
        writers,
        begin: BEGIN,
    };
    Ok((database, epoch))
}

/// The path that `url` names, its folder resolved.
fn locate(url: &str) -> Result<PathBuf, OpenError> {
    let bad_url = || OpenError::BadUrl {
        url: url.to_owned(),
    };
    let options = SqliteConnectOptions::from_str(url).map_err(|_| bad_url())?;
    let given = options.get_filename();
    if url.contains('?') || url.ends_with(":memory:") || given.as_os_str().is_empty() {
        return Err(bad_url());
    }
    let name = given.file_name().ok_or_else(|| OpenError::NotAFile {
        at: given.display().to_string(),
    })?;
    let folder = match given.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(OpenError::NoFolder {
            folder: folder.display().to_string(),
        }),
        Err(error) => Err(explain_io(given, error)),
    }
}

/// Makes an empty file, which only this account may read, if there is none. True if the file has
/// nothing in it.
///
/// An existing file is never opened here: closing it would drop the locks that SQLite holds on it
/// elsewhere in this process (<https://sqlite.org/howtocorrupt.html>, 2.2).
fn claim(path: &Path) -> Result<bool, OpenError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => match metadata.len() {
            0 => Ok(true),
            // SQLite would take a file of one byte for an empty one.
            1..MIN_BYTES => Err(OpenError::NotADatabase {
                at: path.display().to_string(),
            }),
            MIN_BYTES.. => Ok(false),
        },
        Ok(_) => Err(OpenError::NotAFile {
            at: path.display().to_string(),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut options = fs::File::options();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options
                .open(path)
                .map(|_| true)
                .map_err(|error| explain_io(path, error))
        }
        Err(error) => Err(explain_io(path, error)),
    }
}

/// Reads an existing file through, changing nothing in it, and refuses what is damaged or not ours.
async fn examine(path: &Path, options: &OpenOptions) -> Result<(), OpenError> {
    let explain = |error| explain(path, error);
    let at = path.display().to_string();
    let mut connection = connect(path, "ro", reader_pragmas(options))
        .await
        .map_err(explain)?;
    let owner: i64 = first_value(&mut connection, "PRAGMA application_id")
        .await
        .map_err(explain)?;
    let tables: i64 = first_value(&mut connection, "SELECT COUNT(*) FROM sqlite_schema")
        .await
        .map_err(explain)?;
    if owner != APPLICATION_ID && (owner != 0 || tables != 0) {
        return Err(OpenError::OtherProgram { at });
    }
    let verdict: String = first_value(&mut connection, "PRAGMA quick_check(1)")
        .await
        .map_err(explain)?;
    let page: i64 = first_value(&mut connection, "PRAGMA page_size")
        .await
        .map_err(explain)?;
    let detail = if verdict != "ok" {
        verdict
    } else if ends_within_a_page(path, page) {
        "its end is missing".to_owned()
    } else {
        return connection.close().await.map_err(explain);
    };
    Err(OpenError::Corrupt { at, detail })
}

/// Whether the file was cut off in the middle of its last page, which SQLite would fill with zeros.
/// A process that was killed may leave such a file, but then its log holds the page.
fn ends_within_a_page(path: &Path, page: i64) -> bool {
    let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let is_cut = u64::try_from(page).is_ok_and(|page| !length(path).is_multiple_of(page));
    is_cut && length(Path::new(&log)) == 0
}

/// Brings the tables up to date and begins the stream: all of it, or nothing.
async fn prepare(
    path: &Path,
    is_new: bool,
    epoch_if_new: Epoch,
    options: &OpenOptions,
) -> Result<Epoch, OpenError> {
    let explain = |error| explain(path, error);
    let pragmas = format!("{} PRAGMA journal_mode = WAL;", writer_pragmas(options));
    let mut connection = connect(path, "rw", pragmas).await.map_err(explain)?;
    let mut write = connection.begin_with(BEGIN).await.map_err(explain)?;
    if is_new {
        let mark = format!("PRAGMA application_id = {APPLICATION_ID}");
        sqlx::raw_sql(AssertSqlSafe(mark))
            .execute(&mut *write)
            .await
            .map_err(explain)?;
    }
    migrations()
        .run(&mut *write)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMissing(step) | MigrateError::VersionMismatch(step) => {
                OpenError::Schema {
                    at: path.display().to_string(),
                    step,
                }
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                explain(error)
            }
            other => OpenError::Failed {
                at: path.display().to_string(),
                cause: other.into(),
            },
        })?;
    let epoch = stream::establish(&mut write, epoch_if_new)
        .await
        .map_err(explain)?;
    write.commit().await.map_err(explain)?;
    connection.close().await.map_err(explain)?;
    Ok(epoch)
}

/// The steps that made the tables what they are. A step that was ever released never changes.
fn migrations() -> Migrator {
    let steps = [(
        1,
        "initial",
        include_str!("../../migrations/sqlite/0001_initial.sql"),
    )];
    Migrator::with_migrations(
        steps
            .into_iter()
            .map(|(version, description, sql)| {
                Migration::new(
                    version,
                    description.into(),
                    MigrationType::Simple,
                    sql.into_sql_str(),
                    false,
                )
            })
            .collect(),
    )
}

async fn pool(path: &Path, size: u32, pragmas: String) -> Result<AnyPool, OpenError> {
    let options = connect_options(path, "rw").map_err(|error| explain(path, error))?;
    AnyPoolOptions::new()
        .min_connections(size)
        .max_connections(size)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(QUEUE_TIMEOUT)
        // The database is in this process: a connection cannot have gone away meanwhile.
        .test_before_acquire(false)
        // When a write fails SQLite may end the transaction by itself, of which sqlx is not aware:
        // the connection would refuse every later transaction. Replace it.
        .before_acquire(|connection, _| {
            let is_usable = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_usable) })
        })
        .after_connect(move |connection, _| {
            let pragmas = AssertSqlSafe(pragmas.clone());
            Box::pin(async move {
                sqlx::raw_sql(pragmas).execute(connection).await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .map_err(|error| explain(path, error))
}

async fn connect(path: &Path, mode: &str, pragmas: String) -> Result<AnyConnection, sqlx::Error> {
    let mut connection = connect_options(path, mode)?.connect().await?;
    sqlx::raw_sql(AssertSqlSafe(pragmas))
        .execute(&mut connection)
        .await?;
    Ok(connection)
}

fn connect_options(path: &Path, mode: &str) -> Result<AnyConnectOptions, sqlx::Error> {
    format!("{}?mode={mode}", sqlite_url(path)).parse()
}

fn reader_pragmas(options: &OpenOptions) -> String {
    let busy_timeout = options.busy_timeout.as_millis();
    format!("PRAGMA busy_timeout = {busy_timeout}; PRAGMA query_only = ON;")
}

/// `secure_delete`: what is deleted or overwritten is zeroed in the file.
fn writer_pragmas(options: &OpenOptions) -> String {
    let busy_timeout = options.busy_timeout.as_millis();
    format!(
        "PRAGMA busy_timeout = {busy_timeout}; PRAGMA synchronous = FULL; \
         PRAGMA secure_delete = ON;"
    )
}

async fn first_value<T>(connection: &mut AnyConnection, sql: &'static str) -> sqlx::Result<T>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    sqlx::query(sql).fetch_one(connection).await?.try_get(0)
}

fn explain(path: &Path, error: sqlx::Error) -> OpenError {
    let at = path.display().to_string();
    match super::trouble(&error) {
        Trouble::Locked => OpenError::Locked { at },
        Trouble::NotADatabase => OpenError::NotADatabase { at },
        Trouble::Corrupt => OpenError::Corrupt {
            at,
            detail: error.to_string(),
        },
        Trouble::Refused => OpenError::Permission {
            at,
            cause: error.into(),
        },
        Trouble::Taken | Trouble::Dangling | Trouble::Exhausted | Trouble::Defect => {
            OpenError::Failed {
                at,
                cause: error.into(),
            }
        }
    }
}

fn explain_io(path: &Path, error: io::Error) -> OpenError {
    let at = path.display().to_string();
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::Permission {
                at,
                cause: error.into(),
            }
        }
        _ => OpenError::Failed {
            at,
            cause: error.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NewUser, Store};
    use protocol::{Timestamp, UserId};
    use uuid::Uuid;

    async fn store(folder: &Path) -> Store {
        let url = sqlite_url(&folder.join("rollcall.db"));
        let epoch = Epoch::from_uuid(Uuid::from_u128(1));
        Store::open(&url, epoch).await.unwrap()
    }

    fn user(number: u128) -> NewUser {
        NewUser {
            user_id: UserId::from_uuid(Uuid::from_u128(number)),
            username: format!("user{number}"),
            display_name: "x".repeat(10_000),
            password_hash: String::new(),
            created_at: Timestamp::from_unix_millis(0),
        }
    }

    async fn pragma(pool: &AnyPool, sql: &'static str) -> i64 {
        let row = sqlx::query(sql).fetch_one(pool).await.unwrap();
        row.get(0)
    }

    #[tokio::test]
    async fn a_commit_is_on_disk_before_it_is_acknowledged_and_readers_cannot_write() {
        const FULL: i64 = 2;
        let folder = tempfile::tempdir().unwrap();
        let database = store(folder.path()).await.database;
        let mode = sqlx::query("PRAGMA journal_mode").fetch_one(&database.writers);
        assert_eq!(mode.await.unwrap().get::<String, _>(0), "wal");
        assert_eq!(pragma(&database.writers, "PRAGMA synchronous").await, FULL);
        assert_eq!(pragma(&database.writers, "PRAGMA secure_delete").await, 1);
        for pool in [&database.writers, &database.readers] {
            assert_eq!(pragma(pool, "PRAGMA foreign_keys").await, 1);
            assert_eq!(pragma(pool, "PRAGMA busy_timeout").await, 5_000);
        }
        let write = sqlx::query("DELETE FROM users").execute(&database.readers);
        assert_eq!(
            super::super::trouble(&write.await.unwrap_err()),
            Trouble::Refused
        );
    }

    #[tokio::test]
    async fn a_full_database_is_unavailable_until_there_is_space() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path()).await;
        let writers = &store.database.writers;
        let pages = pragma(writers, "PRAGMA page_count").await;
        let limit = AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 10));
        sqlx::query(limit).fetch_one(writers).await.unwrap();

        let mut stored = 0;
        let error = loop {
            match store.create_user(user(stored)).await {
                Ok(_) => stored += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error.label(), "unavailable");
        assert!(stored > 0);

        pragma(writers, "PRAGMA max_page_count = 100000").await;
        for number in stored..stored + 30 {
            store.create_user(user(number)).await.unwrap();
        }
        for number in 0..stored + 30 {
            let found = store.user(user(number).user_id).await.unwrap();
            assert_eq!(found.unwrap().username, user(number).username);
        }
    }
}
