//! What nodes share: the states of users, in a store that writes only over what was read.

use super::timestamp;
use crate::{
    Transition,
    engine::{KNOWN_WITHIN, Rules, User},
};
use async_trait::async_trait;
use protocol::{ConnectionId, UserId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Keeps a state for each user, and tells nodes what others have announced.
///
/// It decides nothing. A node reads a state, decides, and writes the new state over the very one that
/// it has read; whoever comes second is given the newer state instead, and decides again. All times
/// are the store's, since 1970.
#[async_trait]
pub trait SharedStore: Send + Sync + 'static {
    /// The states of users, in the order asked.
    ///
    /// # Errors
    /// When the store does not answer in time.
    async fn read(&self, users: &[UserId]) -> Result<Answer<Vec<Kept>>, Unreachable>;

    /// Writes states, each by itself, and announces the transitions that led to them. Gives for each
    /// the new revision, or what stands there instead of what was to be overwritten.
    ///
    /// # Errors
    /// When the store does not answer in time; it may have written all, some or nothing.
    async fn write(&self, writes: &[Write]) -> Result<Answer<Vec<Written>>, Unreachable>;

    /// Users whose deadline has passed, at most so many.
    ///
    /// # Errors
    /// When the store does not answer in time.
    async fn due(&self, at_most: usize) -> Result<Answer<Vec<UserId>>, Unreachable>;

    /// Throws a state away that is [foreign](Foreign) and that nobody looks after any more: nothing of it
    /// runs out, or it did so at least this long ago. Gives whether there is none now.
    ///
    /// # Errors
    /// When the store does not answer in time.
    async fn discard(&self, user: UserId, overdue: Duration) -> Result<bool, Unreachable>;

    /// News of these users are wanted from now on. Does not wait for anything.
    fn want(&self, users: &[UserId]);

    /// News of these users are wanted no more.
    fn want_no_more(&self, users: &[UserId]);

    /// Waits until all news that are wanted are heard.
    ///
    /// # Errors
    /// When the store does not answer in time. The wishes are kept, and fulfilled with the next link.
    async fn all_ears(&self) -> Result<(), Unreachable>;

    /// Waits for what is heard next. For one consumer.
    async fn heard(&self) -> Heard;
}

/// What the store answered.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// When.
    pub times: Times,
    /// What was asked for.
    pub value: T,
}

/// The times that the store tells with each answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// When it answered.
    pub now: Duration,
    /// Since when it remembers: a state that is not there was there at no time since.
    pub born: Duration,
}

/// A state as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Which state it is.
    pub revision: Revision,
    /// The state.
    pub user: User,
}

/// What the store keeps of a user: a state or nothing, or what is foreign.
pub type Kept = Result<Option<Stored>, Foreign>;

/// Another version has written a state that this one does not understand, as while nodes are replaced one
/// by one. Whoever wrote it looks after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another version has written what this one does not understand")]
pub struct Foreign;

impl Stored {
    /// Whether a store that lost everything at `born` does not know by it how somebody is shown: they have
    /// chosen something since, or signed out, or it is from before.
    pub(super) fn tells_nothing(&self, born: Duration) -> bool {
        let last = self.user.last_transition();
        !self.user.is_online() && last.is_none_or(|last| last.at < timestamp(born))
    }

    /// Whether it has deadlines by a clock that was ahead of `now`, the store's time: it was set back since, or
    /// while this was decided.
    pub(super) fn is_ahead(&self, now: Duration, rules: &Rules) -> bool {
        let written = Duration::from_micros(self.revision.0);
        let decided = self.user.decided_after();
        let is_by_another_clock = written > now + KNOWN_WITHIN || decided > written + KNOWN_WITHIN;
        is_by_another_clock && self.user.is_ahead(now, rules)
    }
}

/// Names one state of one user: when it was written, in microseconds, or more. A later one is larger, also
/// after the store has lost everything, and when its clock is set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub u64);

/// A state to write.
#[derive(Clone, Debug)]
pub struct Write {
    /// Whose.
    pub id: UserId,
    /// What it was decided from; nothing, where nothing stood.
    pub over: Option<Revision>,
    /// The new state.
    pub user: User,
    /// What others are to hear.
    pub news: Vec<News>,
}

/// What nodes tell each other of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// Others are shown something else of the user.
    Transition(Transition),
    /// A connection was removed by another node than the one that holds its socket.
    Removed(ConnectionId),
}

/// What became of a state to write.
#[derive(Clone, Debug)]
pub enum Written {
    /// It stands under this revision.
    Done(Revision),
    /// Another node was faster: this stands there.
    Conflict(Box<Kept>),
}

/// What a node hears.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Something about a user.
    News(UserId, News),
    /// The link was lost and is back: anything may have been missed.
    Gap,
}

/// The store does not answer. Nobody is offline for that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreachable(pub String);

impl From<Foreign> for Unreachable {
    fn from(foreign: Foreign) -> Self {
        Self(foreign.to_string())
    }
}
