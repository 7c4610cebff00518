//! A connection closes, its session ends, or its lease runs out; and then, perhaps, its user leaves.

use super::{Effect, Now, Rules, Tenant, grace::Grace, user::User};
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

impl User {
    pub(super) fn closing(&mut self, key: ConnectionKey, now: Duration, rules: &Rules) {
        if let Some(connection) = self.open_connection(key) {
            connection.state = ConnectionState::Closing;
            if rules.tenant == Tenant::Socket {
                connection.lease.deadline = now + rules.lease;
            }
        }
    }

    pub(super) fn closed(
        &mut self,
        key: ConnectionKey,
        reason: CloseReason,
        now: Now,
        rules: &Rules,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(socket) = self.take_given_up(key.connection) {
            effects.push(self.record(Lifecycle::WsClosed, &socket, reason.as_str()));
        }
        self.remove(key, End::Reported(reason), now, rules, effects);
        if rules.offline_grace.is_zero() {
            self.go_offline(key.user, TransitionReason::GraceExpired, now, effects);
        }
    }

    pub(super) fn session_ended(
        &mut self,
        id: UserId,
        session: SessionId,
        now: Now,
        rules: &Rules,
        effects: &mut Vec<Effect>,
    ) {
        self.ended.insert(session, now.monotonic);
        for key in self.connections_of(session) {
            self.remove(key, End::WithSession, now, rules, effects);
        }
        self.stop_awaiting(session);
        if rules.is_everything_known && !self.awaits_a_session(now.monotonic) {
            self.go_offline(id, TransitionReason::SessionEnded, now, effects);
        }
    }

    pub(super) fn sweep(&mut self, id: UserId, now: Now, rules: &Rules, effects: &mut Vec<Effect>) {
        let mut due: Vec<_> = self
            .connections
            .iter()
            .filter(|connection| connection.lease.deadline <= now.monotonic)
            .map(|connection| (connection.lease.deadline, connection.registration.key()))
            .collect();
        due.sort_unstable();
        for (_, key) in due {
            self.remove(key, End::WithLease, now, rules, effects);
        }
        if self
            .grace
            .as_ref()
            .is_some_and(|grace| grace.deadline <= now.monotonic)
        {
            self.go_offline(id, TransitionReason::GraceExpired, now, effects);
        }
        self.sweep_away(id, now, effects);
    }

    /// The only way out for a connection; names it, so that no other can be meant.
    fn remove(
        &mut self,
        key: ConnectionKey,
        end: End,
        now: Now,
        rules: &Rules,
        effects: &mut Vec<Effect>,
    ) {
        let Some(connection) = self.take(key.connection) else {
            return;
        };
        let reason = match (end, rules.tenant, connection.state) {
            (End::Reported(reason), ..) => reason,
            (End::WithSession, ..) => CloseReason::SessionEnded,
            (End::WithLease, Tenant::Node, _) => CloseReason::NodeLost,
            (End::WithLease, Tenant::Socket, ConnectionState::Open) => CloseReason::PongTimeout,
            (End::WithLease, Tenant::Socket, ConnectionState::Closing) => CloseReason::CloseTimeout,
        };
        let last = connection.registration;
        effects.push(match end {
            End::Reported(_) => self.record(Lifecycle::WsClosed, &last, reason.as_str()),
            End::WithSession | End::WithLease => {
                self.give_up(last);
                Effect::CloseConnection { key, reason }
            }
        });
        effects.push(self.record(Lifecycle::ActiveSocketClosed, &last, reason.as_str()));

        let deadline = now.monotonic + rules.offline_grace;
        self.departed(last.session, now.monotonic, deadline);
        if self.connections.is_empty() {
            effects.push(self.record(Lifecycle::UserDisconnected, &last, reason.as_str()));
            self.grace = Some(Grace {
                since: now,
                deadline,
                last,
                reason,
            });
        }
        if connection.is_constant {
            self.await_input(now.monotonic, rules);
        }
    }

    /// Ends a user's grace with the transition to offline. Without a running grace there is nothing
    /// to end: a connection is active, or the user is offline already.
    fn go_offline(
        &mut self,
        id: UserId,
        reason: TransitionReason,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Some(grace) = self.grace.take() else {
            return;
        };
        self.gone(reason);
        effects.push(self.record(Lifecycle::PresenceOffline, &grace.last, reason.as_str()));
        effects.extend(self.settle(id, grace.since.wall, reason, now));
    }
}
