//! What runs out when: ordered sets of deadlines, an exact image of all leases, graces and
//! inputs.

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
    /// From when on users are away.
    pub(super) aways: BTreeSet<(Duration, UserId)>,
}

impl Agenda {
    /// The agenda of all these users' leases, graces and inputs.
    pub(super) fn of(users: &HashMap<UserId, User>) -> Self {
        let mut agenda = Self::default();
        for (id, user) in users {
            for connection in &user.connections {
                agenda.add_lease(connection.registration.key(), &connection.lease);
            }
            if let Some(grace) = &user.grace {
                agenda.add_grace(*id, grace);
            }
            agenda.replace_away(*id, None, user.away_due);
        }
        agenda
    }

    pub(super) fn first(&self) -> Option<Duration> {
        let lease = self.leases.first().map(|(deadline, _)| *deadline);
        let of_user =
            |set: &BTreeSet<(Duration, UserId)>| set.first().map(|(deadline, _)| *deadline);
        [lease, of_user(&self.graces), of_user(&self.aways)]
            .into_iter()
            .flatten()
            .min()
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

    pub(super) fn replace_away(
        &mut self,
        user: UserId,
        old: Option<Duration>,
        new: Option<Duration>,
    ) {
        if let Some(old) = old {
            self.aways.remove(&(old, user));
        }
        if let Some(new) = new {
            self.aways.insert((new, user));
        }
    }

    pub(super) fn pop_due_lease(&mut self, now: Duration) -> Option<ConnectionKey> {
        let (deadline, key) = *self.leases.first()?;
        (deadline <= now).then(|| {
            self.leases.pop_first();
            key
        })
    }

    pub(super) fn pop_due_grace(&mut self, now: Duration) -> Option<UserId> {
        pop_due(&mut self.graces, now)
    }

    pub(super) fn pop_due_away(&mut self, now: Duration) -> Option<UserId> {
        pop_due(&mut self.aways, now)
    }
}

fn pop_due(set: &mut BTreeSet<(Duration, UserId)>, now: Duration) -> Option<UserId> {
    let (deadline, user) = *set.first()?;
    (deadline <= now).then(|| {
        set.pop_first();
        user
    })
}
