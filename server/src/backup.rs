//! A back-up: a data folder that a server can be started with.

use crate::{
    config::Config,
    data::{self, DataFolder},
    database::{self, MissingFileError},
};
use std::{
    fs::{self, File},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};
use store::{OpenError, Place};

/// Why there is no back-up: a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The data are not in a file.
    #[error(
        "the data are in the PostgreSQL of the setting database.url: back that up by its own means, such \
         as pg_dump"
    )]
    Elsewhere,
    /// There is nothing to back up.
    #[error(transparent)]
    Nothing(#[from] MissingFileError),
    /// Something is where the back-up should be.
    #[error("{} is there already: name a folder that is to be made", .0.display())]
    Taken(PathBuf),
    /// The database cannot be read, or its copy cannot be written.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The system refused.
    #[error("cannot write {}: {source}", path.display())]
    Failed {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Backs up everything that a server keeps, which may run meanwhile, into a new folder: whole, or not at
/// all.
///
/// # Errors
/// See [`BackupError`].
pub async fn back_up(config: &Config, to: &Path) -> Result<(), BackupError> {
    let Place::File(file) = Place::of(&database::url(config))? else {
        return Err(BackupError::Elsewhere);
    };
    database::check_file(config)?;
    // Without a slash at the end.
    let to = to.components().as_path();
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Taken(to.to_owned()));
    }
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(format!(".unfinished-{}", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&unfinished)
        .map_err(|source| failed(to, source))?;
    let made = fill(config, &file, &unfinished).await.and_then(|()| {
        // Whoever looks finds it whole, also after the power has failed.
        fs::rename(&unfinished, to)
            .and_then(|()| sync(to.parent().unwrap_or(to)))
            .map_err(|source| failed(to, source))
    });
    if made.is_err() {
        drop(fs::remove_dir_all(&unfinished));
    }
    made
}

async fn fill(config: &Config, file: &Path, folder: &Path) -> Result<(), BackupError> {
    let copy = DataFolder::database_in(folder);
    store::back_up(file, &copy, database::new_epoch()).await?;
    // A key that is elsewhere is not the folder's, and several servers may share it.
    if config.token.key_file.is_none() {
        data::copy_key(&config.server.data, folder).map_err(|source| failed(folder, source))?;
    }
    sync(folder).map_err(|source| failed(folder, source))
}

fn sync(folder: &Path) -> io::Result<()> {
    let here = folder.as_os_str().is_empty();
    File::open(if here { Path::new(".") } else { folder })?.sync_all()
}

fn failed(path: &Path, source: io::Error) -> BackupError {
    let path = path.to_owned();
    BackupError::Failed { path, source }
}
