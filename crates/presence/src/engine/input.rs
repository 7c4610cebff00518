//! Input: who shows none on any connection for a while is away; and what users choose to show.
//!
//! A connection reports input now and then, and a new one how long ago the last was, so that a
//! reconnect by itself brings nobody back. One that reports none (a program) keeps its user there
//! while it counts. The newest input of all connections decides: closing one tab beside another makes
//! nobody away.

use super::{Effect, Engine, Now};
use crate::{Choice, ConnectionKey, TransitionReason};
use protocol::UserId;
use std::time::Duration;

impl Engine {
    /// Input was `idle` ago; nothing stands for a connection that never tells.
    pub(super) fn input(
        &mut self,
        key: ConnectionKey,
        idle: Option<Duration>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Some(connection) = self.open_connection(key) else {
            return;
        };
        connection.is_constant = idle.is_none();
        let Some(user) = self.users.get_mut(&key.user) else {
            return;
        };
        let at = now.monotonic.saturating_sub(idle.unwrap_or_default());
        user.last_input = user.last_input.max(Some(at));
        self.await_input(key.user, now.monotonic);
        self.sweep_away(now, effects);
        let away_after = self.settings.away_after;
        if let Some(user) = self.users.get_mut(&key.user)
            && (user.is_constant()
                || user
                    .last_input
                    .is_some_and(|at| now.monotonic < at + away_after))
        {
            user.is_away = false;
            effects.extend(user.settle(key.user, now.wall, TransitionReason::Input, now));
        }
    }

    /// Puts on the agenda when the user is away unless input comes.
    pub(super) fn await_input(&mut self, user_id: UserId, now: Duration) {
        let Some(user) = self.users.get_mut(&user_id) else {
            return;
        };
        let due = user
            .last_input
            .filter(|_| !user.is_constant())
            .map(|at| (at + self.settings.away_after).max(now));
        self.agenda.replace_away(user_id, user.away_due, due);
        user.away_due = due;
    }

    /// Makes away whose time for input has run out.
    pub(super) fn sweep_away(&mut self, now: Now, effects: &mut Vec<Effect>) {
        while let Some(user_id) = self.agenda.pop_due_away(now.monotonic) {
            if let Some(user) = self.users.get_mut(&user_id) {
                user.away_due = None;
                user.is_away = true;
                effects.extend(user.settle(user_id, now.wall, TransitionReason::Idle, now));
            }
        }
    }

    /// The first choice that is heard of in an epoch is what others have been shown already; of one
    /// who is online nothing was shown before their first connection.
    pub(super) fn choose(
        &mut self,
        user_id: UserId,
        choice: Choice,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let user = self.users.entry(user_id).or_default();
        if user
            .choice
            .is_some_and(|known| known.version >= choice.version)
        {
            return;
        }
        let is_first = user.choice.replace(choice).is_none();
        if is_first && user.last.is_none() {
            user.at_first = user.shown();
            return;
        }
        effects.extend(user.settle(user_id, now.wall, TransitionReason::Chosen, now));
    }
}
