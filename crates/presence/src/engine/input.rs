//! Input: who shows none on any connection for a while is away.
//!
//! A connection reports input now and then, and a new one how long ago the last was, so that a
//! reconnect by itself brings nobody back. One that reports none (a program) keeps its user there
//! while it counts. The newest input of all connections decides: closing one tab beside another makes
//! nobody away.

use super::{Effect, Now, Rules, user::User};
use crate::{ConnectionKey, TransitionReason};
use protocol::UserId;
use std::time::Duration;

impl User {
    /// Input was `idle` ago; nothing stands for a connection that never tells.
    pub(super) fn input(
        &mut self,
        key: ConnectionKey,
        idle: Option<Duration>,
        now: Now,
        rules: &Rules,
        effects: &mut Vec<Effect>,
    ) {
        let Some(connection) = self.open_connection(key) else {
            return;
        };
        connection.is_constant = idle.is_none();
        let at = now.monotonic.saturating_sub(idle.unwrap_or_default());
        self.last_input = self.last_input.max(Some(at));
        self.await_input(now.monotonic, rules);
        self.sweep_away(key.user, now, effects);
        let is_recent = |at| now.monotonic < at + rules.away_after;
        if self.is_constant() || self.last_input.is_some_and(is_recent) {
            self.is_away = false;
            effects.extend(self.settle(key.user, now.wall, TransitionReason::Input, now));
        }
    }

    /// Notes when the user is away unless input comes.
    pub(super) fn await_input(&mut self, now: Duration, rules: &Rules) {
        self.away_due = self
            .last_input
            .filter(|_| !self.is_constant())
            .map(|at| (at + rules.away_after).max(now));
    }

    /// Away, once the time for input has run out.
    pub(super) fn sweep_away(&mut self, id: UserId, now: Now, effects: &mut Vec<Effect>) {
        if self.away_due.take_if(|due| *due <= now.monotonic).is_some() {
            self.is_away = true;
            effects.extend(self.settle(id, now.wall, TransitionReason::Idle, now));
        }
    }
}
