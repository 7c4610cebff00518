//! A connection opens, and shows that it lives.

use super::{
    Effect, Now, OpenRefused, Opened, Rules, Tenant,
    lease::Lease,
    user::{Connection, User},
};
use crate::{ConnectionKey, ConnectionState, Lifecycle, Registration, TransitionReason};
use std::time::Duration;

impl User {
    pub(super) fn open(
        &mut self,
        registration: Registration,
        now: Now,
        rules: &Rules,
        effects: &mut Vec<Effect>,
    ) {
        if self.ended.contains(registration.session, now.monotonic) {
            effects.push(Effect::Answer(Err(OpenRefused::SessionEnded)));
            return;
        }
        let mut reconnected = false;
        if self.connection(registration.connection).is_none() {
            self.insert(Connection {
                registration,
                state: ConnectionState::Open,
                opened: now,
                lease: Lease::starting(now.monotonic, rules.lease),
                is_constant: false,
            });
            effects.push(self.record(Lifecycle::ConnectionEstablished, &registration, "opened"));
            if self.grace.take().is_some() {
                reconnected = true;
                let event = Lifecycle::UserReconnected;
                effects.push(self.record(event, &registration, "within_grace"));
            } else if !self.is_online {
                let reason = TransitionReason::Connected;
                self.is_online = true;
                self.decided_by = Some(reason);
                let event = Lifecycle::PresenceOnline;
                effects.push(self.record(event, &registration, reason.as_str()));
                effects.extend(self.settle(registration.user, now.wall, reason, now));
            }
        }
        effects.push(Effect::Answer(Ok(Opened {
            active_count: self.connections.len(),
            reconnected,
        })));
    }

    /// A closing connection's lease is not renewed, or a peer that never finishes its closing
    /// handshake but keeps sending would count for ever.
    pub(super) fn activity(&mut self, key: ConnectionKey, now: Duration, rules: &Rules) {
        if let Some(connection) = self.open_connection(key) {
            connection.lease.last_activity = now;
            if rules.tenant == Tenant::Socket {
                connection.lease = Lease::starting(now, rules.lease);
            }
        }
    }

    /// The node holds the socket still. How long it may close is the node's to watch.
    pub(super) fn renewed(
        &mut self,
        key: ConnectionKey,
        since_activity: Duration,
        now: Duration,
        rules: &Rules,
    ) {
        if let Some(connection) = self.connection_mut(key.connection) {
            connection.lease = Lease {
                last_activity: now.saturating_sub(since_activity),
                deadline: now + rules.lease,
            };
        }
    }
}
