//! How a database is opened, and why one cannot be.

use crate::Cause;
use std::time::Duration;

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// How long SQLite waits for another process's lock before a call fails as unavailable.
    pub busy_timeout: Duration,
    /// How many connections serve reads.
    pub readers: u32,
    /// Whether it is opened for more than copying. From then on a copy that replaces it could lose
    /// something.
    pub is_to_be_used: bool,
    /// Whether tables of an older version are brought up to date; else they are refused.
    pub is_to_be_brought_up_to_date: bool,
}

impl OpenOptions {
    /// The defaults, but only to copy, or to be copied into.
    #[must_use]
    pub fn to_copy() -> Self {
        Self {
            is_to_be_used: false,
            ..Self::default()
        }
    }

    /// The defaults, but beside a server that may be of the version before: it could not be started
    /// again with newer tables.
    #[must_use]
    pub fn as_it_is() -> Self {
        Self {
            is_to_be_brought_up_to_date: false,
            ..Self::default()
        }
    }
}

impl Default for OpenOptions {
    /// 5 seconds, 4 connections, to be used, and brought up to date before.
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            readers: 4,
            is_to_be_used: true,
            is_to_be_brought_up_to_date: true,
        }
    }
}

/// Why a database could not be opened: as text, a sentence that says what to do.
///
/// `at` is the path of the file, or a database and its server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names an engine that this program does not speak.
    #[error(
        "the database URL starts with {scheme:?}, which is not supported: \
         write sqlite:// and the path of a file, or postgres:// and what leads to a database"
    )]
    UnsupportedScheme {
        /// What stands before the first colon.
        scheme: String,
    },
    /// The URL does not name a file.
    #[error(
        "the database URL {url:?} does not name a file: write sqlite:// and a path, with every \
         %, ? and # in it percent-encoded, and no parameters"
    )]
    BadUrl {
        /// The URL.
        url: String,
    },
    /// The URL does not lead to a database on a server. It may hold a password, and is not repeated.
    #[error(
        "the database URL is not one of PostgreSQL's: write \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE, with every special character \
         percent-encoded"
    )]
    BadServerUrl,
    /// The server does not answer.
    #[error(
        "the database {at} cannot be reached ({cause}): is the server running, and is the address \
         right?"
    )]
    Unreachable {
        /// Which database.
        at: String,
        /// What went wrong.
        #[source]
        cause: Cause,
    },
    /// The server does not know the user, or the password is wrong.
    #[error("the database {at} refuses the user name or the password ({cause})")]
    Credentials {
        /// Which database.
        at: String,
        /// What the server said.
        #[source]
        cause: Cause,
    },
    /// The server has no such database.
    #[error("there is no database {at}: make it with createdb, or choose another one")]
    NoDatabase {
        /// Which database.
        at: String,
    },
    /// The user may not make or change tables.
    #[error(
        "the database {at} does not let this user make and change tables ({cause}): make the user \
         the owner of the database"
    )]
    Rights {
        /// Which database.
        at: String,
        /// What the server said.
        #[source]
        cause: Cause,
    },
    /// The database cannot hold every character.
    #[error(
        "the database {at} is encoded in {encoding} and cannot hold every text: make one with \
         createdb --encoding=UTF8 --template=template0"
    )]
    Encoding {
        /// Which database.
        at: String,
        /// How it is encoded.
        encoding: String,
    },
    /// The folder that should hold the file does not exist.
    #[error("the folder {folder} does not exist: create it, or choose another place for the data")]
    NoFolder {
        /// The folder.
        folder: String,
    },
    /// A folder or a device stands where the file should.
    #[error("{at} is not a file: name a file inside a folder, such as rollcall.db")]
    NotAFile {
        /// The path.
        at: String,
    },
    /// The file is something else.
    #[error("{at} is not a database, and was left as it is: move it away, or choose another path")]
    NotADatabase {
        /// The path.
        at: String,
    },
    /// The database belongs to another program.
    #[error("{at} is the database of another program, and was left as it is: choose another path")]
    OtherProgram {
        /// The path.
        at: String,
    },
    /// The database is damaged.
    #[error(
        "the database {at} is damaged ({detail}), and was left as it is: \
         restore a back-up, or rescue what it holds with sqlite3's .recover command"
    )]
    Corrupt {
        /// The path.
        at: String,
        /// The first damage found.
        detail: String,
    },
    /// The account that runs this program may not write there.
    #[error(
        "{at} cannot be opened for writing: the account that runs Rollcall needs write access to \
         the file and to its folder"
    )]
    Permission {
        /// The path.
        at: String,
        /// What the system said.
        #[source]
        cause: Cause,
    },
    /// Another process holds the database.
    #[error(
        "the database {at} is locked by another process: stop the other server, back-up or \
         shell that uses it, or wait for it, then start again"
    )]
    Locked {
        /// The path.
        at: String,
    },
    /// The tables were made by another version of this program.
    #[error(
        "the database {at} was written by a newer or different version of Rollcall (schema step \
         {step}): start that version, or restore a back-up made by this one"
    )]
    Schema {
        /// The path.
        at: String,
        /// The first step that this version does not know.
        step: i64,
    },
    /// The tables are of an older version of this program, and are not to be brought up to date.
    #[error(
        "the tables of the database {at} are not yet those of this version of Rollcall: start its \
         server, or stop the old one and run `rollcall migrate`, then try again"
    )]
    Outdated {
        /// Which database.
        at: String,
    },
    /// The system failed: the disk is full, for example.
    #[error("the database {at} cannot be opened: {cause}")]
    Failed {
        /// The path.
        at: String,
        /// What the system said.
        #[source]
        cause: Cause,
    },
}
