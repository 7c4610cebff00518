//! What a server asks of the directory.

use super::{Foreign, Kept, SharedDirectory, SharedStore, State, local::LocalUser, timestamp};
use crate::{
    Choice, CloseReason, ConnectionKey, Counts, Directory, DirectoryError, Effect, Event, Now,
    OpenError, OpenRefused, Opened, Registration, Transition, UserDiagnostics, UserPresence,
    engine::User, wait::until_some,
};
use async_trait::async_trait;
use protocol::{ConnectionId, Epoch, SessionId, Timestamp, UserId};
use std::{collections::HashMap, mem, time::Duration};
use tokio::join;

#[async_trait]
impl<S: SharedStore> Directory for SharedDirectory<S> {
    fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// While the store is away a connection is let in, shown to those who are here, and told once the
    /// store is back.
    async fn open(&self, registration: Registration) -> Result<Opened, OpenError> {
        let id = registration.user;
        let is_new = {
            let mut state = self.state();
            // Of whom nothing but a grace was left, or a choice, others' decisions may not be heard.
            let is_new = state.local.get(id).is_none_or(|it| it.sockets() == 0);
            state.local.open(registration, self.settings.pong_timeout);
            if is_new {
                // What others decide of somebody who is here.
                self.store.want(&[id]);
            }
            is_new
        };
        let hearing = async {
            if is_new {
                drop(self.store.all_ears().await);
            }
        };
        // Together: a slow store must not use up the grace.
        let ((), mut told) = join!(hearing, self.mend(id));
        if told.is_err() {
            // Perhaps only an answer was lost; the next renewal may come after the grace.
            told = self.mend(id).await;
        }
        let state = self.state();
        let local = state.local.get(id);
        let here = Opened {
            active_count: local.map_or(0, LocalUser::sockets),
            reconnected: false,
        };
        let Ok(effects) = told else {
            drop(state);
            self.assume(id);
            return Ok(here);
        };
        let Some(local) = local.filter(|it| it.has(registration.connection)) else {
            return Err(OpenRefused::SessionEnded.into());
        };
        match local.stored().and_then(Option::as_ref) {
            Some(stored) if stored.user.holds(&registration) => Ok(Opened {
                active_count: stored.user.registrations().count(),
                reconnected: effects.iter().any(is_reconnection),
            }),
            // What was told is in doubt by now; it is told again with the next renewal.
            _ => Ok(here),
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

    /// The store is told together with the connection, or by the next renewal if none follows.
    fn expect(&self, user: UserId, choice: Choice) {
        self.state().local.user(user).choose(choice);
    }

    async fn choose(&self, user: UserId, choice: Choice) -> Result<(), DirectoryError> {
        self.expect(user, choice);
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

    /// Whoever is watched is known; others are asked for.
    async fn snapshot(&self, users: &[UserId]) -> Result<Vec<UserPresence>, DirectoryError> {
        let unknown = self.state().unknown(users);
        // What cannot be read is shown as it was last known.
        let read = self.read(&unknown).await.unwrap_or_default();
        let read: HashMap<_, _> = unknown.into_iter().zip(read).collect();
        let mut state = self.state();
        Ok(users
            .iter()
            .map(|user| {
                state.announcements.shown(*user);
                self.known(&mut state, *user, read.get(user))
            })
            .collect())
    }

    async fn diagnostics(&self, user: UserId) -> Result<UserDiagnostics, DirectoryError> {
        let answer = self
            .ask(self.store.read(&[user]))
            .await
            .map_err(|error| DirectoryError::Unavailable(error.to_string()))?;
        let now = Now {
            monotonic: answer.times.now,
            wall: timestamp(answer.times.now),
        };
        let kept = answer.value.into_iter().next().transpose();
        let stored = kept.map_err(|foreign| DirectoryError::Unavailable(foreign.to_string()))?;
        let known = stored.flatten().map(|stored| stored.user);
        let known = known.unwrap_or_default();
        Ok(known.diagnostics(user, now, &self.rules))
    }

    async fn watch(&self, users: &[UserId]) {
        let unknown = {
            let mut state = self.state();
            let unknown = state.unknown(users);
            for id in &unknown {
                state.view.watch(User::default().presence(*id));
            }
            self.store.want(&unknown);
            unknown
        };
        if unknown.is_empty() {
            return;
        }
        // Heard of first, then read: nothing falls in between. What fails is found by the comparison.
        drop(self.store.all_ears().await);
        drop(self.read(&unknown).await);
        self.state().view.show(&unknown);
    }

    fn unwatch(&self, users: &[UserId]) {
        let mut state = self.state();
        let State { view, local, .. } = &mut *state;
        let unwanted = view.unwatch(users, |id| local.get(id).is_some());
        self.store.want_no_more(&unwanted);
    }

    async fn next_changes(&self) -> Vec<Transition> {
        let take = || self.state().announcements.drain();
        let mut changes = until_some(&self.changed, take).await;
        changes.sort_by_key(|transition| transition.at);
        changes
    }

    async fn next_currency(&self) -> Option<Timestamp> {
        loop {
            let news = self.state().currency.take();
            match news {
                Some(as_of) => return as_of,
                None => self.currency_changed.notified().await,
            }
        }
    }

    async fn reaped(&self) -> Vec<ConnectionId> {
        let take = || mem::take(&mut self.state().reaped).into_iter().collect();
        until_some(&self.sockets_to_close, take).await
    }

    fn age(&self, at: Timestamp) -> Duration {
        let clock = self.state().clock;
        clock.map_or(Duration::ZERO, |clock| timestamp(clock.now()).since(at))
    }

    fn counts(&self) -> Counts {
        self.tally.counts()
    }
}

impl<S: SharedStore> SharedDirectory<S> {
    /// What is shown of somebody, where `read` has just been read, if anything was. Whoever is connected
    /// here is known by that; of others all may be old.
    fn known(&self, state: &mut State, id: UserId, read: Option<&Kept>) -> UserPresence {
        let is_foreign = matches!(read, Some(Err(Foreign)));
        let stored = read.and_then(|kept| kept.as_ref().ok()?.as_ref());
        let seen = state.view.get(id);
        let is_unknown = stored.is_none() && seen.is_none();
        let old = match state.currency.as_of() {
            // Of whom nothing was ever known it cannot be said how they were a moment ago.
            Some(_) if is_unknown => Some(self.started),
            None if is_foreign => Some(self.started),
            old => old,
        };
        let newest = match (stored, seen) {
            (Some(stored), Some(seen)) if stored.user.is_behind(&seen) => seen,
            (Some(stored), _) => stored.user.presence(id),
            (None, seen) => seen.unwrap_or_else(|| User::default().presence(id)),
        };
        let is_here = state.local.get(id).is_some_and(|it| it.sockets() > 0);
        let is_unheard_of = !is_here && !state.view.has_heard_of(id);
        let forgot_at = is_unheard_of.then(|| self.forgot_at(state)).flatten();
        let tells_nothing = |at: &Duration| stored.is_none_or(|it| it.tells_nothing(*at));
        let guess = forgot_at.filter(tells_nothing).map(timestamp);
        if guess.is_some() {
            state.currency.guessed();
        }
        UserPresence {
            as_of: newest.as_of.or(old).or(guess).filter(|_| !is_here),
            ..newest
        }
    }

    /// The store cannot be told that somebody has come: here they are shown online all the same.
    fn assume(&self, id: UserId) {
        let stored = {
            let state = self.state();
            let local = state.local.get(id);
            local.and_then(|it| it.stored()).cloned().flatten()
        };
        let decision = self.consider(id, stored.as_ref(), |user| self.differences(id, user));
        let mut state = self.state();
        for effect in decision.effects {
            if let Effect::Transition(transition) = effect
                && transition.is_online()
            {
                state.view.add(decision.before);
                self.learn(&mut state, transition);
            }
        }
    }

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
