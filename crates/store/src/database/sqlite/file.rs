//! The file: where it is, whether it is ours and whole, and what to say when it is not.

use super::connection::{connect, reader_pragmas};
use crate::database::{Trouble, first_value, trouble};
use crate::{OpenError, OpenOptions};
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::{fs, io};

/// Marks a file as Rollcall's, as `PRAGMA application_id`: "Roll" in ASCII.
pub(super) const APPLICATION_ID: i64 = 0x526f_6c6c;

/// The smallest page that SQLite knows, and so the smallest database, in bytes.
const MIN_BYTES: u64 = 512;

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

/// The path that `url` names, as it is written there.
pub(in crate::database) fn path_in(url: &str) -> Result<PathBuf, OpenError> {
    let bad_url = || OpenError::BadUrl {
        url: url.to_owned(),
    };
    let options = SqliteConnectOptions::from_str(url).map_err(|_| bad_url())?;
    let given = options.get_filename();
    if url.contains('?') || url.ends_with(":memory:") || given.as_os_str().is_empty() {
        return Err(bad_url());
    }
    Ok(given.to_owned())
}

/// A path of a file, its folder resolved.
pub(super) fn resolve(given: &Path) -> Result<PathBuf, OpenError> {
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
pub(super) fn claim(path: &Path) -> Result<bool, OpenError> {
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
pub(super) async fn examine(path: &Path, options: &OpenOptions) -> Result<(), OpenError> {
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

/// What to say of an error that came from the database.
pub(super) fn explain(path: &Path, error: sqlx::Error) -> OpenError {
    let at = path.display().to_string();
    match trouble(&error) {
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

/// Whether the file was cut off in the middle of its last page, which SQLite would fill with zeros.
/// A process that was killed may leave such a file, but then its log holds the page.
fn ends_within_a_page(path: &Path, page: i64) -> bool {
    let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let is_cut = u64::try_from(page).is_ok_and(|page| !length(path).is_multiple_of(page));
    is_cut && length(Path::new(&log)) == 0
}

pub(super) fn explain_io(path: &Path, error: io::Error) -> OpenError {
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
