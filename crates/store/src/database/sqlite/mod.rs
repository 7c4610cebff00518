//! SQLite: one file, one writer, several readers.
//!
//! Write-ahead log, so that readers and the writer never wait for each other; `synchronous = FULL`,
//! so that what is acknowledged is on disk even when the power fails; one connection that writes, so
//! that writers queue in order instead of fighting for the lock.

mod backup;
mod connection;
mod file;
mod schema;
#[cfg(test)]
mod tests;

pub use backup::back_up;
pub(super) use file::path_in;
pub use file::sqlite_url;

use super::{Database, Trouble};
use crate::{OpenError, OpenOptions};
use protocol::Epoch;
use std::path::Path;

/// Takes the write lock at once: a transaction that reads first and then writes could fail halfway.
const BEGIN: &str = "BEGIN IMMEDIATE";

pub(super) async fn open(
    path: &Path,
    epoch_if_new: Epoch,
    options: &OpenOptions,
) -> Result<(Database, Epoch), OpenError> {
    let path = file::resolve(path)?;
    let is_empty = file::claim(&path)?;
    if !is_empty {
        file::examine(&path, options).await?;
    }
    let epoch = schema::prepare(&path, epoch_if_new, options).await?;
    let readers =
        connection::pool(&path, options.readers, connection::reader_pragmas(options)).await?;
    let writers = connection::pool(&path, 1, connection::writer_pragmas(options)).await?;
    let database = Database {
        readers,
        writers,
        begin: BEGIN,
        begin_snapshot: "BEGIN",
    };
    Ok((database, epoch))
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
