//! One shard: the engine of some users, and what of its effects waits to be taken.

use crate::{
    Announcements, Effect, Engine, Event, Now, Settings, Transition, UserDiagnostics, UserPresence,
};
use protocol::{ConnectionId, UserId};
use std::{collections::BTreeSet, time::Duration};

/// Kept under one lock, so that a snapshot and the announcements after it fit together.
pub(super) struct Shard {
    engine: Engine,
    announcements: Announcements,
    /// Connections that ran out and whose sockets have not ended yet: never more than sockets.
    reaped: BTreeSet<ConnectionId>,
}

impl Shard {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            engine: Engine::new(settings),
            announcements: Announcements::default(),
            reaped: BTreeSet::new(),
        }
    }

    pub(super) fn handle(&mut self, event: Event, now: Now) -> Vec<Effect> {
        let effects = self.engine.handle(event, now);
        for effect in &effects {
            if let Effect::Transition(transition) = effect {
                self.announcements.note(*transition);
            }
        }
        match event {
            Event::Sweep => self.reaped.extend(sockets_to_close(&effects)),
            Event::Closed(key, _) => {
                self.reaped.remove(&key.connection);
            }
            // The sockets of an ended session are the answer to who ended it.
            Event::SessionEnded { .. } => {}
            Event::Open(_)
            | Event::Activity(_)
            | Event::Renewed(..)
            | Event::Input(..)
            | Event::Choose(..)
            | Event::Closing(_) => {}
        }
        effects
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.engine.next_deadline()
    }

    /// A user's presence, to be shown to somebody.
    pub(super) fn show(&mut self, user: UserId) -> UserPresence {
        self.announcements.shown(user);
        self.engine.presence(user)
    }

    pub(super) fn diagnostics(&self, user: UserId, now: Now) -> UserDiagnostics {
        self.engine.diagnostics(user, now)
    }

    pub(super) fn take_changes(&mut self) -> Vec<Transition> {
        self.announcements.drain()
    }

    pub(super) fn take_reaped(&mut self) -> Vec<ConnectionId> {
        std::mem::take(&mut self.reaped).into_iter().collect()
    }
}

pub(super) fn sockets_to_close(effects: &[Effect]) -> impl Iterator<Item = ConnectionId> {
    effects.iter().filter_map(|effect| match effect {
        Effect::CloseConnection { key, .. } => Some(key.connection),
        Effect::Answer(_) | Effect::Record(_) | Effect::Transition(_) => None,
    })
}
