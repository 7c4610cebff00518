//! The directory of a single node: engines in memory, and nothing to install.

mod reaper;
mod shard;

use crate::{
    Choice, CloseReason, ConnectionKey, Counts, Directory, DirectoryError, Effect, Event, Now,
    OpenError, Opened, Registration, Settings, Transition, UserDiagnostics, UserPresence, log,
    tally::Tally, wait::until_some,
};
use async_trait::async_trait;
use protocol::{ConnectionId, Epoch, SessionId, Timestamp, UserId};
use shard::Shard;
use std::{
    future::pending,
    sync::{Mutex, MutexGuard},
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Enough that two workers seldom meet, few enough that looking at all of them costs nothing.
const SHARDS: usize = 16;

/// The directory of a single node.
///
/// Nothing runs out unless [`MemoryDirectory::run`] runs. No lock is held across an await.
pub struct MemoryDirectory {
    epoch: Epoch,
    origin: Instant,
    wall: Box<dyn Fn() -> Timestamp + Send + Sync>,
    shards: [Mutex<Shard>; SHARDS],
    earlier_deadline: Notify,
    changed: Notify,
    sockets_to_close: Notify,
    tally: Tally,
}

impl MemoryDirectory {
    /// An empty directory.
    ///
    /// `settings` have passed [`Settings::validate`]. `epoch` is new with each process: versions
    /// start again. `wall` reads the wall clock.
    #[must_use]
    pub fn new(
        settings: Settings,
        epoch: Epoch,
        wall: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        Self {
            epoch,
            origin: Instant::now(),
            wall: Box::new(wall),
            shards: std::array::from_fn(|_| Mutex::new(Shard::new(settings))),
            earlier_deadline: Notify::new(),
            changed: Notify::new(),
            sockets_to_close: Notify::new(),
            tally: Tally::default(),
        }
    }

    fn now(&self) -> Now {
        Now {
            monotonic: self.origin.elapsed(),
            wall: (self.wall)(),
        }
    }

    fn shard(&self, user: UserId) -> MutexGuard<'_, Shard> {
        lock(&self.shards[shard_of(user)])
    }

    fn apply(&self, user: UserId, event: Event) -> Vec<Effect> {
        let effects = self.apply_to(&mut self.shard(user), event);
        self.note(&effects);
        effects
    }

    /// Counts and logs what was decided, without a lock.
    fn note(&self, effects: &[Effect]) {
        for effect in effects {
            self.tally.note(effect);
            if let Effect::Record(record) = effect {
                log::write(record);
            }
        }
    }

    /// Takes the shard locked, so that time goes forward in it and nobody sees half of an event.
    fn apply_to(&self, shard: &mut Shard, event: Event) -> Vec<Effect> {
        let deadline_before = shard.next_deadline();
        let effects = shard.handle(event, self.now());
        if let Some(deadline) = shard.next_deadline()
            && deadline_before.is_none_or(|before| deadline < before)
        {
            self.earlier_deadline.notify_one();
        }
        for effect in &effects {
            match effect {
                Effect::Transition(_) => self.changed.notify_one(),
                Effect::CloseConnection { .. } => self.sockets_to_close.notify_one(),
                Effect::Answer(_) | Effect::Record(_) => {}
            }
        }
        effects
    }

    /// Visits each shard that holds some of the items, locked once, with the places of its items.
    fn visit_by_shard<T>(
        &self,
        items: &[T],
        user_of: impl Fn(&T) -> UserId,
        mut visit: impl FnMut(&mut Shard, &[usize]),
    ) {
        let shard_at = |place: usize| shard_of(user_of(&items[place]));
        let mut places: Vec<usize> = (0..items.len()).collect();
        places.sort_by_key(|place| shard_at(*place));
        for group in places.chunk_by(|a, b| shard_at(*a) == shard_at(*b)) {
            visit(&mut lock(&self.shards[shard_at(group[0])]), group);
        }
    }

    fn collect_from_shards<T>(&self, take: impl Fn(&mut Shard) -> Vec<T>) -> Vec<T> {
        self.shards
            .iter()
            .flat_map(|shard| take(&mut lock(shard)))
            .collect()
    }
}

#[async_trait]
impl Directory for MemoryDirectory {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    async fn open(&self, registration: Registration) -> Result<Opened, OpenError> {
        let effects = self.apply(registration.user, Event::Open(registration));
        let answer = effects.into_iter().find_map(|effect| match effect {
            Effect::Answer(answer) => Some(answer),
            _ => None,
        });
        Ok(answer.expect("the engine answers each registration")?)
    }

    async fn activity(&self, connections: &[ConnectionKey]) -> Result<(), DirectoryError> {
        let mut effects = Vec::new();
        self.visit_by_shard(
            connections,
            |key| key.user,
            |shard, places| {
                for place in places {
                    effects.extend(self.apply_to(shard, Event::Activity(connections[*place])));
                }
            },
        );
        self.note(&effects);
        Ok(())
    }

    async fn input(
        &self,
        connection: ConnectionKey,
        idle: Option<Duration>,
    ) -> Result<(), DirectoryError> {
        self.apply(connection.user, Event::Input(connection, idle));
        Ok(())
    }

    fn expect(&self, user: UserId, choice: Choice) {
        self.apply(user, Event::Choose(user, choice));
    }

    async fn choose(&self, user: UserId, choice: Choice) -> Result<(), DirectoryError> {
        self.expect(user, choice);
        Ok(())
    }

    async fn closing(&self, connection: ConnectionKey) -> Result<(), DirectoryError> {
        self.apply(connection.user, Event::Closing(connection));
        Ok(())
    }

    async fn closed(
        &self,
        connection: ConnectionKey,
        reason: CloseReason,
    ) -> Result<(), DirectoryError> {
        self.apply(connection.user, Event::Closed(connection, reason));
        Ok(())
    }

    async fn end_session(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Vec<ConnectionId>, DirectoryError> {
        let effects = self.apply(user, Event::SessionEnded { user, session });
        Ok(shard::sockets_to_close(&effects).collect())
    }

    async fn snapshot(&self, users: &[UserId]) -> Result<Vec<UserPresence>, DirectoryError> {
        let mut found = vec![None; users.len()];
        self.visit_by_shard(
            users,
            |user| *user,
            |shard, places| {
                for place in places {
                    found[*place] = Some(shard.show(users[*place]));
                }
            },
        );
        Ok(found.into_iter().flatten().collect())
    }

    async fn diagnostics(&self, user: UserId) -> Result<UserDiagnostics, DirectoryError> {
        let shard = self.shard(user);
        Ok(shard.diagnostics(user, self.now()))
    }

    /// There is no elsewhere.
    async fn watch(&self, _users: &[UserId]) {}

    fn unwatch(&self, _users: &[UserId]) {}

    async fn next_changes(&self) -> Vec<Transition> {
        let take = || self.collect_from_shards(Shard::take_changes);
        let mut changes = until_some(&self.changed, take).await;
        changes.sort_by_key(|transition| transition.at);
        changes
    }

    /// All are connected here.
    async fn next_currency(&self) -> Option<Timestamp> {
        pending().await
    }

    async fn reaped(&self) -> Vec<ConnectionId> {
        let take = || self.collect_from_shards(Shard::take_reaped);
        until_some(&self.sockets_to_close, take).await
    }

    fn age(&self, at: Timestamp) -> Duration {
        (self.wall)().since(at)
    }

    fn counts(&self) -> Counts {
        self.tally.counts()
    }
}

/// The last byte of a UUID v7 is random, which spreads users evenly.
fn shard_of(user: UserId) -> usize {
    usize::from(user.as_uuid().as_bytes()[15]) % SHARDS
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard
        .lock()
        .expect("nothing that runs under a shard's lock panics")
}
