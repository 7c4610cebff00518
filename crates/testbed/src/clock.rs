//! A clock that is wrong.

use std::{path::PathBuf, process::Command as Question};
use tempfile::TempDir;
use tokio::process::Command;

/// What programs are shown instead of the machine's clock, once they were [given](Self::give_to) it:
/// the time of day, as libfaketime makes it. How much time passes they know as ever.
pub struct WrongClock {
    folder: TempDir,
    library: String,
}

impl WrongClock {
    /// A clock that is wrong by so many seconds.
    ///
    /// # Panics
    /// When there is no `faketime` here.
    #[must_use]
    pub fn by(seconds: i64) -> Self {
        // It alone knows where it keeps its library.
        let told = Question::new("faketime")
            .args(["-f", "+0", "printenv", "LD_PRELOAD"])
            .output()
            .expect("faketime is installed by `make setup`");
        let clock = Self {
            folder: tempfile::tempdir().unwrap(),
            library: String::from_utf8(told.stdout).unwrap().trim().to_owned(),
        };
        clock.set(seconds);
        clock
    }

    /// From now on, within a second, it is wrong by so many seconds.
    ///
    /// # Panics
    /// When this machine's disk is full.
    pub fn set(&self, seconds: i64) {
        let new = self.folder.path().join("new");
        std::fs::write(&new, format!("{seconds:+}\n")).unwrap();
        // All at once: a program may be reading it.
        std::fs::rename(new, self.file()).unwrap();
    }

    /// The program will be shown it.
    pub fn give_to(&self, program: &mut Command) {
        program
            // And the allocator of libc: that of Redis asks for the time before libfaketime can tell it.
            .env("LD_PRELOAD", format!("{}:libc.so.6", self.library))
            .env("FAKETIME_TIMESTAMP_FILE", self.file())
            .env("FAKETIME_CACHE_DURATION", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            // By its name in older versions, too.
            .env("DONT_FAKE_MONOTONIC", "1");
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("wrong-by")
    }
}
