//! An engine, a clock, and everything that ever came out: what the other modules tell stories with.

use presence::{
    Choice, CloseReason, ConnectionKey, Effect, Engine, Event, Lifecycle, Now, OpenRefused, Opened,
    Registration, Settings, Transition, UserDiagnostics, UserPresence,
};
use protocol::{ConnectionId, Mode, NodeId, SessionId, Timestamp, UserId};
use std::time::Duration;
use uuid::Uuid;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn user(n: u8) -> UserId {
    UserId::from_uuid(Uuid::from_u128(u128::from(n)))
}

/// Connection `n` of `session` of `user`.
pub(crate) fn socket(user_n: u8, session: u8, n: u8) -> Registration {
    Registration {
        connection: ConnectionId::from_uuid(Uuid::from_u128(u128::from_be_bytes([
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, user_n, session, n,
        ]))),
        user: user(user_n),
        session: session_of(user_n, session),
        node: NodeId::from_uuid(Uuid::from_u128(1)),
    }
}

pub(crate) fn session_of(user: u8, session: u8) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(u128::from_be_bytes([
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, user, session,
    ])))
}

pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) now: Duration,
    /// Whole history, with the time of each.
    pub(crate) effects: Vec<(Duration, Effect)>,
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        settings.validate().unwrap();
        Self {
            engine: Engine::new(settings),
            now: Duration::ZERO,
            effects: Vec::new(),
        }
    }

    pub(crate) fn at(&self, monotonic: Duration) -> Now {
        let millis = i64::try_from(monotonic.as_millis()).unwrap();
        Now {
            monotonic,
            wall: Timestamp::from_unix_millis(1_700_000_000_000 + millis),
        }
    }

    /// Sends an event now, and returns what it gave rise to.
    pub(crate) fn send(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.engine.handle(event, self.at(self.now));
        let now = self.now;
        self.effects
            .extend(effects.iter().map(|effect| (now, *effect)));
        effects
    }

    /// Lets time pass, with a sweep at each deadline on the way: from now on the owner is punctual.
    pub(crate) fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(deadline) = self.engine.next_deadline().filter(|d| *d <= until) {
            self.now = self.now.max(deadline);
            self.send(Event::Sweep);
            assert!(
                self.engine.next_deadline().is_none_or(|d| d > self.now),
                "a sweep asks to be sent again at once"
            );
        }
        self.now = until;
    }

    pub(crate) fn open(&mut self, socket: Registration) -> Result<Opened, OpenRefused> {
        let answers: Vec<_> = self
            .send(Event::Open(socket))
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Answer(answer) => Some(answer),
                _ => None,
            })
            .collect();
        assert_eq!(answers.len(), 1, "one answer to one question");
        answers[0]
    }

    pub(crate) fn closing(&mut self, socket: Registration) -> Vec<Effect> {
        self.send(Event::Closing(socket.key()))
    }

    pub(crate) fn closed(&mut self, socket: Registration) -> Vec<Effect> {
        self.send(Event::Closed(socket.key(), CloseReason::ClientClosed))
    }

    /// Input was given there this long ago.
    pub(crate) fn input(&mut self, socket: Registration, idle: Duration) -> Vec<Effect> {
        self.send(Event::Input(socket.key(), Some(idle)))
    }

    /// The user's `version`-th choice.
    pub(crate) fn choose(&mut self, user_n: u8, mode: Mode, version: u64) -> Vec<Effect> {
        let choice = Choice {
            mode,
            note: 0,
            version,
        };
        self.send(Event::Choose(user(user_n), choice))
    }

    pub(crate) fn end_session(&mut self, user_n: u8, session: u8) -> Vec<Effect> {
        self.send(Event::SessionEnded {
            user: user(user_n),
            session: session_of(user_n, session),
        })
    }

    pub(crate) fn presence(&self, user_n: u8) -> UserPresence {
        self.engine.presence(user(user_n))
    }

    pub(crate) fn diagnostics(&self, user_n: u8) -> UserDiagnostics {
        self.engine.diagnostics(user(user_n), self.at(self.now))
    }

    pub(crate) fn transitions(&self) -> Vec<(Duration, Transition)> {
        self.effects
            .iter()
            .filter_map(|(at, effect)| match effect {
                Effect::Transition(transition) => Some((*at, *transition)),
                _ => None,
            })
            .collect()
    }

    /// The connections that the engine itself gave up on.
    pub(crate) fn given_up(&self) -> Vec<(Duration, ConnectionKey, CloseReason)> {
        self.effects
            .iter()
            .filter_map(|(at, effect)| match effect {
                Effect::CloseConnection { key, reason } => Some((*at, *key, *reason)),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn recorded(&self, event: Lifecycle) -> usize {
        self.effects
            .iter()
            .filter(|(_, effect)| matches!(effect, Effect::Record(r) if r.event == event))
            .count()
    }
}
