//! The site, which is all that a browser fetches besides pages: in a folder, or part of the program.

use crate::data::{DataError, DataFolder};
use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

/// Where a build leaves the site, as seen from the project's folder.
const BUILT: &str = "target/site";
/// What a page cannot come to life without; in a build for release its name has a hash, which
/// [`HASHES`] tells.
const SCRIPT: &str = "pkg/rollcall.js";
/// Which hashes the names of files have, relative to the site.
pub const HASHES: &str = "pkg/hash.txt";

/// There is nothing to serve.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no built site in {} ({SCRIPT} is missing): build it, or name the folder that it is in with \
     the setting `server.site_root`",
    .0.display()
)]
pub struct MissingSiteError(PathBuf);

/// A file that is part of the program: its path in the site, and what is in it.
pub type PackedFile = (Cow<'static, str>, Cow<'static, [u8]>);

/// Where the site is.
#[derive(Debug)]
pub enum Site {
    /// In this folder.
    Folder(PathBuf),
    /// In the program.
    Packed(Vec<PackedFile>),
}

impl Site {
    /// The site in a folder, or else the one that this program bears, or else the one that a build has
    /// left.
    ///
    /// # Errors
    /// When none is there.
    pub fn find(folder: Option<&Path>) -> Result<Self, MissingSiteError> {
        let packed = packed();
        let folder = match folder {
            None if !packed.is_empty() => return Ok(Self::Packed(packed)),
            folder => folder.unwrap_or(Path::new(BUILT)),
        };
        if folder.join(SCRIPT).is_file() || folder.join(HASHES).is_file() {
            Ok(Self::Folder(folder.to_owned()))
        } else {
            Err(MissingSiteError(folder.to_owned()))
        }
    }

    /// The folder that it is in. A site that was part of the program is unpacked into the data folder, and
    /// replaces what another program has left there.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn folder(self, data: &DataFolder) -> Result<PathBuf, DataError> {
        match self {
            Self::Folder(folder) => Ok(folder),
            Self::Packed(files) => data.unpack_site(&files),
        }
    }
}

#[cfg(not(feature = "embedded"))]
const fn packed() -> Vec<PackedFile> {
    Vec::new()
}

#[cfg(feature = "embedded")]
fn packed() -> Vec<PackedFile> {
    /// What browsers are sent: files, and their brotli-compressed twins.
    #[derive(rust_embed::Embed)]
    #[folder = "../target/site"]
    #[exclude = "*.gz"]
    #[exclude = "*.ts"]
    #[exclude = "*.ts.br"]
    struct Files;

    let file = |path: Cow<'static, str>| Files::get(&path).map(|file| (path, file.data));
    Files::iter().filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_site_in_the_program_replaces_that_of_another_program() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::open(folder.path()).unwrap();
        let site = |path: &'static str, text: &'static str| {
            let file = (path.into(), text.as_bytes().into());
            Site::Packed(vec![file, (HASHES.into(), b"js: 1"[..].into())])
        };
        site("pkg/old.js", "old").folder(&data).unwrap();
        let root = site("robots.txt", "new").folder(&data).unwrap();
        assert_eq!(fs::read(root.join("robots.txt")).unwrap(), b"new");
        assert!(root.join(HASHES).is_file());
        assert!(!root.join("pkg/old.js").exists());
    }

    #[test]
    fn a_folder_that_is_named_comes_before_all_else() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Site::find(Some(folder.path())).unwrap_err();
        assert!(refused.to_string().contains("pkg/rollcall.js is missing"));
        fs::create_dir(folder.path().join("pkg")).unwrap();
        fs::write(folder.path().join(SCRIPT), "").unwrap();
        let found = Site::find(Some(folder.path())).unwrap();
        assert!(matches!(found, Site::Folder(path) if path == folder.path()));
    }
}
