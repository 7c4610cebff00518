//! Reading a state, deciding on it, and writing the outcome over that very state.

use super::{
    Foreign, Kept, News, SharedDirectory, SharedStore, State, Stored, Times, Unreachable, Write,
    Written, timestamp,
};
use crate::{
    CloseReason, Effect, Event, Now, Transition, UserPresence,
    engine::{Rules, User},
    log,
};
use protocol::UserId;
use std::{slice, time::Duration};
use tokio::time::Instant;

/// What follows from some events, before it stands in the store.
pub(super) struct Decision {
    pub(super) before: UserPresence,
    write: Write,
    pub(super) effects: Vec<Effect>,
    /// For how long nobody had renewed the leases that ran out.
    ghosts: Vec<Duration>,
    is_change: bool,
}

impl<S: SharedStore> SharedDirectory<S> {
    /// Decides about one user. `events` are made from the state that is decided on, and may be made
    /// again when another node was faster.
    pub(super) async fn decide(
        &self,
        id: UserId,
        events: impl Fn(&User) -> Vec<Event> + Send + Sync,
    ) -> Result<Vec<Effect>, Unreachable> {
        let _turn = self.turns.take(id).await;
        let known = {
            let state = self.state();
            let known = state.local.get(id).and_then(|user| user.stored()).cloned();
            known.filter(|_| state.clock.is_some())
        };
        let mut is_fresh = known.is_none();
        let mut stored = match known {
            Some(stored) => stored,
            None => self.read_or_discard(id).await?,
        };
        loop {
            let decision = self.consider(id, stored.as_ref(), &events);
            if !decision.is_change {
                // What is known from before may be too old to say that nothing follows.
                if is_fresh {
                    return Ok(self.finish(decision, stored));
                }
                stored = self.read_or_discard(id).await?;
                is_fresh = true;
                continue;
            }
            let (asked, writes) = (Instant::now(), slice::from_ref(&decision.write));
            let answer = self.ask(self.store.write(writes)).await;
            let answer = answer.inspect_err(|_| {
                // It may have been written or not: what is known is no base any more.
                self.state().local.distrust(id);
            })?;
            let times = answer.times;
            match answer.value.into_iter().next() {
                Some(Written::Done(revision)) => {
                    let user = decision.write.user.clone();
                    return Ok(self.finish(decision, Some(Stored { revision, user })));
                }
                Some(Written::Conflict(newer)) => {
                    stored = newer.inspect_err(|_| self.state().local.distrust(id))?;
                    // It may be our own, of which we never heard that it was made.
                    let mut state = self.state();
                    if state.view.get(id).is_some() {
                        self.see(&mut state, id, stored.as_ref(), times, asked);
                    }
                    is_fresh = true;
                }
                None => return Err(Unreachable("the store did not say what it wrote".into())),
            }
        }
    }

    /// Decides about many users at once; again about those in whom another node was faster, for as long
    /// as there are any. Gives whether all were decided about: what is foreign is left alone.
    pub(super) async fn decide_all(
        &self,
        ids: &[UserId],
        events: impl Fn(UserId, &User) -> Vec<Event> + Send + Sync,
    ) -> Result<bool, Unreachable> {
        let mut undecided = ids.to_vec();
        let mut is_whole = true;
        while !undecided.is_empty() {
            let mut decisions = Vec::new();
            for (&id, kept) in undecided.iter().zip(self.read(&undecided).await?) {
                let stored = match kept {
                    Ok(stored) => stored,
                    Err(Foreign) if self.discard(id).await? => None,
                    Err(Foreign) => {
                        is_whole = false;
                        continue;
                    }
                };
                let decision = self.consider(id, stored.as_ref(), |user| events(id, user));
                if decision.is_change {
                    decisions.push(decision);
                } else {
                    self.finish(decision, stored);
                }
            }
            undecided.clear();
            if decisions.is_empty() {
                break;
            }
            let writes: Vec<_> = decisions.iter().map(|it| it.write.clone()).collect();
            let answer = self.ask(self.store.write(&writes)).await?;
            for (decision, written) in decisions.into_iter().zip(answer.value) {
                match written {
                    Written::Done(revision) => {
                        let user = decision.write.user.clone();
                        self.finish(decision, Some(Stored { revision, user }));
                    }
                    Written::Conflict(_) => undecided.push(decision.write.id),
                }
            }
        }
        Ok(is_whole)
    }

    /// Tells the store in what it differs from what this node knows of somebody.
    pub(super) async fn mend(&self, id: UserId) -> Result<Vec<Effect>, Unreachable> {
        self.decide(id, |user| self.differences(id, user)).await
    }

    /// As [`Self::mend`], of many at once.
    pub(super) async fn mend_all(&self, ids: &[UserId]) -> Result<(), Unreachable> {
        let mended = self.decide_all(ids, |id, user| self.differences(id, user));
        mended.await.map(drop)
    }

    /// Looks what has run out; of those who are connected here, only after that is told, and of nobody
    /// while others may be as late as we are.
    pub(super) fn sweep(&self, id: UserId, user: &User) -> Vec<Event> {
        let mut events = self.differences(id, user);
        if Instant::now() >= self.state().patience {
            events.push(Event::Sweep);
        }
        events
    }

    /// What is to be told of somebody who is connected here.
    pub(super) fn differences(&self, id: UserId, user: &User) -> Vec<Event> {
        let state = self.state();
        let time = state.time();
        let local = state.local.get(id);
        local.map_or_else(Vec::new, |local| {
            local.differences(id, user, self.node, time)
        })
    }

    /// Reads states, and takes in what they say of those who may be shown here.
    pub(super) async fn read(&self, ids: &[UserId]) -> Result<Vec<Kept>, Unreachable> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let asked = Instant::now();
        let answer = self.ask(self.store.read(ids)).await?;
        let mut state = self.state();
        for (id, kept) in ids.iter().zip(&answer.value) {
            match kept {
                Ok(stored) => self.see(&mut state, *id, stored.as_ref(), answer.times, asked),
                Err(Foreign) => state.local.distrust(*id),
            }
        }
        Ok(answer.value)
    }

    /// What is to be decided on.
    async fn read_or_discard(&self, id: UserId) -> Result<Option<Stored>, Unreachable> {
        match self.read(&[id]).await?.pop() {
            Some(Err(foreign)) if !self.discard(id).await? => Err(foreign.into()),
            kept => Ok(kept.and_then(Result::ok).flatten()),
        }
    }

    /// Nodes of the version that wrote what is foreign are gone once it has run out and none has cared.
    async fn discard(&self, id: UserId) -> Result<bool, Unreachable> {
        self.store.discard(id, self.settings.lease_ttl).await
    }

    pub(super) fn consider(
        &self,
        id: UserId,
        stored: Option<&Stored>,
        events: impl Fn(&User) -> Vec<Event>,
    ) -> Decision {
        let (time, told, is_everything_known) = {
            let state = self.state();
            let is_everything_known = self.forgot_at(&state).is_none();
            (state.time(), state.view.get(id), is_everything_known)
        };
        let now = Now {
            monotonic: time,
            wall: timestamp(time),
        };
        let mut user = stored.map(|it| it.user.clone()).unwrap_or_default();
        // A store that has lost everything, or was put back to what it knew before, does not know
        // which versions others have been told; its time has passed all the same.
        let newest = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        user.skip_versions(newest.max(told.map_or(0, |told| told.version)));
        let before = user.clone();
        let presence = user.presence(id);
        let rules = Rules {
            is_everything_known,
            ..self.rules
        };
        if stored.is_some_and(|stored| stored.is_ahead(time, &rules)) {
            user.catch_up(time, &rules);
        }
        let mut effects = Vec::new();
        for event in events(&user) {
            effects.extend(user.handle(id, event, now, &rules));
        }
        // A store that was put back to what it knew before has forgotten what others were told since,
        // and maybe who has come since, of whom it is told again within a lease.
        if let Some(told) = told.filter(|told| user.is_behind(told))
            && stored.is_some()
            && (user.is_online() || is_everything_known)
        {
            effects.extend(user.recall(&told, now));
        }
        let news = effects.iter().filter_map(news_of).collect();
        let ghost = |effect: &Effect| match effect {
            Effect::CloseConnection {
                key,
                reason: CloseReason::NodeLost,
            } => before.unrenewed_for(key.connection, time, &rules),
            _ => None,
        };
        let ghosts = effects.iter().filter_map(ghost).collect();
        let over = stored.map(|stored| stored.revision);
        let is_change = user != before;
        Decision {
            before: presence,
            write: Write {
                id,
                over,
                user,
                news,
            },
            effects,
            ghosts,
            is_change,
        }
    }

    /// What was decided stands. Gives what follows from it.
    fn finish(&self, decision: Decision, stored: Option<Stored>) -> Vec<Effect> {
        let Decision {
            before,
            write: Write { id, .. },
            effects,
            ghosts,
            ..
        } = decision;
        ghosts.into_iter().for_each(&self.ghost);
        let mut state = self.state();
        if state.local.get(id).is_some() {
            state.view.add(before);
            let born = state.clock.map_or(Duration::ZERO, |clock| clock.said.born);
            if stored.as_ref().is_some_and(|it| !it.tells_nothing(born)) {
                state.view.trust(id);
            }
        }
        for effect in &effects {
            self.tally.note(effect);
            match effect {
                Effect::Record(record) => log::write(record),
                Effect::Transition(transition) => self.learn(&mut state, *transition),
                Effect::Answer(_) | Effect::CloseConnection { .. } => {}
            }
        }
        if stored.as_ref().is_some_and(|it| it.user.is_leaving()) {
            // Nobody else may be waiting for the end: the node that was is lost.
            state.local.user(id);
        }
        let next_end = state.local.next_end();
        let ended = state.local.note_stored(id, stored);
        if !ended.is_empty() {
            state.reaped.extend(ended);
            self.sockets_to_close.notify_one();
        }
        if state.local.forget(id, self.node) && state.view.get(id).is_none() {
            self.store.want_no_more(&[id]);
        }
        if state.local.next_end() != next_end {
            self.earlier_end.notify_one();
        }
        effects
    }

    /// What the store says of somebody who may be shown here, and was asked at some moment.
    fn see(
        &self,
        state: &mut State,
        id: UserId,
        stored: Option<&Stored>,
        times: Times,
        asked: Instant,
    ) {
        match stored {
            Some(stored) => {
                let known = stored.user.presence(id);
                state.view.adopt(known);
                let seen = state.view.get(id);
                let newer = seen.filter(|seen| stored.user.is_behind(seen));
                // What was written since may be all that it knows.
                let is_forgotten = !stored.user.is_online()
                    && (newer.is_some() || stored.tells_nothing(times.born))
                    && !state.view.has_learnt_since(id, asked)
                    && self.is_forgetful(state, times);
                if is_forgotten {
                    state.view.doubt(id, timestamp(times.born));
                } else {
                    state.view.trust(id);
                }
                if stored.is_ahead(times.now, &self.rules)
                    || newer.is_some_and(|seen| seen.shown != known.shown)
                {
                    state.outdated.insert(id);
                }
                if let Some(last) = stored.user.last_transition() {
                    self.learn(state, last);
                }
            }
            // Who has come since the store was asked was not there then.
            None if state.view.has_learnt_since(id, asked) => {}
            // A store that has lost everything is told within a lease by those who know.
            None if self.is_forgetful(state, times) => state.view.doubt(id, timestamp(times.born)),
            // Whoever is connected here is lost to the store alone, which is told again.
            None if state.local.get(id).is_some_and(|it| it.sockets() > 0) => {
                state.outdated.insert(id);
            }
            None => {
                if let Some(lost) = state.view.lose(id, timestamp(times.now)) {
                    self.announce(state, lost);
                }
                state.view.add(User::default().presence(id));
                state.view.trust(id);
            }
        }
    }

    /// Whether the store has lost everything so lately that it may not know of who is online.
    pub(super) fn is_forgetful(&self, state: &State, times: Times) -> bool {
        let told_within = self.settings.lease_ttl + self.settings.offline_grace;
        let age = times.now.saturating_sub(times.born);
        // By a clock that was set forward it may seem long ago.
        let is_set_lately = |at: Instant| at.elapsed() < told_within;
        age < told_within || state.clock_set_at.is_some_and(is_set_lately)
    }

    /// When the store lost everything, if that is so lately that it may not know of who is online.
    pub(super) fn forgot_at(&self, state: &State) -> Option<Duration> {
        let now = state.time();
        let is_lately = |born: &Duration| self.is_forgetful(state, Times { now, born: *born });
        state.lost_at().filter(is_lately)
    }

    pub(super) fn learn(&self, state: &mut State, transition: Transition) {
        if let Some(change) = state.view.learn(transition) {
            self.announce(state, change);
        }
    }

    fn announce(&self, state: &mut State, change: Transition) {
        state.announcements.note(change);
        self.changed.notify_one();
    }
}

fn news_of(effect: &Effect) -> Option<News> {
    match effect {
        Effect::Transition(transition) => Some(News::Transition(*transition)),
        Effect::CloseConnection { key, .. } => Some(News::Removed(key.connection)),
        Effect::Answer(_) | Effect::Record(_) => None,
    }
}
