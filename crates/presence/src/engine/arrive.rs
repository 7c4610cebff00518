//! A connection opens, and shows that it lives.

use super::{Effect, Engine, Now, OpenRefused, Opened, lease::Lease, record, user::Connection};
use crate::{ConnectionKey, ConnectionState, Lifecycle, Registration, TransitionReason};
use std::time::Duration;

impl Engine {
    pub(super) fn open(&mut self, registration: Registration, now: Now, effects: &mut Vec<Effect>) {
        if self.ended.contains(registration.session, now.monotonic) {
            effects.push(Effect::Answer(Err(OpenRefused::SessionEnded)));
            return;
        }
        let user = self.users.entry(registration.user).or_default();
        let mut reconnected = false;
        if user.connection(registration.connection).is_none() {
            let lease = Lease::starting(now.monotonic, self.settings.pong_timeout);
            self.agenda.add_lease(registration.key(), &lease);
            user.insert(Connection {
                registration,
                state: ConnectionState::Open,
                opened: now,
                lease,
                is_constant: false,
            });
            let count = user.connections.len();
            effects.push(record(
                Lifecycle::ConnectionEstablished,
                &registration,
                count,
                "opened",
            ));
            if let Some(grace) = user.grace.take() {
                self.agenda.remove_grace(registration.user, &grace);
                reconnected = true;
                effects.push(record(
                    Lifecycle::UserReconnected,
                    &registration,
                    count,
                    "within_grace",
                ));
            } else if !user.is_online {
                let reason = TransitionReason::Connected;
                user.is_online = true;
                user.decided_by = Some(reason);
                effects.push(record(
                    Lifecycle::PresenceOnline,
                    &registration,
                    count,
                    reason.as_str(),
                ));
                effects.extend(user.settle(registration.user, now.wall, reason, now));
            }
        }
        effects.push(Effect::Answer(Ok(Opened {
            active_count: user.connections.len(),
            reconnected,
        })));
    }

    /// A closing connection's lease is not renewed, or a peer that never finishes its closing
    /// handshake but keeps sending would count for ever.
    pub(super) fn activity(&mut self, key: ConnectionKey, now: Duration) {
        let lease = Lease::starting(now, self.settings.pong_timeout);
        if let Some(connection) = self.open_connection(key) {
            let old = std::mem::replace(&mut connection.lease, lease);
            self.agenda.replace_lease(key, &old, &lease);
        }
    }
}
