//! What lasts: users and what they show of themselves, sessions, invitations, friends and blocks,
//! workspaces, chats, messages and notifications.
//!
//! The store is an SQL database behind plain functions. It knows nothing of presence and nothing of
//! HTTP, has no clock and makes no ids: times and ids are passed in. A function returns once its
//! change is on disk; dropping its future before that leaves either the whole change or none of it.
//!
//! Every change of a message takes the next *offset* of one stream within the transaction that makes
//! it, so offsets have no gaps and grow in the order of commits. A message's *sequence* is the
//! offset at which it was written.
//!
//! Each change of a person's notifications takes the next *version* of theirs within its transaction.
//! Transactions lock the stream first, then what belongs to a chat, then the rows of people in the
//! order of their ids: no two wait for each other in a circle.
//!
//! Text is stored as it is given, whatever it says, but for the NUL character, which PostgreSQL
//! cannot hold: it is refused as [`StoreError::BadValue`]. Lengths are the caller's to limit.

mod blocks;
mod chats;
mod copy;
mod database;
mod error;
mod friends;
mod ids;
mod invitations;
mod messages;
mod name;
mod nodes;
mod notifications;
mod open;
mod person;
mod row;
mod sessions;
mod slug;
mod standing;
mod status;
mod stream;
mod text;
mod users;
mod workspaces;

pub use chats::{
    ChatChanges, ChatKey, ChatMember, Direct, Joined, Left, MAX_UNREAD, NewChat, NewDirect,
    ReadUpTo,
};
pub use copy::{Copied, CopyError};
pub use database::{Place, back_up, sqlite_url};
pub use error::{Cause, Result, StoreError, failures};
pub use friends::{Answered, Asked, Circle, Ended};
pub use invitations::NewInvitation;
pub use messages::{Appended, HistoryPage, NewMessage};
pub use nodes::NodeCount;
pub use notifications::{Cleared, Noted, NotedChat, PREVIEW_CHARS, StoredNotification};
pub use open::{OpenError, OpenOptions};
pub use person::Person;
pub use sessions::{NewSession, SessionSummary, SignedIn};
pub use standing::Standing;
pub use status::OwnStatus;
pub use users::{Credentials, NewUser};
pub use workspaces::{NewWorkspace, WorkspaceKey, WorkspaceMember};

use database::Database;
use protocol::Epoch;

/// An open database; clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    epoch: Epoch,
}

impl Store {
    /// Opens the database at `url` and brings its tables up to date.
    ///
    /// `sqlite://PATH` and `postgres://USER:PASSWORD@HOST:PORT/DATABASE` are spoken. A file that is
    /// not there is made, a PostgreSQL database is not. [`sqlite_url`] writes the URL of any path. A
    /// file that exists is read through once (`PRAGMA quick_check`) and refused, unchanged, if it is
    /// damaged. Several processes may open one PostgreSQL database.
    /// `epoch_if_new` becomes the identity of a new history.
    ///
    /// # Errors
    /// See [`OpenError`]: each says what to do.
    pub async fn open(url: &str, epoch_if_new: Epoch) -> Result<Self, OpenError> {
        Self::open_with(url, epoch_if_new, &OpenOptions::default()).await
    }

    /// [`Store::open`], only to be copied, or to be copied into.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_to_copy(url: &str, epoch_if_new: Epoch) -> Result<Self, OpenError> {
        Self::open_with(url, epoch_if_new, &OpenOptions::to_copy()).await
    }

    /// [`Store::open`], unless the tables are those of an older version.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_as_it_is(url: &str, epoch_if_new: Epoch) -> Result<Self, OpenError> {
        Self::open_with(url, epoch_if_new, &OpenOptions::as_it_is()).await
    }

    /// [`Store::open`] with other options than the defaults.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open_with(
        url: &str,
        epoch_if_new: Epoch,
        options: &OpenOptions,
    ) -> Result<Self, OpenError> {
        let (database, epoch) = Database::open(url, epoch_if_new, options).await?;
        Ok(Self { database, epoch })
    }

    /// Waits for what is under way and closes the database. Afterwards every call fails with
    /// [`StoreError::Unavailable`], on every clone.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it does not.
    pub async fn ping(&self) -> Result<()> {
        self.newest_offset().await.map(drop)
    }

    /// The identity of this history: chosen when the database was created, and kept. Offsets of two
    /// epochs cannot be compared.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The offset of the newest change of any message; 0 before the first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_offset(&self) -> Result<u64> {
        stream::newest(self.database.readers()).await
    }
}
