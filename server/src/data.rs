//! The data folder: made on the first start, held by one server at a time.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};
use uuid::Uuid;

const DATABASE: &str = "rollcall.db";
const LOCK: &str = "rollcall.lock";
const SITE: &str = "site";
const SIGNING_KEY: &str = "token.key";

/// The data folder, held until this is dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

/// Why the data folder cannot be used: a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Another server uses it.
    #[error(
        "another Rollcall server is using the data folder {}: stop it first, or choose another \
         folder with --data",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// It is something else.
    #[error(
        "the data folder {} is no folder: choose another one with --data",
        path.display()
    )]
    NoFolder {
        /// What should be a folder.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot use {}: {source}", path.display())]
    Failed {
        /// The file or folder, or where the key is to be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The signing key of a server that was started before is not where it should be.
    #[error(
        "there is no signing key {}: name the folder that it is in with --data, or the configuration of \
         the server with --config; the server makes it when it starts first",
        path.display()
    )]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The signing key is damaged.
    #[error(
        "{} is not a signing key of 32 bytes: restore it, or remove it to have a new one made (all \
         tokens issued so far then end)",
        path.display()
    )]
    BadKey {
        /// The file.
        path: PathBuf,
    },
}

impl DataFolder {
    /// Makes the folder if it is not there, for this account only, and locks it. The system releases
    /// the lock when the process ends, however it ends.
    ///
    /// # Errors
    /// When another server holds it or the system refuses.
    pub fn open(path: &Path) -> Result<Self, DataError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| DataError::Failed { path, source }
        };
        check_folder(path)?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(failed(path))?;
        let lock_path = path.join(LOCK);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(failed(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(DataError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(&lock_path)(source)),
        }
    }

    /// Whether a server has used the folder at `path` as its data folder.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        path.join(LOCK).exists()
    }

    /// Where the database of the data folder at `path` is, unless the configuration says otherwise.
    #[must_use]
    pub fn database_in(path: &Path) -> PathBuf {
        path.join(DATABASE)
    }

    /// Puts the files of a site, by their paths in it, into a folder of their own, in place of those that
    /// were there.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn unpack_site(
        &self,
        files: &[(impl AsRef<str>, impl AsRef<[u8]>)],
    ) -> Result<PathBuf, DataError> {
        let root = self.path.join(SITE);
        let unpack = || {
            if root.exists() {
                fs::remove_dir_all(&root)?;
            }
            for (path, bytes) in files {
                let path = root.join(path.as_ref());
                fs::create_dir_all(path.parent().unwrap_or(&root))?;
                fs::write(path, bytes)?;
            }
            Ok(())
        };
        match unpack() {
            Ok(()) => Ok(root),
            Err(source) => Err(DataError::Failed { path: root, source }),
        }
    }

    /// The key that signs tokens, made on the first start: in the data folder, unless it is to be
    /// `elsewhere`. It appears whole or not at all, also when several servers start at once.
    ///
    /// # Errors
    /// When it cannot be read or made, or is no key.
    pub fn signing_key(&self, elsewhere: Option<&Path>) -> Result<[u8; 32], DataError> {
        let path = key_path(&self.path, elsewhere);
        match read_key(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_key(&path),
            other => other,
        }
        .map_err(|source| refused(path, source))
    }
}

/// The key that signs the tokens of a server that has been started before.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn existing_key(folder: &Path, elsewhere: Option<&Path>) -> Result<[u8; 32], DataError> {
    let path = key_path(folder, elsewhere);
    read_key(&path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => DataError::NoKey { path },
        _ => refused(path, source),
    })
}

/// Looks, and changes nothing, for all that keeps a server from using the folder and the key, as far as
/// that shows. Neither has to be there: it makes both.
#[must_use]
pub fn look(folder: &Path, elsewhere: Option<&Path>) -> Vec<DataError> {
    let lock = folder.join(LOCK);
    let folder_looked = check_folder(folder).and_then(|()| match fs::metadata(&lock) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(refused(lock, source)),
        _ => Ok(()),
    });
    let key_looked = match (existing_key(folder, elsewhere), elsewhere) {
        (Err(DataError::NoKey { path }), Some(_)) => check_parent(path),
        (Err(DataError::NoKey { .. }), None) => Ok(()),
        // What keeps the folder from being used keeps the key in it from being read.
        (Err(_), None) if folder_looked.is_err() => Ok(()),
        (looked, _) => looked.map(drop),
    };
    let looked = [folder_looked, key_looked];
    looked.into_iter().filter_map(Result::err).collect()
}

/// A key is made, but no folder for it.
fn check_parent(path: PathBuf) -> Result<(), DataError> {
    let parent = path.parent().filter(|it| *it != Path::new(""));
    match parent.map_or(Ok(()), |it| fs::metadata(it).map(drop)) {
        Ok(()) => Ok(()),
        Err(source) => Err(refused(path, source)),
    }
}

/// What is not there yet can become a folder.
fn check_folder(path: &Path) -> Result<(), DataError> {
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => Err(DataError::NoFolder {
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Copies the key that signs tokens into another folder, if there is one.
///
/// # Errors
/// When the system refuses.
pub fn copy_key(from: &Path, to: &Path) -> io::Result<()> {
    let key = match read_key(&key_path(from, None)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        key => key?,
    };
    write_key(&key_path(to, None), &key)
}

fn key_path(folder: &Path, elsewhere: Option<&Path>) -> PathBuf {
    elsewhere.map_or_else(|| folder.join(SIGNING_KEY), Path::to_owned)
}

fn refused(path: PathBuf, source: io::Error) -> DataError {
    match source.kind() {
        io::ErrorKind::InvalidData => DataError::BadKey { path },
        _ => DataError::Failed { path, source },
    }
}

fn read_key(path: &Path) -> io::Result<[u8; 32]> {
    let mut bytes = Vec::new();
    File::open(path)?.take(33).read_to_end(&mut bytes)?;
    bytes
        .try_into()
        .map_err(|_| io::ErrorKind::InvalidData.into())
}

fn write_key(path: &Path, key: &[u8; 32]) -> io::Result<()> {
    let mut file = File::options()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(key)?;
    file.sync_all()
}

fn make_key(path: &Path) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    // Each server its own, also in containers, where all have the same process id.
    let unfinished = path.with_extension(format!("new-{}", Uuid::now_v7()));
    write_key(&unfinished, &key)?;
    // Never over the key that another server has made meanwhile.
    let made = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read_key(path),
        made => made.map(|()| key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashSet, os::unix::fs::PermissionsExt as _, sync::Barrier, thread};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_folder_and_the_key_are_made_for_this_account_only_and_kept() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/data");
        let key = || DataFolder::open(&path).unwrap().signing_key(None).unwrap();
        let first = key();
        assert_eq!(key(), first);
        let key = first;
        assert_ne!(key, [0; 32]);
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(SIGNING_KEY)), 0o600);
    }

    #[test]
    fn two_servers_never_share_a_folder() {
        let parent = tempfile::tempdir().unwrap();
        let first = DataFolder::open(parent.path()).unwrap();
        let refused = DataFolder::open(parent.path()).unwrap_err();
        assert!(matches!(refused, DataError::InUse { .. }), "{refused}");
        drop(first);
        DataFolder::open(parent.path()).unwrap();
    }

    #[test]
    fn servers_that_share_a_key_have_the_one_that_was_made_first() {
        let parent = tempfile::tempdir().unwrap();
        let shared = parent.path().join("shared.key");
        let key_of = |name: &str| {
            let folder = DataFolder::open(&parent.path().join(name)).unwrap();
            folder.signing_key(Some(&shared)).unwrap()
        };
        let first = key_of("one");
        assert_eq!(key_of("two"), first);
        assert_eq!(make_key(&shared).unwrap(), first, "made at the same moment");
        assert_eq!(mode(&shared), 0o600);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 3);
    }

    /// Three containers start for the first time, and share a folder for the key: one after the other could
    /// put its own in place.
    #[test]
    fn servers_that_make_a_key_at_the_same_moment_have_the_same() {
        let parent = tempfile::tempdir().unwrap();
        let shared = parent.path().join("shared.key");
        let start = Barrier::new(8);
        let keys: HashSet<_> = thread::scope(|scope| {
            let make = || {
                start.wait();
                make_key(&shared).unwrap()
            };
            let makers: Vec<_> = (0..8).map(|_| scope.spawn(make)).collect();
            makers.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert_eq!(keys, HashSet::from([read_key(&shared).unwrap()]));
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_damaged_key_is_named_and_left_as_it_is() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join(SIGNING_KEY);
        fs::write(&path, "short").unwrap();
        let refused = DataFolder::open(parent.path())
            .unwrap()
            .signing_key(None)
            .unwrap_err();
        assert!(matches!(refused, DataError::BadKey { .. }), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "short");
    }

    #[test]
    fn what_is_no_folder_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refused = DataFolder::open(file.path()).unwrap_err();
        assert!(
            refused.to_string().contains(file.path().to_str().unwrap()),
            "{refused}"
        );
    }
}
