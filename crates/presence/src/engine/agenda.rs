//! What runs out when: ordered sets of deadlines, an exact image of all leases and graces.

use super::{grace::Grace, lease::Lease, user::User};
use crate::ConnectionKey;
use protocol::UserId;
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

/// Times are monotonic.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Agenda {
    pub(super) leases: BTreeSet<(Duration, ConnectionKey)>,
    pub(super) graces: BTreeSet<(Duration, UserId)>,
}

impl Agenda {
    /// The agenda of all these users' leases and graces.
    pub(super) fn of(users: &HashMap<UserId, User>) -> Self {
        let mut agenda = Self::default();
        for (id, user) in users {
            for connection in &user.connections {
                agenda.add_lease(connection.registration.key(), &connection.lease);
            }
            if let Some(grace) = &user.grace {
                agenda.add_grace(*id, grace);
            }
        }
        agenda
    }

    pub(super) fn first(&self) -> Option<Duration> {
        let lease = self.leases.first().map(|(deadline, _)| *deadline);
        let grace = self.graces.first().map(|(deadline, _)| *deadline);
        lease.into_iter().chain(grace).min()
    }

    pub(super) fn add_lease(&mut self, key: ConnectionKey, lease: &Lease) {
        self.leases.insert((lease.deadline, key));
    }

    pub(super) fn remove_lease(&mut self, key: ConnectionKey, lease: &Lease) {
        self.leases.remove(&(lease.deadline, key));
    }

    pub(super) fn replace_lease(&mut self, key: ConnectionKey, old: &Lease, new: &Lease) {
        self.remove_lease(key, old);
        self.add_lease(key, new);
    }

    pub(super) fn add_grace(&mut self, user: UserId, grace: &Grace) {
        self.graces.insert((grace.deadline, user));
    }

    pub(super) fn remove_grace(&mut self, user: UserId, grace: &Grace) {
        self.graces.remove(&(grace.deadline, user));
    }

    pub(super) fn pop_due_lease(&mut self, now: Duration) -> Option<ConnectionKey> {
        let (deadline, key) = *self.leases.first()?;
        (deadline <= now).then(|| {
            self.leases.pop_first();
            key
        })
    }

    pub(super) fn pop_due_grace(&mut self, now: Duration) -> Option<UserId> {
        let (deadline, user) = *self.graces.first()?;
        (deadline <= now).then(|| {
            self.graces.pop_first();
            user
        })
    }
}
