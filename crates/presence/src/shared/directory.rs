//! What a server asks of the directory.

use super::{SharedDirectory, SharedStore, local::LocalUser, timestamp};
use crate::{
    Choice, CloseReason, ConnectionKey, Directory, DirectoryError, Effect, Event, Now, OpenError,
    OpenRefused, Opened, Registration, Transition, UserDiagnostics, UserPresence, engine::User,
    wait::until_some,
};
use async_trait::async_trait;
use protocol::{ConnectionId, Epoch, SessionId, UserId};
use std::{
    collections::{BTreeSet, HashMap},
    mem,
    time::Duration,
};

#[async_trait]
impl<S: SharedStore> Directory for SharedDirectory<S> {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// While the store is away a connection is let in, and told once the store is back.
    async fn open(&self, registration: Registration) -> Result<Opened, OpenError> {
        let id = registration.user;
        let is_new = {
            let mut state = self.state();
            let is_new = state.local.get(id).is_none();
            state.local.open(registration, self.settings.pong_timeout);
            is_new
        };
        if is_new {
            // Whether or not it is heard of at once: what others decide of somebody who is here.
            drop(self.store.watch(&[id]).await);
        }
        let told = self.mend(id).await;
        let state = self.state();
        let local = state.local.get(id);
        let here = Opened {
            active_count: local.map_or(0, LocalUser::sockets),
            reconnected: false,
        };
        let Ok(effects) = told else {
            return Ok(here);
        };
        let stored = local.and_then(|it| it.stored()).and_then(Option::as_ref);
        match stored {
            Some(stored) if stored.user.holds(&registration) => Ok(Opened {
                active_count: stored.user.registrations().count(),
                reconnected: effects.iter().any(is_reconnection),
            }),
            _ => Err(OpenRefused::SessionEnded.into()),
        }
    }

    async fn activity(&self, connections: &[ConnectionKey]) -> Result<(), DirectoryError> {
        let mut state = self.state();
        for key in connections {
            state.local.activity(*key, self.settings.pong_timeout);
        }
        Ok(())
    }

    async fn input(
        &self,
        connection: ConnectionKey,
        idle: Option<Duration>,
    ) -> Result<(), DirectoryError> {
        self.state().local.input(connection, idle);
        self.tell(connection.user, Event::Input(connection, idle))
            .await;
        Ok(())
    }

    async fn choose(&self, user: UserId, choice: Choice) -> Result<(), DirectoryError> {
        self.state().local.user(user).choose(choice);
        drop(self.mend(user).await);
        Ok(())
    }

    async fn closing(&self, connection: ConnectionKey) -> Result<(), DirectoryError> {
        let silence = self.settings.pong_timeout;
        self.state().local.closing(connection, silence);
        self.tell(connection.user, Event::Closing(connection)).await;
        Ok(())
    }

    async fn closed(
        &self,
        connection: ConnectionKey,
        reason: CloseReason,
    ) -> Result<(), DirectoryError> {
        {
            let mut state = self.state();
            state.local.remove(connection);
            state.reaped.remove(&connection.connection);
        }
        self.tell(connection.user, Event::Closed(connection, reason))
            .await;
        Ok(())
    }

    async fn end_session(
        &self,
        user: UserId,
        session: SessionId,
    ) -> Result<Vec<ConnectionId>, DirectoryError> {
        let here = {
            let mut state = self.state();
            let here = state.local.end_session(user, session);
            state.local.user(user).leave_unsaid(session);
            here
        };
        drop(self.mend(user).await);
        Ok(here)
    }

    async fn snapshot(&self, users: &[UserId]) -> Result<Vec<UserPresence>, DirectoryError> {
        let asked: BTreeSet<_> = users.iter().copied().collect();
        let asked: Vec<_> = asked.into_iter().collect();
        let mut found: HashMap<UserId, UserPresence> = HashMap::new();
        match self.ask(self.store.read(&asked)).await {
            Ok(answer) => {
                let mut state = self.state();
                let is_forgetful = self.is_forgetful(&answer);
                for (id, stored) in asked.iter().zip(&answer.value) {
                    if state.view.get(*id).is_some() {
                        self.see(&mut state, *id, stored.as_ref(), &answer);
                    }
                    let known = stored.as_ref().map(|it| it.user.presence(*id));
                    let known = match (known, state.view.get(*id)) {
                        (Some(known), _) => known,
                        (None, Some(seen)) if is_forgetful => UserPresence {
                            as_of: Some(timestamp(answer.born)),
                            ..seen
                        },
                        (None, _) => User::default().presence(*id),
                    };
                    state.announcements.shown(*id);
                    found.insert(*id, known);
                }
            }
            Err(_) => {
                let mut state = self.state();
                let as_of = state.clock.map(|clock| timestamp(clock.said));
                for id in &asked {
                    let mut known = state
                        .view
                        .get(*id)
                        .unwrap_or_else(|| User::default().presence(*id));
                    known.as_of = as_of;
                    state.announcements.shown(*id);
                    found.insert(*id, known);
                }
            }
        }
        Ok(users.iter().map(|user| found[user]).collect())
    }

    async fn diagnostics(&self, user: UserId) -> Result<UserDiagnostics, DirectoryError> {
        let answer = self
            .ask(self.store.read(&[user]))
            .await
            .map_err(|error| DirectoryError::Unavailable(error.to_string()))?;
        let now = Now {
            monotonic: answer.now,
            wall: timestamp(answer.now),
        };
        let stored = answer.value.into_iter().next().flatten();
        let known = stored.map(|stored| stored.user).unwrap_or_default();
        Ok(known.diagnostics(user, now, &self.rules))
    }

    async fn watch(&self, users: &[UserId]) {
        // Heard of first, then read: nothing falls in between.
        drop(self.store.watch(users).await);
        drop(self.read(users).await);
        let mut state = self.state();
        for id in users {
            state.view.add(User::default().presence(*id));
            state.view.watch(*id, true);
        }
    }

    async fn unwatch(&self, users: &[UserId]) {
        let others: Vec<_> = {
            let mut state = self.state();
            for id in users {
                state.view.watch(*id, false);
            }
            let is_elsewhere = |id: &&UserId| state.local.get(**id).is_none();
            users.iter().filter(is_elsewhere).copied().collect()
        };
        drop(self.store.unwatch(&others).await);
    }

    async fn next_changes(&self) -> Vec<Transition> {
        let take = || self.state().announcements.drain();
        let mut changes = until_some(&self.changed, take).await;
        changes.sort_by_key(|transition| transition.at);
        changes
    }

    async fn reaped(&self) -> Vec<ConnectionId> {
        let take = || mem::take(&mut self.state().reaped).into_iter().collect();
        until_some(&self.sockets_to_close, take).await
    }
}

impl<S: SharedStore> SharedDirectory<S> {
    /// Tells the store what happened to one of somebody's connections here. What it cannot be told is
    /// found at the next renewal.
    pub(super) async fn tell(&self, id: UserId, event: Event) {
        let told = self.decide(id, |user| {
            let mut events = vec![event];
            events.extend(self.differences(id, user));
            events
        });
        drop(told.await);
    }
}

const fn is_reconnection(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Answer(Ok(Opened {
            reconnected: true,
            ..
        }))
    )
}
