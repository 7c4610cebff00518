//! The reference: presence worked out tick by tick from two questions. Is any connection open or
//! closing? When did the count become 0?

use crate::schedule::{Step, TICK};
use presence::{Settings, TransitionReason};
use std::{collections::BTreeMap, time::Duration};

/// In ticks.
type Tick = u128;
type SessionN = (u8, u8);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ModelTransition {
    pub(crate) at: Tick,
    pub(crate) user: u8,
    pub(crate) is_online: bool,
    pub(crate) reason: TransitionReason,
}

#[derive(Debug)]
struct Live {
    alive_at: Tick,
    closing: bool,
}

#[derive(Debug, Default)]
struct Person {
    online: bool,
    zero_since: Option<Tick>,
    last_seen: Option<Tick>,
    version: u64,
}

pub(crate) struct Model {
    pong_timeout: Tick,
    grace: Tick,
    ended_for: Tick,
    pub(crate) now: Tick,
    live: BTreeMap<(u8, u8, u8), Live>,
    people: BTreeMap<u8, Person>,
    left: BTreeMap<SessionN, Tick>,
    ended: BTreeMap<SessionN, Tick>,
    pub(crate) transitions: Vec<ModelTransition>,
}

pub(crate) fn ticks(time: Duration) -> Tick {
    time.as_millis() / TICK.as_millis()
}

impl Model {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            pong_timeout: ticks(settings.pong_timeout),
            grace: ticks(settings.offline_grace),
            ended_for: ticks(Duration::from_secs(600)),
            now: 0,
            live: BTreeMap::new(),
            people: BTreeMap::new(),
            left: BTreeMap::new(),
            ended: BTreeMap::new(),
            transitions: Vec::new(),
        }
    }

    pub(crate) fn count(&self, user: u8) -> usize {
        self.live.keys().filter(|(u, ..)| *u == user).count()
    }

    pub(crate) fn is_online(&self, user: u8) -> bool {
        self.people.get(&user).is_some_and(|person| person.online)
    }

    pub(crate) fn version(&self, user: u8) -> u64 {
        self.people.get(&user).map_or(0, |person| person.version)
    }

    pub(crate) fn last_seen(&self, user: u8) -> Option<Tick> {
        self.people.get(&user)?.last_seen
    }

    pub(crate) fn take(&mut self, step: &Step) {
        match *step {
            Step::Open(u, s, c) => {
                let ended = self.ended.get(&(u, s));
                if ended.is_some_and(|at| self.now < at + self.ended_for)
                    || self.live.contains_key(&(u, s, c))
                {
                    return;
                }
                self.left.remove(&(u, s));
                let live = Live {
                    alive_at: self.now,
                    closing: false,
                };
                self.live.insert((u, s, c), live);
                self.person(u).zero_since = None;
                if !self.is_online(u) {
                    self.change(u, true, TransitionReason::Connected);
                }
            }
            Step::Activity(u, s, c) => self.renew((u, s, c), false),
            Step::Closing(u, s, c) => self.renew((u, s, c), true),
            Step::Closed(u, s, c) => {
                if self.live.remove(&(u, s, c)).is_some() {
                    self.gone(u, s);
                    self.offline_if_due();
                }
            }
            Step::EndSession(u, s) => {
                self.ended.retain(|_, at| self.now < *at + self.ended_for);
                self.ended.entry((u, s)).or_insert(self.now);
                let before = self.live.len();
                self.live.retain(|(u2, s2, _), _| (*u2, *s2) != (u, s));
                if self.live.len() < before {
                    self.gone(u, s);
                }
                self.left.remove(&(u, s));
                let (now, grace) = (self.now, self.grace);
                let awaited = |left: &Tick| now < left + grace;
                if self.is_online(u)
                    && self.count(u) == 0
                    && !self
                        .left
                        .iter()
                        .any(|((u2, _), at)| *u2 == u && awaited(at))
                {
                    self.change(u, false, TransitionReason::SessionEnded);
                }
            }
            Step::Read(_) => {}
            Step::Wait(time) => {
                for _ in 0..ticks(time) {
                    self.tick();
                }
            }
        }
    }

    fn tick(&mut self) {
        self.now += 1;
        let silent: Vec<_> = self
            .live
            .iter()
            .filter(|(_, live)| live.alive_at + self.pong_timeout <= self.now)
            .map(|(key, _)| *key)
            .collect();
        for (u, s, c) in silent {
            self.live.remove(&(u, s, c));
            self.gone(u, s);
        }
        self.offline_if_due();
    }

    fn renew(&mut self, key: (u8, u8, u8), closing: bool) {
        if let Some(live) = self.live.get_mut(&key).filter(|live| !live.closing) {
            live.alive_at = self.now;
            live.closing = closing;
        }
    }

    /// A connection of this session has gone.
    fn gone(&mut self, u: u8, s: u8) {
        let now = self.now;
        if !self.live.keys().any(|(u2, s2, _)| (*u2, *s2) == (u, s)) {
            self.left.insert((u, s), now);
        }
        if self.count(u) == 0 {
            self.person(u).zero_since = Some(now);
        }
    }

    fn offline_if_due(&mut self) {
        let due: Vec<u8> = self
            .people
            .iter()
            .filter(|(_, person)| {
                person.online
                    && person
                        .zero_since
                        .is_some_and(|at| at + self.grace <= self.now)
            })
            .map(|(user, _)| *user)
            .collect();
        for user in due {
            self.change(user, false, TransitionReason::GraceExpired);
        }
    }

    fn change(&mut self, user: u8, is_online: bool, reason: TransitionReason) {
        self.transitions.push(ModelTransition {
            at: self.now,
            user,
            is_online,
            reason,
        });
        let person = self.person(user);
        person.online = is_online;
        person.version += 1;
        person.last_seen = if is_online { None } else { person.zero_since };
    }

    fn person(&mut self, user: u8) -> &mut Person {
        self.people.entry(user).or_default()
    }
}
