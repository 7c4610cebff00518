//! The database: opened to be served, brought up to date, or copied.

use crate::{
    config::Config,
    data::{DataError, DataFolder},
};
use protocol::Epoch;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use store::{Copied, CopyError, OpenError, Place, Store, sqlite_url};
use uuid::Uuid;

/// Why a command could not do its work: a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// There is nothing to copy.
    #[error(transparent)]
    Nothing(#[from] MissingFileError),
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A database cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Nothing was copied.
    #[error(transparent)]
    Copy(#[from] CopyError),
}

/// Opens the database and brings its tables up to date. A file in the data folder is the caller's only
/// while it holds that folder.
///
/// # Errors
/// See [`OpenError`].
pub async fn open(config: &Config) -> Result<Store, OpenError> {
    Store::open(&url(config), new_epoch()).await
}

/// Opens the database beside a server that may run, unless its tables are those of an older version.
///
/// # Errors
/// See [`OpenError`].
pub async fn open_beside(config: &Config) -> Result<Store, OpenError> {
    Store::open_as_it_is(&url(config), new_epoch()).await
}

/// The identity of a history that begins now.
pub(crate) fn new_epoch() -> Epoch {
    Epoch::from_uuid(Uuid::now_v7())
}

/// What leads to the database.
#[must_use]
pub fn url(config: &Config) -> String {
    let file = || sqlite_url(&DataFolder::database_in(&config.server.data));
    config.database.url.clone().unwrap_or_else(file)
}

/// Brings the tables up to date, and makes them where there are none.
///
/// # Errors
/// See [`DatabaseError`].
pub async fn migrate(config: &Config) -> Result<(), DatabaseError> {
    let _held = match config.database.url {
        Some(_) => None,
        None => Some(DataFolder::open(&config.server.data)?),
    };
    open(config).await?.close().await;
    Ok(())
}

/// There is no database yet.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no database {}: name the folder that it is in with --data, or the configuration of the \
     server with --config",
    .0.display()
)]
pub struct MissingFileError(PathBuf);

/// Looks for the file that a server makes when it starts first.
///
/// # Errors
/// When it has not.
pub fn check_file(config: &Config) -> Result<(), MissingFileError> {
    let file = DataFolder::database_in(&config.server.data);
    // What may not be looked at is there, or not: who opens it is told.
    let is_missing = |error: io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        )
    };
    if config.database.url.is_none() && fs::metadata(&file).is_err_and(is_missing) {
        return Err(MissingFileError(file));
    }
    Ok(())
}

/// Keeps servers away from a file in a data folder, other than the one that is held already.
fn hold_folder_of(file: &Path, held: &Path) -> Result<Option<DataFolder>, DataError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let is_held = matches!(
        (folder.canonicalize(), held.canonicalize()),
        (Ok(folder), Ok(held)) if folder == held
    );
    if is_held || !DataFolder::is_one(folder) {
        return Ok(None);
    }
    DataFolder::open(folder).map(Some)
}

/// Copies the database of a server that does not run into another one, and calls `told` for each
/// table that arrived. What has been used since an earlier copy is replaced only if `replaces_used`.
///
/// # Errors
/// See [`DatabaseError`]; nothing was copied then.
pub async fn copy(
    config: &Config,
    to: &str,
    replaces_used: bool,
    told: impl FnMut(Copied) + Send,
) -> Result<(), DatabaseError> {
    check_file(config)?;
    // Held to the end: what a server wrote meanwhile would be missing in the copy, or lost there.
    let _held = DataFolder::open(&config.server.data)?;
    let _target_held = match Place::of(to)? {
        Place::File(path) => hold_folder_of(&path, &config.server.data)?,
        Place::Server => None,
    };
    let source = Store::open_to_copy(&url(config), new_epoch()).await?;
    let target = Store::open_to_copy(to, source.epoch()).await?;
    target.copy_from(&source, replaces_used, told).await?;
    target.close().await;
    source.close().await;
    Ok(())
}
