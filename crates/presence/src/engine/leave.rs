//! A connection closes, its session ends, or its lease runs out; and then, perhaps, its user leaves.

use super::{Effect, Engine, Now, grace::Grace, record};
use crate::{CloseReason, ConnectionKey, ConnectionState, Lifecycle, TransitionReason};
use protocol::{SessionId, UserId};
use std::time::Duration;

/// How a connection ends.
#[derive(Clone, Copy)]
enum End {
    /// Its socket's task reported it.
    Reported(CloseReason),
    /// Its session ended.
    WithSession,
    /// Its lease ran out.
    WithLease,
}

impl Engine {
    pub(super) fn closing(&mut self, key: ConnectionKey, now: Duration) {
        let pong_timeout = self.settings.pong_timeout;
        if let Some(connection) = self.open_connection(key) {
            connection.state = ConnectionState::Closing;
            let old = connection.lease;
            connection.lease.deadline = now + pong_timeout;
            let new = connection.lease;
            self.agenda.replace_lease(key, &old, &new);
        }
    }

    pub(super) fn closed(
        &mut self,
        key: ConnectionKey,
        reason: CloseReason,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(user) = self.users.get_mut(&key.user)
            && let Some(socket) = user.take_given_up(key.connection)
        {
            let count = user.connections.len();
            effects.push(record(Lifecycle::WsClosed, &socket, count, reason.as_str()));
        }
        self.remove(key, End::Reported(reason), now, effects);
        if self.settings.offline_grace.is_zero() {
            self.go_offline(key.user, TransitionReason::GraceExpired, now, effects);
        }
    }

    pub(super) fn session_ended(
        &mut self,
        user_id: UserId,
        session: SessionId,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        self.ended.insert(session, now.monotonic);
        let Some(user) = self.users.get(&user_id) else {
            return;
        };
        for key in user.connections_of(session) {
            self.remove(key, End::WithSession, now, effects);
        }
        let Some(user) = self.users.get_mut(&user_id) else {
            return;
        };
        user.stop_awaiting(session);
        if !user.awaits_a_session(now.monotonic) {
            self.go_offline(user_id, TransitionReason::SessionEnded, now, effects);
        }
    }

    pub(super) fn sweep(&mut self, now: Now, effects: &mut Vec<Effect>) {
        while let Some(key) = self.agenda.pop_due_lease(now.monotonic) {
            self.remove(key, End::WithLease, now, effects);
        }
        while let Some(user) = self.agenda.pop_due_grace(now.monotonic) {
            self.go_offline(user, TransitionReason::GraceExpired, now, effects);
        }
        self.sweep_away(now, effects);
    }

    /// The only way out for a connection; names it, so that no other can be meant.
    fn remove(&mut self, key: ConnectionKey, end: End, now: Now, effects: &mut Vec<Effect>) {
        let Some(user) = self.users.get_mut(&key.user) else {
            return;
        };
        let Some(connection) = user.remove(key.connection) else {
            return;
        };
        self.agenda.remove_lease(key, &connection.lease);

        let reason = match (end, connection.state) {
            (End::Reported(reason), _) => reason,
            (End::WithSession, _) => CloseReason::SessionEnded,
            (End::WithLease, ConnectionState::Open) => CloseReason::PongTimeout,
            (End::WithLease, ConnectionState::Closing) => CloseReason::CloseTimeout,
        };
        let last = connection.registration;
        let count = user.connections.len();
        effects.push(match end {
            End::Reported(_) => record(Lifecycle::WsClosed, &last, count, reason.as_str()),
            End::WithSession | End::WithLease => {
                user.give_up(last);
                Effect::CloseConnection { key, reason }
            }
        });
        effects.push(record(
            Lifecycle::ActiveSocketClosed,
            &last,
            count,
            reason.as_str(),
        ));

        let deadline = now.monotonic + self.settings.offline_grace;
        user.departed(last.session, now.monotonic, deadline);
        if count == 0 {
            effects.push(record(
                Lifecycle::UserDisconnected,
                &last,
                count,
                reason.as_str(),
            ));
            let grace = Grace {
                since: now,
                deadline,
                last,
                reason,
            };
            self.agenda.add_grace(key.user, &grace);
            user.grace = Some(grace);
        }
        if connection.is_constant {
            self.await_input(key.user, now.monotonic);
        }
    }

    /// Ends a user's grace with the transition to offline. Without a running grace there is nothing
    /// to end: a connection is active, or the user is offline already.
    fn go_offline(
        &mut self,
        user_id: UserId,
        reason: TransitionReason,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Some(user) = self.users.get_mut(&user_id) else {
            return;
        };
        let Some(grace) = user.grace.take() else {
            return;
        };
        self.agenda.remove_grace(user_id, &grace);
        self.agenda.replace_away(user_id, user.away_due, None);
        user.gone(reason);
        effects.push(record(
            Lifecycle::PresenceOffline,
            &grace.last,
            0,
            reason.as_str(),
        ));
        effects.extend(user.settle(user_id, grace.since.wall, reason, now));
    }
}
